//! What a Kubernetes object is: its text, identity and scope, what it may be called, whether its
//! API is deprecated, and what a [`jsonpath`] finds in it. Knows nothing of where it came from.

mod deprecated;
mod documents;
pub mod jsonpath;
mod naming;
mod object;
mod scope;

pub use deprecated::deprecation;
pub use documents::split;
pub use naming::{NameRule, is_subdomain};
pub use object::{Identity, Object, identify};
pub use scope::Scopes;
