use crate::diag::Diagnostic;
use crate::source::{Asker, NeededFrom, Request, Tree, Trust, needed_charts};
use crate::stack::Node;

/// Charts whose local dependencies nest deeper are left to the completion of charts to refuse.
const DEEPEST_CHART: usize = 32;

/// Collects the repositories' charts that a chart lacks, those of local folders included.
pub(super) fn needed(
    node: &Node,
    source: &Tree,
    path: &str,
    depth: usize,
    requests: &mut Vec<Request>,
) -> Result<(), Diagnostic> {
    let place = Some(node.spec.path.as_ref().map_or(&node.spec.place, |path| &path.place).clone());
    let trust = if node.remote || !node.fetches.is_empty() { Trust::Fetched } else { Trust::Project };
    let asker = Asker { source: place, ..Asker::named(&*node.address, trust) };
    for chart in needed_charts(source, path).map_err(|error| error.diagnostic(&asker))? {
        match chart.from {
            NeededFrom::Repository(spec) => requests.push(Request { spec, asker: asker.clone() }),
            NeededFrom::Folder(path) if depth < DEEPEST_CHART => needed(node, source, &path, depth + 1, requests)?,
            NeededFrom::Folder(_) => {}
        }
    }
    Ok(())
}
