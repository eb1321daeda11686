//! kiln compiles high-level stack definitions into plain Kubernetes YAML.
//!
//! The rooms are layers: a room may use rooms of lower layers. `docs/architecture.md` has the
//! picture, and a test holds it.

// 0 ground
pub mod diag;
pub mod span;
// 1 matter
pub mod golang;
pub mod value;
pub mod yaml;
// 2 material
pub mod k8s;
pub mod source;
// 3 engines
pub mod gotmpl;
pub mod helm;
pub mod jinja;
pub mod sprig;
// 4 stages
pub mod config;
pub mod output;
pub mod render;
pub mod stack;
pub mod transform;
// 5 way
pub mod pipeline;
// 6 door
pub mod cli;
pub mod report;
