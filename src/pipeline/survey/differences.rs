use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::config::{ConfigNode, ConfigValue};
use crate::source::{Digest, EntryKind, Tree, TreeError};
use crate::span::Span;

/// Trees with more files, or deeper ones, are not looked into file by file.
const MOST_FILES: usize = 10_000;
const DEEPEST: usize = 32;

/// A value that is not what it was: where each side set it.
pub struct ValueDifference {
    pub path: Vec<String>,
    pub before: Option<Span>,
    pub now: Option<Span>,
}

/// The values that differ, at most `most` and one.
pub fn values(before: Option<&ConfigNode>, now: Option<&ConfigNode>, most: usize) -> Vec<ValueDifference> {
    let mut found = Vec::new();
    compare(before, now, &mut Vec::new(), most, &mut found);
    found
}

fn compare(
    before: Option<&ConfigNode>,
    now: Option<&ConfigNode>,
    path: &mut Vec<String>,
    most: usize,
    found: &mut Vec<ValueDifference>,
) {
    if found.len() > most {
        return;
    }
    match (before.map(|node| &node.value), now.map(|node| &node.value)) {
        (Some(ConfigValue::Map(one)), Some(ConfigValue::Map(other))) => {
            for (key, node) in other {
                path.push(key.to_str_lossy().into_owned());
                compare(one.get(key.as_bytes()).map(|node| &**node), Some(node), path, most, found);
                path.pop();
            }
            for (key, node) in one.iter().filter(|(key, _)| !other.contains_key(key.as_bytes())) {
                path.push(key.to_str_lossy().into_owned());
                compare(Some(node), None, path, most, found);
                path.pop();
            }
        }
        (Some(ConfigValue::List(one)), Some(ConfigValue::List(other))) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                path.push(at.to_string());
                compare(Some(one), Some(other), path, most, found);
                path.pop();
            }
        }
        // A map that is new or gone: what it holds says more.
        (Some(ConfigValue::Map(map)), None) if !map.is_empty() && !path.is_empty() => {
            for (key, node) in map {
                path.push(key.to_str_lossy().into_owned());
                compare(Some(node), None, path, most, found);
                path.pop();
            }
        }
        (None, Some(ConfigValue::Map(map))) if !map.is_empty() && !path.is_empty() => {
            for (key, node) in map {
                path.push(key.to_str_lossy().into_owned());
                compare(None, Some(node), path, most, found);
                path.pop();
            }
        }
        (Some(ConfigValue::Scalar(one)), Some(ConfigValue::Scalar(other))) if one == other => {}
        (None, None) => {}
        _ => found.push(ValueDifference {
            path: path.clone(),
            before: before.map(ConfigNode::span),
            now: now.map(ConfigNode::span),
        }),
    }
}

/// What is asked of the files of trees. Each tree is read once, however many clusters share it.
#[derive(Default)]
pub struct Files {
    known: Mutex<HashMap<(usize, String), Known>>,
}

/// Holds the tree, so that no other gets its address.
struct Known {
    _tree: Tree,
    listing: Arc<OnceLock<Option<Listing>>>,
}

/// The files of a tree.
#[derive(Default)]
pub struct Listing {
    /// By path.
    pub digests: BTreeMap<String, Digest>,
    /// The sum of their sizes.
    pub bytes: u64,
    /// Whether an object of a new kind may come of them.
    pub may_define_kinds: bool,
}

impl Files {
    /// The files of a tree; `None` when they cannot be read or are far too many.
    pub fn of<R>(&self, tree: &Tree, look: impl FnOnce(Option<&Listing>) -> R) -> R {
        let (backing, path) = tree.identity();
        let listing = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known
                .entry((backing, path.to_owned()))
                .or_insert_with(|| Known { _tree: tree.clone(), listing: Arc::default() });
            Arc::clone(&known.listing)
        };
        look(listing.get_or_init(|| list(tree)).as_ref())
    }

    /// Paths of files that only one of two trees has, or that differ.
    pub fn differing(&self, before: &Tree, now: &Tree) -> Vec<String> {
        let digests = |tree: &Tree| self.of(tree, |listing| listing.map(|listing| listing.digests.clone()));
        let (Some(before), Some(now)) = (digests(before), digests(now)) else { return Vec::new() };
        let paths = before.keys().chain(now.keys().filter(|path| !before.contains_key(*path)));
        let mut differing: Vec<String> = paths.filter(|path| before.get(*path) != now.get(*path)).cloned().collect();
        differing.sort();
        differing
    }
}

fn list(tree: &Tree) -> Option<Listing> {
    let mut listing = Listing::default();
    match tree.kind("").ok()?? {
        EntryKind::File => file(tree, "", &mut listing).ok()?,
        EntryKind::Dir => folder(tree, "", 0, &mut listing)?,
    }
    Some(listing)
}

fn folder(tree: &Tree, below: &str, depth: usize, listing: &mut Listing) -> Option<()> {
    for entry in tree.list(below).ok()? {
        let path = if below.is_empty() { entry.name.clone() } else { format!("{below}/{}", entry.name) };
        if depth >= DEEPEST || listing.digests.len() >= MOST_FILES {
            return None;
        }
        match entry.kind {
            EntryKind::Dir if matches!(entry.name.as_str(), ".git" | ".kiln") => {}
            EntryKind::Dir => folder(tree, &path, depth + 1, listing)?,
            EntryKind::File => file(tree, &path, listing).ok()?,
        }
    }
    Some(())
}

fn file(tree: &Tree, path: &str, listing: &mut Listing) -> Result<(), TreeError> {
    let content = tree.read(path)?;
    listing.bytes += content.len() as u64;
    // What an archive holds is not looked at.
    let is_archive = [".tgz", ".gz", ".tar"].iter().any(|end| path.ends_with(end));
    let names_definitions = || memchr::memmem::find(&content, b"CustomResourceDefinition").is_some();
    listing.may_define_kinds |= is_archive || names_definitions();
    listing.digests.insert(path.to_owned(), Digest::of(&content));
    Ok(())
}
