//! What a Kubernetes object is: its text, identity and scope. Knows nothing of where it came from.

mod documents;
mod object;
mod scope;

pub use documents::split;
pub use object::{Identity, Object, identify};
pub use scope::Scopes;
