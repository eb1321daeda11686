//! Layered configuration: loading, merging, and the scope of each component.
//!
//! In: the `config/` folder of each loaded component and the names of the environments.
//! Out: one [`Scope`] per component, whose values know where they were set ([`ConfigNode`]).
//! This room knows nothing of charts and of how values are used; numbers become what Helm makes of
//! them (`float64`) only at the border, in [`Scope::values`].

mod node;
mod scope;

pub use node::{ConfigMap, ConfigNode, ConfigValue, Layer};
pub use scope::{Scope, Setting};
