//! The ways in which values usually say an image.

use super::candidate::{Candidate, Part, Slot};
use crate::k8s::{ImageRef, is_digest, is_repository, is_tag, split_registry};
use crate::value::Frozen;
use crate::yaml::edit::Step;
use crate::yaml::{Document, Node, NodeKind};

/// Values nested deeper than this are not searched.
const DEEPEST: usize = 200;

/// What the values of a chart are when nothing is said.
pub type Defaults<'d> = Option<&'d Frozen>;

/// A document that is searched.
pub struct Searched<'d> {
    pub file: &'d str,
    pub index: usize,
    pub document: &'d Document,
}

impl<'d> Searched<'d> {
    /// Finds the images below a node by the conventions of values: `{repository, tag}`,
    /// `{registry, repository, tag}`, each with a digest; `image: repository:tag`; `images` as kustomize has
    /// them. Where a map has only the tag, the repository may come from a chart's defaults.
    pub fn by_convention(&self, node: &'d Node, path: &[Step], defaults: Defaults<'_>, found: &mut Vec<Candidate>) {
        self.walk(node, &mut path.to_vec(), defaults, found, 0);
    }

    fn walk(
        &self,
        node: &'d Node,
        path: &mut Vec<Step>,
        defaults: Defaults<'_>,
        found: &mut Vec<Candidate>,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        match &node.kind {
            NodeKind::Map { entries, .. } => {
                found.extend(self.parts(node, path, defaults));
                for (key, value) in entries.iter() {
                    let Some(name) = key.as_str() else { continue };
                    path.push(Step::from(name));
                    match name {
                        "image" if value.as_str().is_some() => found.extend(self.reference(value, path)),
                        "images" | "override" => {
                            for (at, item) in value.as_seq().unwrap_or_default().iter().enumerate() {
                                path.push(Step::Index(at));
                                found.extend(self.entry(item, path));
                                path.pop();
                            }
                        }
                        _ => {}
                    }
                    self.walk(value, path, below(defaults, name), found, depth + 1);
                    path.pop();
                }
            }
            NodeKind::Seq { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    path.push(Step::Index(at));
                    self.walk(item, path, None, found, depth + 1);
                    path.pop();
                }
            }
            // What an alias stands for is found at its anchor.
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
        }
    }

    /// The candidate of one string.
    pub fn reference(&self, node: &'d Node, path: &[Step]) -> Option<Candidate> {
        let text = node.as_str()?;
        let image = ImageRef::parse(text).filter(ImageRef::has_version)?;
        let part = Part { path: path.to_vec(), text: text.to_owned() };
        Some(self.candidate(image, Slot::Reference(part), node))
    }

    /// The candidate of an entry of kustomize's `images`.
    pub fn entry(&self, node: &'d Node, path: &[Step]) -> Option<Candidate> {
        let name = get(node, "name")?.as_str()?;
        let part = |key: &str| {
            let text = get(node, key).filter(|node| !node.is_null())?.as_str()?;
            Some(Part { path: join(path, key), text: text.to_owned() })
        };
        let (new_name, tag, digest) = (part("newName"), part("newTag"), part("digest"));
        if new_name.is_none() && tag.is_none() && digest.is_none() {
            return None;
        }
        let mut image = ImageRef::parse(name).filter(|image| !image.has_version())?;
        image.tag = tag.as_ref().map(|part| part.text.clone());
        image.digest = digest.as_ref().map(|part| part.text.clone());
        let at = ["newTag", "digest", "newName", "name"].iter().find_map(|key| get(node, key)).unwrap_or(node);
        let slot = Slot::Entry { path: path.to_vec(), tag, digest };
        Some(self.candidate(image, slot, at))
    }

    /// The candidate of a map with parts of an image.
    fn parts(&self, node: &'d Node, path: &[Step], defaults: Defaults<'_>) -> Option<Candidate> {
        let part = |key: &str| {
            let node = get(node, key)?;
            let text = if node.is_null() { "" } else { node.as_str()? };
            Some((Part { path: join(path, key), text: text.to_owned() }, node))
        };
        let named_image = path.last().is_some_and(|step| matches!(step, Step::Key(key) if key == "image"));
        let repository = part("repository").or_else(|| part("image")).or_else(|| part("name").filter(|_| named_image));
        let tag = part("tag").or_else(|| part("imageTag"));
        let digest = part("digest").or_else(|| part("sha"));
        let version = tag.as_ref().or(digest.as_ref())?;
        // A map that has all of it from a merge key says nothing of its own.
        let is_own = |part: &Option<(Part, &Node)>| {
            part.as_ref()
                .is_some_and(|(part, _)| matches!(part.path.last(), Some(Step::Key(key)) if node.get(key).is_some()))
        };
        if ![&repository, &tag, &digest].into_iter().any(is_own) {
            return None;
        }
        let default = |key: &str| below(defaults, key).and_then(Frozen::as_str);
        let registry = part("registry");
        let name = match &repository {
            Some((repository, _)) => repository.text.clone(),
            None => {
                let name = default("repository").or_else(|| default("image"));
                name.or_else(|| default("name").filter(|_| named_image))?.to_owned()
            }
        };
        let (host, repository_name) = split_registry(&name);
        let host = match &registry {
            Some((registry, _)) => Some(registry.text.clone()).filter(|host| !host.is_empty()),
            None => host.map(str::to_owned).or_else(|| default("registry").map(str::to_owned)),
        };
        let bare_digest = part("digest").is_none() && digest.is_some();
        let tag_text = tag.as_ref().map(|(tag, _)| tag.text.as_str()).unwrap_or_default();
        let tag_name = tag_text.split('@').next().unwrap_or_default();
        let digest_text = digest.as_ref().map(|(digest, _)| digest.text.as_str()).unwrap_or_default();
        // Of other maps with such keys, those whose values are something else.
        let is_version = tag_text.is_empty() || is_tag(tag_name);
        let is_hash = digest_text.is_empty() || bare_digest || is_digest(digest_text);
        if !is_repository(repository_name) || !is_version || !is_hash {
            return None;
        }
        let image = ImageRef {
            registry: host,
            repository: repository_name.to_owned(),
            tag: Some(tag_name.to_owned()).filter(|tag| !tag.is_empty()),
            digest: Some(digest_text.to_owned()).filter(|digest| !digest.is_empty()),
        };
        let place = version.1;
        let slot = Slot::of_parts([registry, repository, tag, digest], bare_digest);
        Some(self.candidate(image, slot, place))
    }

    pub fn candidate(&self, image: ImageRef, slot: Slot, node: &Node) -> Candidate {
        let place = self.document.span(node);
        Candidate { file: self.file.to_owned(), document: self.index, image, slot, place, channel: None }
    }
}

/// The value below a key, with merge keys applied: what a map brings counts where the map itself says nothing.
pub fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    merged(node, key, 0)
}

fn merged<'n>(node: &'n Node, key: &str, depth: usize) -> Option<&'n Node> {
    if let Some(own) = node.get(key) {
        return Some(own);
    }
    if depth > 20 {
        return None;
    }
    let brought = node.get("<<")?.resolved();
    brought.as_seq().unwrap_or(std::slice::from_ref(brought)).iter().find_map(|map| merged(map, key, depth + 1))
}

/// What the defaults have below a key.
pub fn below<'d>(defaults: Defaults<'d>, key: &str) -> Defaults<'d> {
    defaults?.as_map()?.get(key)
}

fn join(path: &[Step], key: &str) -> Vec<Step> {
    path.iter().cloned().chain([Step::from(key)]).collect()
}
