//! Patterns over paths: gobwas/glob 0.2.3 with separator `/` ([`Glob`]) and Go's `filepath.Match`
//! ([`path_match`]). They differ: the first has alternatives, `**` and `[!…]`, the second `[^…]`.

mod gobwas;
mod parse;
mod path_match;

pub use gobwas::Glob;
pub use path_match::path_match;

#[cfg(test)]
mod tests;
