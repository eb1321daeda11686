use std::collections::HashSet;

use crate::diag::{Code, Diagnostic};
use crate::source::{Asker, Needed, NeededFrom, Pin, Request, SourceError, Store, Tree, Trust, needed_charts};
use crate::stack::Node;

const ODD: Code = Code("source.odd");
/// Charts whose local dependencies nest deeper are left to the completion of charts to refuse.
const DEEPEST_CHART: usize = 32;
/// More local charts of one chart are left to it too.
const MOST_CHARTS: usize = 1000;

/// What charts lack and repositories have.
#[derive(Default)]
pub(super) struct Wanted {
    /// To be asked for.
    pub requests: Vec<Request>,
    /// What is odd about the charts.
    pub notes: Vec<Diagnostic>,
    /// The fetched charts that have been looked at, for whom.
    seen: HashSet<(Pin, String)>,
    local: usize,
}

impl Wanted {
    /// Collects what the chart of a component lacks, and the local folders that it needs.
    pub fn of_component(&mut self, node: &Node, source: &Tree, path: &str) -> Result<(), Diagnostic> {
        let place = Some(node.spec.path_place().clone());
        let trust = if node.remote || !node.fetches.is_empty() { Trust::Fetched } else { Trust::Project };
        let asker = Asker { source: place, ..Asker::named(&*node.address, trust) };
        self.local = 0;
        self.collect(source, path, 0, &asker).map_err(|error| error.diagnostic(&asker))
    }

    /// Collects what a dependency lacks that was itself fetched. What is wrong with it is told; a chart
    /// that does not carry everything it declares may still be fine.
    pub fn of_dependency(&mut self, pin: &Pin, asker: &Asker, store: &Store) -> Result<(), Diagnostic> {
        if !self.seen.insert((pin.clone(), asker.address.clone())) {
            return Ok(());
        }
        let tree = store.open(pin).map_err(|error| error.diagnostic(asker))?;
        let asker = Asker { trust: Trust::Fetched, ..asker.clone() };
        self.local = 0;
        if let Err(error) = self.collect(&tree, "", 0, &asker) {
            self.notes.push(odd(error.message, &asker));
        }
        Ok(())
    }

    fn collect(&mut self, source: &Tree, path: &str, depth: usize, asker: &Asker) -> Result<(), SourceError> {
        let Needed { charts, oddities } = needed_charts(source, path)?;
        self.notes.extend(oddities.into_iter().map(|oddity| odd(oddity, asker)));
        for chart in charts {
            match chart.from {
                NeededFrom::Repository(spec) => self.requests.push(Request { spec, asker: asker.clone() }),
                NeededFrom::Folder(path) if depth < DEEPEST_CHART && self.local < MOST_CHARTS => {
                    self.local += 1;
                    self.collect(source, &path, depth + 1, asker)?;
                }
                NeededFrom::Folder(_) => {}
            }
        }
        Ok(())
    }
}

fn odd(message: String, asker: &Asker) -> Diagnostic {
    Diagnostic::warning(ODD, message).maybe_at(asker.source.clone(), format!("asked for by `{}`", asker.address))
}
