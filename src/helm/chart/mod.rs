//! Charts: a [`Tree`](crate::source::Tree) or the files of an archive enter, a checked, immutable
//! [`Chart`] leaves, which threads share. Nothing here knows values of users or releases.

mod content;
mod decode;
mod error;
mod ignore;
mod load;
mod lock;
mod metadata;
mod place;

pub use content::Attachment;
pub(super) use decode::{Shape, StructShape, decode, decode_strict};
pub use error::LoadError;
pub use load::{dependencies_of, digest_of, load, load_archive, load_as};
pub use lock::Lock;
pub(super) use metadata::{DEPENDENCY, MAINTAINER, METADATA, STRING};
pub use metadata::{Dependency, Import, Maintainer, Metadata};
pub use place::place_of;

use std::sync::{Arc, OnceLock};

use crate::source::Digest;
use crate::value::Frozen;

use super::compat::Compat;
use super::compiled::CompiledCache;
use super::questions;

/// A file that every release of the chart needs.
#[derive(Clone, Debug)]
pub struct File {
    /// The path below the chart's folder.
    pub name: String,
    /// The content, without a byte order mark.
    pub data: Arc<[u8]>,
}

/// A chart as it was loaded, with the charts in its `charts/` folder.
#[derive(Debug)]
pub struct Chart {
    /// The Helm for which the chart was loaded; it is rendered as that one does.
    pub compat: Compat,
    /// `Chart.yaml`, with `requirements.yaml` of old charts merged in.
    pub metadata: Metadata,
    /// The files below `templates/`.
    pub templates: Vec<File>,
    /// `values.yaml`; nil when there is none or it is empty.
    pub values: Frozen,
    /// The text of `values.yaml`.
    pub values_file: Option<File>,
    /// `values.schema.json`.
    pub schema: Option<File>,
    /// `Chart.lock`, or `requirements.lock` of old charts.
    pub lock: Option<Lock>,
    /// All other files; templates read them through `.Files`.
    pub files: Vec<Attachment>,
    /// The charts in `charts/`, by the name of their folder or archive.
    pub charts: Vec<Arc<Chart>>,
    /// Questionable things that loading met, in Helm's words.
    pub warnings: Vec<String>,
    /// The templates in compiled form.
    pub(super) compiled: CompiledCache,
    /// The digest of what every release depends on.
    pub(super) core: OnceLock<Digest>,
}

impl Chart {
    /// The chart's name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The names of declared dependencies that are not in `charts/`.
    pub fn missing_dependencies(&self) -> Vec<&str> {
        let names = self.metadata.dependencies.iter().flatten().map(|dependency| dependency.name.as_str());
        names.filter(|name| !self.charts.iter().any(|child| child.name() == *name)).collect()
    }

    /// A digest of all that every release of the chart depends on.
    pub(super) fn core(&self) -> Digest {
        *self.core.get_or_init(|| questions::core(self))
    }

    /// Whether the chart holds only named templates for other charts.
    pub fn is_library(&self) -> bool {
        self.metadata.kind.eq_ignore_ascii_case("library")
    }

    /// Whether the files of the chart itself hold custom resource definitions, in Helm's order.
    pub fn crds(&self) -> impl Iterator<Item = &Attachment> {
        self.files.iter().filter(|file| file.name.starts_with("crds/") && has_manifest_extension(&file.name))
    }
}

fn has_manifest_extension(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    let extension = base.rfind('.').map_or("", |at| &base[at..]);
    [".yaml", ".yml", ".json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests;
