use super::ImageChoice;
use super::read::{self, IMAGE_CODES};
use crate::diag::Diagnostic;
use crate::k8s::{ImageOverride, ImageRef};
use crate::stack::fields::{FieldRules, Fields};
use crate::stack::spec::Text;

/// What `clusters.yaml` says about the images of one cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterImages {
    /// The channel that its images come from.
    pub channel: Option<Text>,
    /// Images that are pinned whatever layers and channels say: the name, and what it stands for.
    pub pins: Vec<Pin>,
    /// What becomes of images in rendered objects; these rules come before those of `images.yaml`.
    pub overrides: Vec<ImageOverride>,
}

/// An image pinned for a cluster.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The image's name as written.
    pub name: Text,
    /// The same, read.
    pub image: ImageRef,
    /// What it is pinned to.
    pub choice: ImageChoice,
}

/// What one place of `clusters.yaml` says about images.
#[derive(Clone, Debug, Default)]
pub(in crate::stack) struct ClusterImageSettings(pub ClusterImages);

impl ClusterImageSettings {
    /// Reads the key `images` of a map.
    pub fn read(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Self {
        let mut images = ClusterImages::default();
        let map = fields.get("images").and_then(|node| rules.map("images", node, problems));
        let Some(map) = map else { return Self(images) };
        map.check(&["channel", "pin", "override"], "`images`", problems);
        images.channel = map.text("channel", problems);
        if let Some(pins) = map.get("pin").and_then(|node| rules.map("pin", node, problems)) {
            pins.check_duplicates(problems);
            for (key, value) in pins.entries() {
                let name = Text { value: key.as_str().unwrap_or_default().to_owned(), place: rules.span(key) };
                let Some(image) = read::image_name(&name, problems) else { continue };
                let Some(text) = pins.text_of(&format!("pin.{}", name.value), value, problems) else { continue };
                match ImageChoice::read(&text) {
                    Ok(choice) => images.pins.push(Pin { name, image, choice }),
                    Err(why) => problems.push(read::invalid(text.place, why)),
                }
            }
        }
        images.overrides = read::overrides(&FieldRules { codes: IMAGE_CODES, ..*rules }, &map, problems);
        Self(images)
    }

    /// These, and `below` where they say nothing.
    pub fn over(mut self, below: &Self) -> Self {
        let Self(below) = below;
        let images = &mut self.0;
        images.channel = images.channel.take().or_else(|| below.channel.clone());
        for pin in &below.pins {
            if !images.pins.iter().any(|own| own.image == pin.image) {
                images.pins.push(pin.clone());
            }
        }
        images.overrides.extend(below.overrides.iter().cloned());
        self
    }
}
