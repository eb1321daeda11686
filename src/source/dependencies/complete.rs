use std::collections::{BTreeMap, HashMap};

use super::needed::{Needed, NeededChart, NeededFrom, needed_charts, unreadable};
use crate::source::error::{LIMIT, MALFORMED, MISSING, SourceError};
use crate::source::lock::Lock;
use crate::source::overlay::{Overlaid, overlay};
use crate::source::pin::Pin;
use crate::source::store::Store;
use crate::source::tree::Tree;

/// How deep dependencies may nest.
const MAX_DEPTH: usize = 32;
/// How many charts one chart may need, each counted as often as it is needed.
const MAX_CHARTS: usize = 1000;

/// The chart at `chart` in `source` with the dependencies that it lacks laid into its `charts/`, taken
/// from the store as the lock says. They are completed in the same way.
pub fn complete_chart(source: &Tree, chart: &str, lock: &Lock, store: &Store) -> Result<Tree, SourceError> {
    Completion { lock, store, known: HashMap::new(), laid: 0 }.complete(source, chart, 0)
}

/// A chart under completion.
struct Completion<'a> {
    lock: &'a Lock,
    store: &'a Store,
    /// Fetched charts, completed where they lack something, with how many charts they hold then.
    known: HashMap<Pin, Known>,
    /// How many charts have been laid.
    laid: usize,
}

#[derive(Clone)]
enum Known {
    /// It is being completed further up.
    Open,
    /// It lacks nothing.
    Whole,
    /// Completed.
    Completed(Tree, usize),
}

impl Completion<'_> {
    fn complete(&mut self, source: &Tree, chart: &str, depth: usize) -> Result<Tree, SourceError> {
        let tree = source.subtree(chart).map_err(unreadable)?;
        let Needed { charts, .. } = needed_charts(source, chart)?;
        if depth > MAX_DEPTH && !charts.is_empty() {
            let message = format!("{}: dependencies nest deeper than the limit of {MAX_DEPTH}", tree.display(""));
            return Err(SourceError::new(MALFORMED, message));
        }
        let mut over = BTreeMap::new();
        for NeededChart { name, from } in charts {
            self.count(1, &tree)?;
            match from {
                NeededFrom::Folder(path) => {
                    let folder = self.complete(source, &path, depth + 1)?;
                    over.insert(format!("charts/{name}"), Overlaid::Folder(folder));
                }
                NeededFrom::Repository(spec) => {
                    let Some(pin) = self.lock.lookup(&spec) else {
                        let message = format!("{} needs {spec}, which is not in the lock", tree.display(""));
                        return Err(SourceError::world(MISSING, message).help("run `kiln install`"));
                    };
                    match self.fetched(pin, &tree, depth)? {
                        Some(folder) => over.insert(format!("charts/{name}"), Overlaid::Folder(folder)),
                        None => {
                            let file = format!("charts/{name}-{}.tgz", pin.resolved().replace(['/', '\\'], "_"));
                            over.insert(file, Overlaid::File(self.store.archive(pin)?))
                        }
                    };
                }
            }
        }
        Ok(overlay(tree, over))
    }

    /// A fetched chart with what it lacks; nothing when its archive will do. What its own files get
    /// wrong is no matter here, as for Helm: the archive is laid as it is.
    fn fetched(&mut self, pin: &Pin, asker: &Tree, depth: usize) -> Result<Option<Tree>, SourceError> {
        match self.known.get(pin).cloned() {
            Some(Known::Whole) => return Ok(None),
            Some(Known::Completed(tree, charts)) => {
                self.count(charts, asker)?;
                return Ok(Some(tree));
            }
            Some(Known::Open) => {
                let message = format!("{}: a dependency needs itself: {}", asker.display(""), pin.resolved());
                return Err(SourceError::new(MALFORMED, message));
            }
            None => {}
        }
        let source = self.store.open(pin)?;
        if !needed_charts(&source, "").is_ok_and(|needed| !needed.charts.is_empty()) {
            self.known.insert(pin.clone(), Known::Whole);
            return Ok(None);
        }
        self.known.insert(pin.clone(), Known::Open);
        let before = self.laid;
        let tree = self.complete(&source, "", depth + 1)?;
        self.known.insert(pin.clone(), Known::Completed(tree.clone(), self.laid - before));
        Ok(Some(tree))
    }

    fn count(&mut self, charts: usize, asker: &Tree) -> Result<(), SourceError> {
        self.laid += charts;
        if self.laid <= MAX_CHARTS {
            return Ok(());
        }
        let message = format!("{}: more dependencies than the limit of {MAX_CHARTS}", asker.display(""));
        Err(SourceError::new(LIMIT, message))
    }
}
