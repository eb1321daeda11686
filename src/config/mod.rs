//! Layered configuration: loading, merging, and the scope of each component.
//!
//! In: the `config/` folder of each loaded component and the names of the environments.
//! Out: for each component a [`Composition`] of what its [`Layers`] say, which is merged into a
//! [`Scope`], whose values know where they were set ([`ConfigNode`]). Layers may name documents in
//! ConfigMaps and Secrets, share values among components, and have a [`patch`] file.
//! This room knows nothing of charts and of how values are used; numbers become what Helm makes of
//! them (`float64`) only at the border, in [`Scope::values`].

mod assignments;
mod composition;
mod documents;
mod embedded;
mod expressions;
mod fold;
mod layers;
mod merge;
mod node;
mod order;
pub mod patch;
mod read;
mod scope;
mod settings;
mod values;

pub use assignments::{AssignmentKind, Assignments};
pub use composition::{Composed, Composition, Stratum};
pub use documents::LoadedDocument;
pub use layers::{COMMON, LayerFile, Layers};
pub use merge::{MergeRules, merge_values};
pub use node::{ConfigMap, ConfigNode, ConfigValue, Layer};
pub use order::layer_order;
pub use scope::{Scope, Setting};
pub use settings::{Below, Settings, Shared};
