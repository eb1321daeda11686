//! The Sprig function library (3.3.0, as Helm has it: without `env` and `expandenv`).
//!
//! What leaves this room is data: static tables of functions with the Go types of their parameters.
//! The executor checks arguments against those types before a call, so the bodies only see arguments
//! that fit. A Go panic inside a function is the error that Go's executor makes of it.
//!
//! Functions whose results are not determined by their arguments (random text, keys, the time) ask
//! the running execution's host. This room knows nothing of charts, and reads neither clock,
//! environment nor network itself.

mod call;
mod case;
mod crypto;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encode;
mod json;
mod lists;
mod merge;
mod numbers;
mod parts;
mod paths;
mod random;
mod regex;
mod semver;
mod strings;
mod types;
mod unicode;
mod urls;
mod wrap;

pub use call::{PARSED_BYTES, marshalled};

use crate::gotmpl::Func;

/// All functions, one table for each family.
pub fn tables() -> &'static [&'static [Func]] {
    static TABLES: &[&[Func]] = &[
        strings::TABLE,
        parts::TABLE,
        case::TABLE,
        wrap::TABLE,
        lists::TABLE,
        dicts::TABLE,
        merge::TABLE,
        types::TABLE,
        defaults::TABLE,
        numbers::TABLE,
        decimal::TABLE,
        dates::TABLE,
        regex::TABLE,
        json::TABLE,
        encode::TABLE,
        paths::TABLE,
        urls::TABLE,
        random::TABLE,
        semver::TABLE,
        crypto::PASSWORDS,
        crypto::AES,
        crypto::KEYS,
        crypto::CERTIFICATES,
    ];
    TABLES
}

#[cfg(test)]
mod tests;
