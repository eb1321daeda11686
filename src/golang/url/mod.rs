//! URLs as Go's `net/url` reads, joins and prints them, with its error texts.
//!
//! Text enters, a [`Url`] in parts leaves, and the other way round. Nothing here reaches out.

mod address;
mod escape;
mod parse;
mod print;
mod reference;

pub use address::check as check_address;
pub use parse::{hostname, parse};
pub use reference::same;

/// A URL in parts, as `net/url` keeps it: path, host and fragment without escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In lower case.
    pub scheme: Vec<u8>,
    /// What follows the scheme of a URL without a path, such as `mailto:`.
    pub opaque: Vec<u8>,
    /// User and password.
    pub user: Option<User>,
    /// Host and port.
    pub host: Vec<u8>,
    /// The path.
    pub path: Vec<u8>,
    /// The path as written, where it is not how the path would be escaped.
    pub raw_path: Vec<u8>,
    /// After `?`, as written.
    pub query: Vec<u8>,
    /// After `#`.
    pub fragment: Vec<u8>,
}

/// User and password of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: Vec<u8>,
    /// The password.
    pub password: Option<Vec<u8>>,
}

#[cfg(test)]
mod tests;
