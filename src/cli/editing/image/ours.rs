//! Images in kiln's own files: the channels of `images.yaml` and the pins of `clusters.yaml`.

use super::candidate::{Candidate, Part, Slot};
use super::conventions::Searched;
use crate::k8s::ImageRef;
use crate::yaml::Node;
use crate::yaml::edit::Step;

/// Finds the channels of each image and the overrides of `images.yaml`.
pub fn channels<'d>(searched: &Searched<'d>, root: &'d Node, found: &mut Vec<Candidate>) {
    let images = root.get("images").and_then(Node::as_seq).unwrap_or_default();
    for (at, item) in images.iter().enumerate() {
        let Some(name) = item.get("name").and_then(Node::as_str) else { continue };
        let channels = item.get("channels").and_then(Node::as_map).unwrap_or_default();
        for (key, value) in channels {
            let Some(channel) = key.as_str() else { continue };
            let path = [Step::from("images"), Step::Index(at), Step::from("channels"), Step::from(channel)];
            let candidate = versioned(searched, name, value, path.to_vec());
            found.extend(candidate.map(|candidate| Candidate { channel: Some(channel.to_owned()), ..candidate }));
        }
    }
    overrides(searched, root, &[], found);
}

/// Finds the pins and overrides of `clusters.yaml`, wherever it has `images`.
pub fn pins<'d>(searched: &Searched<'d>, root: &'d Node, found: &mut Vec<Candidate>) {
    let mut places: Vec<(Vec<Step>, &Node)> = Vec::new();
    for key in ["defaults", "matrix"] {
        places.extend(root.get(key).map(|node| (vec![Step::from(key)], node)));
    }
    for (at, item) in root.get("clusters").and_then(Node::as_seq).unwrap_or_default().iter().enumerate() {
        places.push((vec![Step::from("clusters"), Step::Index(at)], item));
    }
    // A file that one cluster has to itself.
    places.push((Vec::new(), root));
    for (path, node) in places {
        let Some(images) = node.get("images").filter(|images| images.as_map().is_some()) else { continue };
        let path = [path.as_slice(), &[Step::from("images")]].concat();
        for (key, value) in images.get("pin").and_then(Node::as_map).unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            let path = [path.as_slice(), &[Step::from("pin"), Step::from(name)]].concat();
            found.extend(versioned(searched, name, value, path));
        }
        overrides(searched, images, &path, found);
    }
}

fn overrides<'d>(searched: &Searched<'d>, node: &'d Node, path: &[Step], found: &mut Vec<Candidate>) {
    for (at, item) in node.get("override").and_then(Node::as_seq).unwrap_or_default().iter().enumerate() {
        let path = [path, &[Step::from("override"), Step::Index(at)]].concat();
        found.extend(searched.entry(item, &path));
    }
}

/// A reference, or a version of the image of that name.
fn versioned<'d>(searched: &Searched<'d>, name: &str, node: &'d Node, path: Vec<Step>) -> Option<Candidate> {
    let text = node.as_str()?;
    let whole = if text.starts_with([':', '@']) { format!("{name}{text}") } else { text.to_owned() };
    let mut image = ImageRef::parse(&whole).filter(ImageRef::has_version)?;
    // It is found by the name of its entry, whatever the channel calls it.
    let entry = ImageRef::parse(name)?;
    let part = Part { path, text: text.to_owned() };
    if !image.is(&ImageRef { registry: None, ..entry.clone() }) {
        image.repository = entry.repository;
    }
    Some(searched.candidate(image, Slot::Reference(part), node))
}
