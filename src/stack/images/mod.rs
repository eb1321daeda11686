//! `images.yaml`: which image a channel stands for, and into which values of which component it goes.
//!
//! In: the project's folder ([`load_images`]). Out: an [`ImageFile`] of images with their channels, of
//! bindings, and of overrides for rendered objects. What one cluster says about images is read here too
//! ([`ClusterImages`]). Whether the components exist, and which image a component gets, is for others to say.

mod choice;
mod cluster;
mod file;
mod read;

pub use choice::ImageChoice;
pub(super) use cluster::ClusterImageSettings;
pub use cluster::{ClusterImages, Pin};
pub use file::{Binding, BoundValues, ImageEntry, ImageFile};
pub use read::{IMAGES_FILE, load_images, unknown_image, value_path};

#[cfg(test)]
mod tests;
