//! From a candidate and a wish to values.

use super::candidate::{Candidate, Part, Slot};
use super::wanted::Wanted;
use crate::k8s::ImageRef;
use crate::yaml::edit::Step;

/// A change of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueChange {
    /// The string at a path.
    Set(Vec<Step>, String),
    /// The entry at a path goes.
    Remove(Vec<Step>),
}

/// The image that a candidate shall say.
pub fn wished(candidate: &Candidate, wanted: &Wanted) -> ImageRef {
    let (registry, repository) = wanted.name_for(&candidate.image);
    let (tag, digest) = wanted.version_for(candidate.image.tag.as_deref());
    ImageRef { registry, repository, tag, digest }
}

/// The values that make a candidate say the image.
///
/// # Errors
/// Says why its values cannot say that.
pub fn changes(candidate: &Candidate, wanted: &Wanted) -> Result<Vec<ValueChange>, String> {
    let image = wished(candidate, wanted);
    let renamed = (&image.registry, &image.repository) != (&candidate.image.registry, &candidate.image.repository);
    let mut changes = Vec::new();
    let set = |part: &Part, text: String| ValueChange::Set(part.path.clone(), text);
    match &candidate.slot {
        Slot::Reference(part) => {
            let whole = image.to_string();
            let is_short = part.text.starts_with([':', '@']) && !renamed;
            let text = if is_short { whole[image.name().len()..].to_owned() } else { whole };
            changes.push(set(part, text));
        }
        Slot::Parts { registry, repository, tag, digest, bare_digest } => {
            if renamed {
                let Some(repository) = repository else {
                    return Err("the repository stands in the chart's defaults, not here".to_owned());
                };
                match (registry, &image.registry) {
                    (Some(registry), Some(host)) => {
                        changes.push(set(registry, host.clone()));
                        changes.push(set(repository, image.repository.clone()));
                    }
                    (Some(_), None) => changes.push(set(repository, image.repository.clone())),
                    (None, _) => changes.push(set(repository, image.name())),
                }
            }
            match (tag, digest, &image.tag, &image.digest) {
                (Some(tag), None, Some(text), Some(hash)) => changes.push(set(tag, format!("{text}@{hash}"))),
                (Some(_), None, None, Some(_)) => {
                    return Err("there is no value for a digest, and no tag to write it behind".to_owned());
                }
                (Some(tag), _, Some(text), _) => changes.push(set(tag, text.clone())),
                (Some(tag), Some(_), None, _) => changes.push(set(tag, String::new())),
                (None, _, Some(_), None) => return Err("there is no value for a tag".to_owned()),
                _ => {}
            }
            match (digest, &image.digest) {
                (Some(digest), Some(hash)) if *bare_digest => {
                    changes.push(set(digest, hash.strip_prefix("sha256:").unwrap_or(hash).to_owned()));
                }
                (Some(digest), Some(hash)) => changes.push(set(digest, hash.clone())),
                // The old digest would win over the new tag.
                (Some(digest), None) => changes.push(set(digest, String::new())),
                (None, _) => {}
            }
        }
        Slot::Entry { path, tag, digest, .. } => {
            let at = |key: &str| path.iter().cloned().chain([Step::from(key)]).collect::<Vec<Step>>();
            if renamed {
                changes.push(ValueChange::Set(at("newName"), image.name()));
            }
            for (key, part, text) in [("newTag", tag, &image.tag), ("digest", digest, &image.digest)] {
                match (part, text) {
                    (_, Some(text)) => changes.push(ValueChange::Set(at(key), text.clone())),
                    (Some(_), None) => changes.push(ValueChange::Remove(at(key))),
                    (None, None) => {}
                }
            }
        }
    }
    Ok(changes)
}
