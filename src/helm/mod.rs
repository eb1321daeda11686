//! Charts: loading, values, dependencies, rendering, and printing, as Helm 3.21 does, or Helm 4.2 where a
//! chart is loaded for it ([`Compat`] holds every difference).
//!
//! A [`Tree`](crate::source::Tree) or an archive becomes a [`Chart`], which threads share and which
//! keeps its compiled templates. A chart, user values and [`ReleaseOptions`] become a [`Release`]:
//! manifests and hooks in install order, custom resource definitions, notes, warnings. What goes
//! wrong is a [`LoadError`] or a [`RenderError`]; both print Helm's own text and carry the place as
//! data.
//!
//! The way of one release: [`assembly`] decides which charts take part, [`values`] puts user values
//! over defaults, [`schema`] checks them, [`objects`] makes the data for templates, [`engine`]
//! executes them, [`manifest`] splits and sorts the output, [`print`] turns a release into text. [`show`]
//! prints what a chart says about itself.
//!
//! This room knows no command line, no network, and no files but those of a tree; the clock and the
//! system's randomness are read only where [`Entropy::System`] asks for them. [`entropy`] says where
//! values come from that the input does not determine, [`lookup`] answers for a cluster.

mod assembly;
mod capabilities;
mod chart;
mod compat;
mod compiled;
mod engine;
mod entropy;
mod error;
mod functions;
mod host;
pub mod lint;
mod lookup;
mod manifest;
mod objects;
pub mod packing;
pub mod print;
mod questions;
mod reads;
mod release;
mod release_name;
pub mod repository;
mod schema;
pub mod set;
pub mod show;
mod trace;
mod values;

pub use capabilities::{API_VERSIONS, KubeVersion};
pub use chart::{
    Chart, Dependency, File, Import, LoadError, Lock, Maintainer, Metadata, dependencies_of, digest_of, load,
    load_archive, load_as, place_of,
};
pub use compat::Compat;
pub use entropy::{Asked, Entropy, NondeterministicUse};
pub use error::{Misfit, RenderCause, RenderError};
pub use lookup::{Lookup, LookupUse, Resources};
pub use manifest::{Hook, HookEvent, Manifest, ManifestError};
pub use objects::{GO_VERSION, version_from_template};
pub use questions::Questions;
pub use reads::{CapabilityReads, FileQuestion, FileRead, LookupRead, Reads};
pub use release::{Crd, Release, ReleaseOptions, name_from_template, render};
pub use values::{ValuesError, merge_over, read_values};
