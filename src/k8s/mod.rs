//! What a Kubernetes object is: its text, identity and scope, what it may be called, whether its
//! API is deprecated. Knows nothing of where it came from.

mod deprecated;
mod documents;
mod naming;
mod object;
mod scope;

pub use deprecated::deprecation;
pub use documents::split;
pub use naming::NameRule;
pub use object::{Identity, Object, identify};
pub use scope::Scopes;
