//! For eyes and machines: diagnostics, progress, summaries. Everything here goes to stderr; stdout
//! belongs to data.

mod human;
mod progress;
mod redact;

pub use human::{Color, Reporter};
pub use progress::{Progress, Transfers};
