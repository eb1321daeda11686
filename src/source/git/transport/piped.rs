use std::io::{self, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::meter::Meter;
use crate::source::error::{SourceError, UNREACHABLE, foreign};
use crate::source::program::Program;

/// The most bytes kept of what a program complains about.
const MAX_COMPLAINT_BYTES: u64 = 4096;

/// A program that speaks the git protocol by its pipes.
pub(super) struct Piped {
    name: &'static str,
    input: ChildStdin,
    output: ChildStdout,
    complaint: Option<JoinHandle<String>>,
    /// The program has nothing more to say.
    ended: bool,
    /// Ended when dropped.
    _program: Program,
    meter: Meter,
}

impl Piped {
    /// Starts a program; `name` is what messages call it.
    pub(super) fn start(name: &'static str, mut command: Command, meter: &Meter) -> io::Result<Self> {
        let unreachable = |words: String| meter.fail(SourceError::world(UNREACHABLE, words));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let slow = meter.clone();
        let late = move || {
            let _kept = slow.fail(slow.too_slow());
        };
        let mut program = Program::start(&mut command, meter.remaining()?, late)
            .map_err(|error| unreachable(format!("{}: cannot start `{name}`: {error}", meter.shown())))?;
        let (Some(input), Some(output), Some(errors)) = program.pipes() else {
            return Err(unreachable(format!("{}: `{name}` has no pipes", meter.shown())));
        };
        let complaint = Some(thread::spawn(move || listen(errors)));
        Ok(Self { input, output, complaint, ended: false, name, _program: program, meter: meter.clone() })
    }

    /// Whether the program has nothing more to say.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Puts what the program complained about into the failure.
    pub(super) fn explain(mut self, error: io::Error, help: &str) -> io::Error {
        let complaint = self.complaint.take().and_then(|listener| listener.join().ok()).unwrap_or_default();
        if complaint.trim().is_empty() {
            return error;
        }
        let words = format!("{}: {}: {}", self.meter.shown(), self.name, foreign(&complaint));
        self.meter.replace(SourceError::world(UNREACHABLE, words).help(help))
    }
}

/// Reads everything so that the program never waits, and keeps the beginning.
fn listen(mut errors: ChildStderr) -> String {
    let mut kept = Vec::new();
    // What cannot be read is not shown.
    let _ = errors.by_ref().take(MAX_COMPLAINT_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut errors, &mut io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer).map_err(|error| self.meter.broken(&error))?;
        self.ended |= count == 0;
        self.meter.count(count)?;
        Ok(count)
    }
}

impl Write for Piped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.write(bytes).map_err(|error| self.meter.broken(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.flush()
    }
}
