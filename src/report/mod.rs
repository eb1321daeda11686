//! For eyes and machines: diagnostics, progress, summaries. Everything here goes to stderr; stdout
//! belongs to data.

mod human;
mod printable;
mod progress;
mod redact;
mod running;
mod snippet;

pub use crate::diag::grouped;
pub use crate::output::difference;
pub use human::{Color, Reporter};
pub use printable::printable;
pub use progress::{Progress, Transfers};
