use std::thread;

use crate::gotmpl::Limits;
use crate::helm::ReleaseOptions;

use super::failure::{Outcome, go_words};
use super::pflag::Words;

/// Stack for nested templates: Helm's own limits, not ours, should end a recursion.
const STACK_BYTES: usize = 480 << 20;

/// Runs a command that executes templates on a thread whose stack holds the limits that it is given.
pub fn with_room(words: Words, run: fn(Words, Limits) -> Outcome) -> Outcome {
    let limits = Limits { stack_bytes: STACK_BYTES, ..ReleaseOptions::new("").limits };
    let worker = thread::Builder::new().stack_size(limits.thread_stack()).spawn(move || run(words, limits));
    match worker.map(thread::JoinHandle::join) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(go_words(&error).into()),
    }
}
