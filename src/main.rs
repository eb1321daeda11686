use std::process::ExitCode;

/// A release is rendered in a thread of its own from many small strings; the system's allocator asks
/// the kernel for a thread's memory in steps of a few pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kiln::cli::main()
}
