use super::command::{Action, Arguments};
use super::failure::Outcome;
use super::pflag::Words;

/// `helm plugin list`: an empty table, because kiln runs no plugins.
pub const LIST: Action = Action { usage: "", arguments: Arguments::Any, flags: &[], run: list };

fn list(_: Words) -> Outcome {
    Ok(b"NAME\tVERSION\tDESCRIPTION\n".to_vec())
}
