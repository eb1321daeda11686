use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::environment::Environment;
use crate::source::program::Program;

/// The most bytes of an answer.
const MAX_BYTES: u64 = 64 * 1024;
/// How long such a program may think. Some unlock a keychain.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks a program that keeps credentials: the question goes to its standard input, never into its
/// arguments; the answer is what it prints. The error says why there is none, without what the
/// program said, which may hold a secret.
pub(in crate::source) fn credential_program(
    command: &mut Command,
    environment: &Environment,
    question: &str,
) -> Result<Vec<u8>, String> {
    command
        .env_clear()
        .envs(environment.all())
        // Nobody is there to answer questions.
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GCM_INTERACTIVE", "never")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut program =
        Program::start(command, PATIENCE, || {}).map_err(|error| format!("cannot be started: {}", error.kind()))?;
    let (input, output, _) = program.pipes();
    let mut answer = Vec::new();
    if let (Some(mut input), Some(output)) = (input, output) {
        // A program that answers without reading is fine.
        let _ = input.write_all(question.as_bytes());
        drop(input);
        output.take(MAX_BYTES).read_to_end(&mut answer).map_err(|error| error.kind().to_string())?;
    }
    match program.finish() {
        Ok(true) => Ok(answer),
        Ok(false) => Err("has no answer".to_owned()),
        Err(error) => Err(error.kind().to_string()),
    }
}
