//! Go's text/template: text in, a compiled set of templates out; a set and data in, bytes out.
//! Knows nothing of charts or of any function beyond Go's builtins.

mod error;
mod func;

pub use error::ExecError;
pub use func::{Call, CallError, Func, Host, Running, Site, TextError};
