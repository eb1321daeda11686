//! Faults: kills, signals, full disks, system calls that fail, read-only folders, two processes at once.
//! Whatever happens, output, store, lock and edited files are as they were or as they shall be, the next
//! run puts everything in order, and nothing temporary is left after it.
//!
//! The tests run a few rounds each, with random moments whose seed is printed. `KILN_FAULTS=1000` asks
//! for as many rounds, `KILN_FAULTS_SEED` for a seed that was printed:
//!
//! ```sh
//! KILN_FAULTS=1000 cargo test --release --test faults -- --nocapture
//! ```
//!
//! System calls are made to fail with `strace`; where it is missing or may not trace, those tests say so
//! and pass. An out-of-space file system needs the right to mount; without it files have a size limit.
#![cfg(unix)]

#[path = "../harness/settings.rs"]
mod settings;

mod calls;
mod disk;
mod kills;
mod landings;
mod pairs;
mod project;
mod publish;
mod rounds;
mod scarce;
mod sources;
mod streams;
