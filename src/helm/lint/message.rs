use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Against a convention.
    Warning,
    /// The chart will not work.
    Error,
}

/// Something that a rule found. Prints as Helm prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub severity: Severity,
    /// The file of the chart, or the chart's folder.
    pub path: String,
    /// Helm's text.
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(f, "[{severity}] {}: {}", self.path, self.text)
    }
}

/// What the rules found so far.
#[derive(Debug, Default)]
pub struct Findings {
    messages: Vec<Message>,
}

impl Findings {
    /// Keeps what a rule found in a file, if anything. Returns whether it found nothing.
    pub fn check(&mut self, severity: Severity, path: &str, outcome: Result<(), String>) -> bool {
        match outcome {
            Ok(()) => true,
            Err(text) => {
                self.messages.push(Message { severity, path: path.to_owned(), text });
                false
            }
        }
    }

    /// All of it, in order.
    pub fn into_messages(self) -> Vec<Message> {
        self.messages
    }
}
