use std::process::ExitCode;

/// Rendering makes many small values: a fifth of a cold run's time went into the C library's allocator, and
/// far more where that is musl's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kiln::cli::main()
}
