use crate::gotmpl::Limits;
use crate::helm::ReleaseOptions;

use super::super::TEMPLATE_STACK_BYTES;
use super::failure::Outcome;
use super::pflag::Words;

/// Runs a command that executes templates with the limits of this thread, which has the program's
/// stack: Helm's own limits, not ours, should end a recursion.
pub fn with_room(words: Words, run: fn(Words, Limits) -> Outcome) -> Outcome {
    run(words, Limits { stack_bytes: TEMPLATE_STACK_BYTES, ..ReleaseOptions::new("").limits })
}
