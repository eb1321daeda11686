use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};

use crate::report::printable;

/// Why a command of helm's gave nothing.
pub struct Failure {
    /// Helm's text.
    pub message: String,
    /// Where the cause stands, where the text does not say.
    pub places: Vec<String>,
    /// What was made all the same and belongs on standard output.
    pub output: Vec<u8>,
}

impl Failure {
    /// A failure with the places of its cause.
    pub fn at(message: impl Into<String>, places: Vec<String>) -> Self {
        Self { message: message.into(), places, output: Vec::new() }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::at(message, Vec::new())
    }
}

/// What a command gives: the bytes for standard output.
pub type Outcome = Result<Vec<u8>, Failure>;

/// Prints what a command gave. Returns the exit code.
pub fn finish(outcome: Outcome) -> u8 {
    let (output, failure) = match outcome {
        Ok(output) => (output, None),
        Err(mut failure) => (std::mem::take(&mut failure.output), Some(failure)),
    };
    let mut out = io::stdout().lock();
    let printed = out.write_all(&output).and_then(|()| out.flush());
    let unprinted = |error| Failure::from(format!("write stdout: {}", go_words(&error)));
    match failure.or_else(|| printed.err().map(unprinted)) {
        None => 0,
        Some(failure) => {
            for place in failure.places {
                say(&format!("at {place}"));
            }
            say(&format!("Error: {}", failure.message));
            1
        }
    }
}

/// Prints a line to stderr: as it is, as helm does, but to a terminal without what could forge the screen.
/// A closed stderr is no reason to fail.
pub fn say(line: &str) {
    let mut stderr = io::stderr();
    let line = if stderr.is_terminal() { printable(line) } else { Cow::Borrowed(line) };
    let _ = writeln!(stderr, "{line}");
}

/// Prints a line to stdout while the command goes on. A closed stdout is told in the end, if at all.
pub fn tell(line: &str) {
    let _ = writeln!(io::stdout(), "{}", printable(line));
}

/// The message of an operating system error in Go's words: without a number, in lower case.
pub fn go_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        io::ErrorKind::AlreadyExists => "file exists".to_owned(),
        _ => error.to_string(),
    }
}
