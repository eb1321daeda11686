//! Layered configuration: loading, merging, and the scope of each component.
//!
//! In: the `config/` folder of each loaded component and the names of the environments.
//! Out: [`Settings`] merged from all [`Layers`], and of them one [`Scope`] per component, whose
//! values know where they were set ([`ConfigNode`]).
//! This room knows nothing of charts and of how values are used; numbers become what Helm makes of
//! them (`float64`) only at the border, in [`Scope::values`].

mod layers;
mod merge;
mod node;
mod read;
mod scope;
mod settings;

pub use layers::{COMMON, LayerFile, Layers, layer_order};
pub use merge::{MergeRules, merge};
pub use node::{ConfigMap, ConfigNode, ConfigValue, Layer};
pub use scope::{Scope, Setting};
pub use settings::{Below, Settings};
