//! Objects to objects. A transform splices the bytes it changes and leaves the author's text alone.

mod namespace;

pub use namespace::{InjectionRule, inject_namespace};
