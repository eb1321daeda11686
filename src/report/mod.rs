//! For eyes and machines: diagnostics, progress, summaries. Everything here goes to stderr; stdout
//! belongs to data.

mod difference;
mod human;
mod number;
mod printable;
mod progress;
mod redact;
mod snippet;

pub use difference::difference;
pub use human::{Color, Reporter};
pub use number::grouped;
pub use printable::printable;
pub use progress::{Progress, Transfers};
