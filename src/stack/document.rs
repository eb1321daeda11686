use std::sync::Arc;

use super::Reading;
use crate::diag::{Code, Diagnostic};
use crate::source::{EntryKind, Tree, TreeError};
use crate::span::{Source, Span};
use crate::yaml::{Document, YamlError, parse_document, parse_json_document, parse_stream};

const UNREADABLE: Code = Code("file.unreadable");
const TOO_LARGE: Code = Code("file.too-large");
const ENCODING: Code = Code("file.encoding");
const SECOND_DOCUMENT: Code = Code("file.second-document");

/// The largest file that is read.
const LARGEST: usize = 32 << 20;

/// A file of the project: its document, and how it was written.
pub struct ProjectDocument {
    /// The first document.
    pub document: Document,
    /// Whether it is a JSON file.
    pub json: bool,
    /// What is questionable about the file as a whole.
    pub problems: Vec<Diagnostic>,
}

/// Reads `<stem>.yaml`, else `<stem>.json`; `None` when there is neither. A broken YAML file is an
/// error even when there is a JSON file.
pub fn read_yaml_or_json(tree: &Tree, stem: &str, reading: Reading) -> Result<Option<ProjectDocument>, Diagnostic> {
    match read(tree, &format!("{stem}.yaml"), false, reading)? {
        None => read(tree, &format!("{stem}.json"), true, reading),
        found => Ok(found),
    }
}

/// Reads one YAML file; `None` when it does not exist.
pub fn read_yaml(tree: &Tree, path: &str, reading: Reading) -> Result<Option<ProjectDocument>, Diagnostic> {
    read(tree, path, false, reading)
}

fn read(tree: &Tree, path: &str, json: bool, reading: Reading) -> Result<Option<ProjectDocument>, Diagnostic> {
    read_text(tree, path)?.map(|source| parse(&source, json, reading)).transpose()
}

/// The text of one file of the project; `None` when it does not exist.
pub fn read_text(tree: &Tree, path: &str) -> Result<Option<Arc<Source>>, Diagnostic> {
    let name = tree.display(path);
    let start = |text: &str| Span::new(&Source::new(name.clone(), text), 0..0);
    let unreadable = |error: TreeError| error.diagnostic(UNREADABLE).at(start(""), "");
    match tree.kind(path).map_err(unreadable)? {
        None => return Ok(None),
        Some(EntryKind::File) => {}
        Some(EntryKind::Dir) => {
            let message = format!("`{name}` is a directory, not a file");
            return Err(Diagnostic::error(UNREADABLE, message).at(start(""), ""));
        }
    }
    let bytes = tree.read(path).map_err(unreadable)?;
    if bytes.len() > LARGEST {
        let message = format!("`{name}` is larger than the limit of {} MiB", LARGEST >> 20);
        return Err(Diagnostic::error(TOO_LARGE, message).at(start(""), ""));
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let source = Source::new(name, String::from_utf8_lossy(&bytes).into_owned());
            let at = error.valid_up_to();
            let message = format!("the file is not UTF-8: the byte at offset {at} does not belong there");
            let problem = Diagnostic::error(ENCODING, message).at(Span::new(&source, at..at + 1), "");
            return Err(problem.help("save the file with UTF-8 encoding"));
        }
    };
    Ok(Some(Source::new(name, text)))
}

/// Reads the first document of a text.
pub fn parse(source: &Arc<Source>, json: bool, reading: Reading) -> Result<ProjectDocument, Diagnostic> {
    if json {
        let document = parse_json_document(source).map_err(|error| explained(&error, source))?;
        return Ok(ProjectDocument { document, json, problems: Vec::new() });
    }
    if !reading.is_strict() {
        let document = parse_document(source).map_err(|error| explained(&error, source))?;
        return Ok(ProjectDocument { document, json, problems: Vec::new() });
    }
    let mut documents = parse_stream(source).map_err(|error| explained(&error, source))?.into_iter();
    let Some(document) = documents.next() else {
        let document = parse_document(source).map_err(|error| explained(&error, source))?;
        return Ok(ProjectDocument { document, json, problems: Vec::new() });
    };
    let mut problems = Vec::new();
    if let Some(second) = documents.next() {
        let message = "the file has a second document, which would be ignored";
        let problem = Diagnostic::error(SECOND_DOCUMENT, message);
        problems.push(problem.at(document_start(&second), "").help("put it into a file of its own"));
    }
    Ok(ProjectDocument { document, json, problems })
}

/// The line of the separator that begins a document, as far as it can be found.
fn document_start(document: &Document) -> Span {
    let text = &document.source.text()[..document.root.outer() as usize];
    let at = text.rfind("\n---").map_or(0, |at| at + 1);
    Span::new(&document.source, at..at + 3)
}

/// A syntax error with what to do about it, where that is plain to see.
fn explained(error: &YamlError, source: &Arc<Source>) -> Diagnostic {
    let problem = error.to_diagnostic(source);
    let at = error.offset.and_then(|at| source.text().as_bytes().get(at as usize));
    if at == Some(&b'\t') {
        return problem.help("indent with spaces: YAML does not allow a tab here");
    }
    if error.problem.ends_with("after top-level value") {
        return problem.help("the file must end after its one value");
    }
    problem
}
