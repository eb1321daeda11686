//! Go's own behaviours, one a file or folder, each held by a table of what Go does
//! (`testdata/golang`). Values and bytes go in, values and bytes come out, errors are Go's texts;
//! nothing here knows of templates, charts or files.

pub mod cast;
pub mod float;
pub mod fmt;
pub mod glob;
pub mod json;
pub mod path;
pub mod regexp;
pub mod semver;
pub mod strconv;
pub mod time;
pub mod toml;
pub mod url;
pub mod utf8;
pub mod validator;

#[cfg(test)]
mod float_tests;
#[cfg(test)]
pub(crate) mod table;
