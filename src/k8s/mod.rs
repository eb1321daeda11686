//! What a Kubernetes object is: its text, identity and scope, what it may be called, whether its
//! API is deprecated, what a [`jsonpath`] finds in it, and what an [`ImageRef`] names. Knows nothing of where it came from.

mod deprecated;
mod documents;
mod image;
pub mod jsonpath;
mod naming;
mod object;
mod scope;

pub use deprecated::deprecation;
pub use documents::split;
pub use image::{ImageOverride, ImageRef, is_digest, is_repository, is_tag, split_registry};
pub use naming::{NameRule, is_subdomain};
pub use object::{Identity, Object, identify};
pub use scope::Scopes;
