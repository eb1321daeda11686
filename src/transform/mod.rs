//! Objects to objects. A transform splices the bytes it changes and leaves the author's text alone.

mod images;
mod namespace;

pub use images::{container_images, override_images};
pub use namespace::{InjectionRule, inject_namespace};
