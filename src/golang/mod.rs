//! Go's own behaviours, one a file, each held by a table of what Go does.

pub mod cast;
pub mod float;
pub mod fmt;
pub mod glob;
pub mod json;
pub mod regexp;
pub mod semver;
pub mod strconv;
pub mod time;
pub mod toml;
