use crate::source::error::{MALFORMED, SourceError, foreign};
use crate::source::tree::{Tree, TreeError};
use crate::span::{Source, Span};
use crate::yaml::{self, Node};

/// The largest file with dependencies that is read.
const MAX_BYTES: usize = 1024 * 1024;

/// A dependency as a file names it. What its author left out is empty.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) name: String,
    /// A version or range.
    pub(super) version: String,
    pub(super) repository: String,
    /// The place of the repository, or of the whole entry.
    pub(super) place: Span,
}

/// The `dependencies` of a file of a chart; `None` when there is no such file.
pub(super) fn dependencies(chart: &Tree, file: &str) -> Result<Option<Vec<Declared>>, SourceError> {
    let bytes = match chart.read(file) {
        Ok(bytes) => bytes,
        Err(TreeError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let shown = chart.display(file);
    if bytes.len() > MAX_BYTES {
        return Err(SourceError::new(MALFORMED, format!("{shown} is larger than the limit of {MAX_BYTES} bytes")));
    }
    let source = Source::new(&*shown, String::from_utf8_lossy(&bytes));
    let fault = |start: usize, end: usize, what: &str| {
        SourceError::new(MALFORMED, format!("{shown}: {what}")).at(Span::new(&source, start..end))
    };
    let document = yaml::parse_document(&source).map_err(|error| {
        let at = error.offset.map_or(0, |at| at as usize);
        fault(at, at, &foreign(&error.problem))
    })?;
    let span = |node: &Node| node.start as usize..node.end as usize;
    let list = document.root.get("dependencies").filter(|list| !list.is_null());
    let Some(list) = list else { return Ok(Some(Vec::new())) };
    let Some(items) = list.as_seq() else {
        return Err(fault(span(list).start, span(list).end, "`dependencies` must be a list"));
    };
    let mut declared = Vec::new();
    for item in items.iter().filter(|item| !item.is_null()) {
        if item.as_map().is_none() {
            return Err(fault(span(item).start, span(item).end, "a dependency must be a map"));
        }
        let text = |key: &str| {
            let node = item.get(key).filter(|node| !node.is_null());
            node.and_then(Node::as_str).unwrap_or_default().trim().to_owned()
        };
        let place = item.get("repository").unwrap_or(item);
        declared.push(Declared {
            name: text("name"),
            version: text("version"),
            repository: text("repository"),
            place: Span::new(&source, span(place)),
        });
    }
    Ok(Some(declared))
}
