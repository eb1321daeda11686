//! The dependencies of charts: which ones a chart lacks, and the chart with them.
//!
//! A tree with a chart in it enters [`needed_charts`]; what it declares and does not carry leaves, as
//! sources to be asked for and locked like any other. [`complete_chart`] lays what the lock pins into
//! its `charts/`. Nothing is fetched here, and conditions do not matter: whether a dependency is
//! enabled shows when rendering.

mod complete;
mod declared;
mod locked;
mod needed;

pub use complete::complete_chart;
pub use needed::{Needed, NeededChart, NeededFrom, needed_charts};

#[cfg(test)]
mod tests;
