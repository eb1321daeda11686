use std::fmt;

/// Causes of Go's `strconv.NumError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumError {
    /// Not a number.
    Syntax,
    /// Out of range.
    Range,
}

impl NumError {
    /// The whole error as Go words it, such as `strconv.Atoi: parsing "x": invalid syntax`.
    pub fn message(self, function: &str, text: &str) -> String {
        format!("strconv.{function}: parsing {}: {self}", super::quote(text.as_bytes()))
    }
}

impl fmt::Display for NumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumError::Syntax => "invalid syntax",
            NumError::Range => "value out of range",
        })
    }
}
