//! Component definitions: what a stack wants, as written and as resolved.

mod hooks;

pub use hooks::{Hook, Hooks};
