//! Masterminds/semver v3.5: texts in, [`Version`]s and [`Constraints`] out. Errors and reasons are
//! that library's texts. Templates see these through sprig's objects.

mod check;
mod constraint;
mod scan;
mod version;

pub use constraint::Constraints;
pub use version::Version;

#[cfg(test)]
mod tests;
