//! Go's text/template: text in, a compiled set of templates out; a set and data in, bytes out.
//!
//! ```text
//! text ─lex─▶ tokens ─parse─▶ Template { slots, functions, field chains resolved } ─▶ TemplateSet
//! TemplateSet + data + Host + Options ─exec─▶ bytes | ExecError
//! ```
//!
//! A [`TemplateSet`] is parsed once and shared by threads; a [`Run`] executes templates of it on one
//! thread, within [`Limits`]. Results and messages are those of Go 1.26. Knows nothing of charts or
//! of any function beyond Go's builtins: tools bring theirs as tables of [`Func`], and reach their
//! own state through [`Host`].

mod ast;
mod batch;
mod builtin;
mod error;
mod exec;
mod func;
mod lex;
mod limits;
mod number;
mod parse;
mod parts;
mod print;
mod set;
mod stack;

pub use builtin::FuncTable;
pub use error::ExecError;
pub use exec::Run;
pub use func::{Call, CallError, Func, Host, Running, Site, TextError};
pub use limits::{Limit, Limits, MissingKey, Options};
pub use parse::{ParseError, Unclosed};
pub use parts::{Workers, in_parts};
pub use set::TemplateSet;

#[cfg(test)]
mod tests;
