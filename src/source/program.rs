use std::io;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::interrupt::{Group, kill_group};

/// A program that was started, in a process group of its own. It is ended, with all that it started,
/// when its time is over, when this process is interrupted, and when dropped.
pub(super) struct Program {
    child: Arc<Mutex<Child>>,
    id: u32,
    ended: bool,
    _group: Group,
    /// Ends the watch over the program when dropped.
    _watch: Sender<()>,
}

/// Runs a program to its end and gives what it printed; it is ended, with all that it started, when
/// this process is interrupted.
pub fn run_program(command: &mut Command) -> io::Result<Output> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let _group = Group::new(child.id());
    child.wait_with_output()
}

impl Program {
    /// Starts a program that may run as long as `patience`; `late` is called when it is ended for that.
    pub(super) fn start(
        command: &mut Command,
        patience: Duration,
        late: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.spawn()?;
        let id = child.id();
        let child = Arc::new(Mutex::new(child));
        let (watch, ended) = mpsc::channel::<()>();
        let watched = Arc::clone(&child);
        thread::spawn(move || {
            if ended.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                late();
                end(&mut watched.lock().unwrap_or_else(PoisonError::into_inner), id);
            }
        });
        Ok(Self { child, id, ended: false, _group: Group::new(id), _watch: watch })
    }

    /// Its pipes, those that were asked for. They can be taken once.
    pub(super) fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    }

    /// Waits for its end; gives whether it went well. Its output must have been read before.
    pub(super) fn finish(mut self) -> io::Result<bool> {
        loop {
            // The watch must be able to end it meanwhile.
            let status = self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?;
            if let Some(status) = status {
                self.ended = true;
                return Ok(status.success());
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn end(child: &mut Child, id: u32) {
    if !matches!(child.try_wait(), Ok(Some(_))) {
        kill_group(id);
        // It may end by itself meanwhile.
        let _ = child.kill();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.ended {
            let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
            end(&mut child, self.id);
            let _ = child.wait();
        }
    }
}
