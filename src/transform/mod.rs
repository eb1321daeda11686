//! Objects to objects. A transform splices the bytes it changes and leaves the author's text alone.

mod images;
mod namespace;
mod parsed;
pub mod references;
mod splices;
pub mod suffix;

pub use images::{container_images, override_images};
pub use namespace::{InjectionRule, inject_namespace, move_to_namespace};
