//! `kiln image set`: from the name of an image to the values that say it.
//!
//! In: wishes such as `acme/web=acme/web:1.5.0` ([`Wanted`]) and the files of a project. A search goes through
//! `images.yaml`, through what its bindings name, and through the conventions that values follow, and finds
//! [`Candidate`]s; one of them, or with `--all` each, is changed where it stands. A wish that fits several places
//! is refused, and one that fits none too: no key is ever made up for it.

mod candidate;
mod conventions;
mod kit;
mod ours;
mod search;
mod set;
mod wanted;
mod write;

pub use kit::{KitWish, set_in_kit};
pub use search::values_of_chart;
pub use set::{ImageWish, set_images};
pub use wanted::Wanted;
