//! Ctrl-C and its kin: programs that were started are ended, nothing half made stays, and the exit code
//! says which signal it was.

use std::io::Write;

/// Runs work that fetches or edits and that an interrupt should end in order, and gives its exit code:
/// 128 and the number of the signal when it was ended by one.
pub fn while_watched(work: impl FnOnce() -> u8) -> u8 {
    watched(work, |_| {})
}

/// Runs work that compiles and writes output, and gives its exit code as [`while_watched`] does. An
/// interrupt ends the process at once, unless the new output is in its place already: then the work
/// comes to its end.
pub fn while_writing(work: impl FnOnce() -> u8) -> u8 {
    watched(work, |signal| {
        if !crate::output::stop() {
            leave(signal);
        }
    })
}

#[cfg(not(unix))]
fn watched(work: impl FnOnce() -> u8, _heard: impl Fn(i32) + Send + 'static) -> u8 {
    work()
}

#[cfg(unix)]
fn watched(work: impl FnOnce() -> u8, heard: impl Fn(i32) + Send + 'static) -> u8 {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return work() };
    let (handle, received) = (signals.handle(), Arc::new(AtomicI32::new(0)));
    let shared = Arc::clone(&received);
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if shared.swap(signal, Ordering::SeqCst) != 0 {
                // Somebody is in a hurry.
                leave(signal);
            }
            crate::source::interrupt();
            std::thread::spawn(move || {
                std::thread::sleep(PATIENCE);
                leave(signal);
            });
            heard(signal);
        }
    });
    let code = work();
    handle.close();
    match received.load(Ordering::SeqCst) {
        0 => code,
        _ if code == super::exit::OK => code,
        signal => exit_code(signal),
    }
}

/// How long the work may take to end in order.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(600);

/// Ends the process at once. What it wrote is whole: files come into their places by renaming.
fn leave(signal: i32) -> ! {
    crate::source::abandon();
    // Nobody may be there to read it.
    let words = if crate::output::is_changed() { "" } else { crate::source::after_interrupt() };
    let _ = writeln!(std::io::stderr(), "kiln: interrupted{words}");
    std::process::exit(exit_code(signal).into())
}

fn exit_code(signal: i32) -> u8 {
    u8::try_from(signal).map_or(super::exit::INTERNAL, |signal| signal.saturating_add(super::exit::SIGNALS))
}
