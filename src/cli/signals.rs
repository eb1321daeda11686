//! Ctrl-C and its kin while sources are fetched: programs are ended, nothing half made stays, and the
//! exit code says which signal it was.

/// Runs work that an interrupt should end in order, and gives its exit code: 128 and the number of the
/// signal when it was ended by one.
#[cfg(unix)]
pub fn while_watched(work: impl FnOnce() -> u8) -> u8 {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return work() };
    let (handle, received) = (signals.handle(), Arc::new(AtomicI32::new(0)));
    let heard = Arc::clone(&received);
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if heard.swap(signal, Ordering::SeqCst) != 0 {
                // Somebody is in a hurry.
                leave(signal);
            }
            crate::source::interrupt();
            std::thread::spawn(move || {
                std::thread::sleep(PATIENCE);
                leave(signal);
            });
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

/// Runs work; here nothing watches over it.
#[cfg(not(unix))]
pub fn while_watched(work: impl FnOnce() -> u8) -> u8 {
    work()
}

/// How long the work may take to end in order.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(600);

/// Ends the process at once. What it wrote is whole: files come into their places by renaming.
#[cfg(unix)]
fn leave(signal: i32) -> ! {
    crate::source::abandon();
    // Nobody may be there to read it.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), b"kiln: interrupted: nothing was changed\n");
    std::process::exit(exit_code(signal).into())
}

#[cfg(unix)]
fn exit_code(signal: i32) -> u8 {
    u8::try_from(signal).map_or(super::exit::INTERNAL, |signal| signal.saturating_add(super::exit::SIGNALS))
}
