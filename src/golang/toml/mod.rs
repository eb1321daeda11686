//! TOML as BurntSushi/toml 1.6.0 has it: values in, text out ([`marshal`]); text in,
//! [`Frozen`](crate::value::Frozen) data out ([`unmarshal`]).
//!
//! Reading is toml_edit's; the wording of syntax errors is its own, below BurntSushi's
//! `toml: line N: `. Dates and times are read as strings, in the form that JSON and YAML give them.

mod decode;
mod encode;

pub use decode::unmarshal;
pub use encode::marshal;

#[cfg(test)]
mod tests;
