//! Values of a release: user values are merged over each other, then over the defaults of a chart and
//! its subcharts, as Helm does, quirks included.
//!
//! The functions work on shared, mutable maps of one release. Chart defaults enter as frozen maps and
//! are opened only where something is written.

mod coalesce;
mod documents;
mod path;
mod user;

pub(super) use coalesce::{Coalescing, coalesce_chart, merge_tables};
pub use documents::{ValuesError, read_values};
pub(super) use path::{is_table, path_value, table};
pub use user::merge_over;

/// The key of the values that every chart of a release sees.
pub(super) const GLOBAL: &str = "global";

#[cfg(test)]
mod tests;
