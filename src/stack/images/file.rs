use indexmap::IndexMap;

use super::ImageChoice;
use crate::k8s::{ImageOverride, ImageRef};
use crate::stack::Text;

/// What `images.yaml` says.
#[derive(Clone, Debug, Default)]
pub struct ImageFile {
    /// The images that have channels, or may be pinned.
    pub images: Vec<ImageEntry>,
    /// Where images go.
    pub bindings: Vec<Binding>,
    /// What becomes of images in rendered objects, the first rule first.
    pub overrides: Vec<ImageOverride>,
    /// The file's name as users know it.
    pub shown: String,
}

/// One image.
#[derive(Clone, Debug)]
pub struct ImageEntry {
    /// The name that the file gives it.
    pub name: Text,
    /// The same, read.
    pub image: ImageRef,
    /// What each channel stands for.
    pub channels: IndexMap<String, ImageChoice>,
}

/// Which image a component takes, and in which of its values.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The component's address, or the end of it.
    pub component: Text,
    /// The image's name.
    pub image: Text,
    /// The same, read.
    pub named: ImageRef,
    /// The values that say it.
    pub values: BoundValues,
}

impl Binding {
    /// Whether the component with this address is meant.
    pub fn is_of(&self, address: &str) -> bool {
        let component = &self.component.value;
        address.strip_suffix(component.as_str()).is_some_and(|above| above.is_empty() || above.ends_with('/'))
    }
}

/// Paths of a component's values, by the part of the image that each takes.
#[derive(Clone, Debug, Default)]
pub struct BoundValues {
    /// The whole reference.
    pub reference: Option<Vec<String>>,
    /// The registry's host.
    pub registry: Option<Vec<String>>,
    /// The repository, with the registry unless that has a value of its own.
    pub repository: Option<Vec<String>>,
    /// The tag, with the digest behind it unless that has a value of its own.
    pub tag: Option<Vec<String>>,
    /// The digest.
    pub digest: Option<Vec<String>>,
}

impl ImageFile {
    /// The image that a name means.
    pub fn image(&self, wanted: &ImageRef) -> Option<&ImageEntry> {
        self.images.iter().find(|entry| entry.image.is(wanted))
    }

    /// The names of all channels, each once.
    pub fn channels(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.images.iter().flat_map(|entry| entry.channels.keys().map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
