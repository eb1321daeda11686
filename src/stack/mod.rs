//! Component definitions: what a stack wants, as written and as resolved.
//!
//! In: a folder with `component.yaml` or `component.json` ([`resolve`]) and the fetched sources
//! ([`Materials`]). Out: a [`Graph`] whose nodes know their folder, their material, their output
//! file and what is wrong with them. Environments and configuration are unknown here; files of the
//! project are read by [`read_yaml_or_json`] and [`FieldRules`], which `config/` uses too.

mod api_versions;
mod clusters;
mod condition;
mod content;
mod document;
mod documents;
mod emit;
mod fields;
mod file;
mod fill;
mod graph;
mod hooks;
mod images;
mod material;
mod name;
mod place;
mod policy;
mod project;
mod publish;
mod reading;
mod resolve;
mod spec;

pub use clusters::{
    CLUSTERS_FILE, CapabilityProfile, Cluster, ClusterFile, ComponentFilter, Selector, SelectorError, load_clusters,
};
pub use condition::Condition;
pub use content::PATH_NOT_FOUND;
pub use document::{ProjectDocument, read_text, read_yaml, read_yaml_or_json};
pub use documents::{DocumentKind, ValuesDocument, read_documents, read_path};
pub use emit::{ArgoSpec, EmitSpec, FluxSpec, SiteText, read_emit};
pub use fields::{FieldCodes, FieldRules, Fields, duplicate_key, is_merge_key, kind_of, merged_maps};
pub use file::COMPONENT_KEYS;
pub use graph::{Answer, Content, Fetch, Graph, Node, NodeId};
pub use hooks::{Hook, Hooks};
pub use images::{
    Binding, BoundValues, ClusterImages, IMAGES_FILE, ImageChoice, ImageEntry, ImageFile, Pin as ImagePin, load_images,
    unknown_image, value_path,
};
pub use material::{Material, Materials, NoMaterials};
pub use name::check_name;
pub use place::{Reach, open_path};
pub use policy::{ListRule, MergePolicy, NullRule, PathRule};
pub use project::{
    Nondeterminism, PROJECT_FILE, ProjectFile, RenderLimits, SignedSource, Trust, TrustedSource, load_project_file,
};
pub use publish::{
    Author, CommitRules, DeleteLimits, Layout, Mode, PUBLISH_FILE, PublishFile, SecretRule, Split, fill_folder,
    load_publish, parse_owner,
};
pub use reading::Reading;
pub use resolve::{StackInput, resolve};
pub use spec::{ComponentSpec, ComponentType, Method, Text};
