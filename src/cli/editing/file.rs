use std::sync::Arc;

use super::change::FileChange;
use super::json;
use crate::diag::{Code, Diagnostic};
use crate::source::{EntryKind, Tree};
use crate::span::Source;
use crate::value::Frozen;
use crate::yaml::edit::{self, EditError, Step};
use crate::yaml::{Document, Node, parse_document, parse_json_document};

const UNREADABLE: Code = Code("file.unreadable");
const IN_THE_WAY: Code = Code("edit.in-the-way");

/// A YAML or JSON file of the project with changes that are not written yet.
pub struct EditedFile {
    document: Document,
    json: bool,
    before: Option<String>,
}

impl EditedFile {
    /// Opens `<stem>.yaml`, else `<stem>.json`, of a folder; a new YAML file when there is
    /// neither. A file that cannot be read is an error, never overwritten.
    pub fn open(folder: &Tree, stem: &str) -> Result<Self, Diagnostic> {
        for (extension, json) in [("yaml", false), ("json", true)] {
            let name = format!("{stem}.{extension}");
            if let Some(text) = read_text(folder, &name)? {
                let document = parse(&Source::new(name, text.as_str()), json)?;
                return Ok(Self { document, json, before: Some(text) });
            }
        }
        let document = parse(&Source::new(format!("{stem}.yaml"), ""), false)?;
        Ok(Self { document, json: false, before: None })
    }

    /// Whether there was a file.
    pub fn existed(&self) -> bool {
        self.before.is_some()
    }

    /// The file's name as users see it.
    pub fn name(&self) -> &str {
        self.document.source.name()
    }

    /// The value of the whole file.
    pub fn root(&self) -> &Node {
        &self.document.root
    }

    /// The document as it is now.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Sets the value at a path.
    pub fn set(&mut self, path: &[Step], value: &Frozen) -> Result<(), Diagnostic> {
        if self.json {
            return self.change_json(path, |place| *place = json::of(value));
        }
        self.take(edit::set(&self.document, path, value))
    }

    /// Adds an item to the list at a path.
    pub fn append(&mut self, path: &[Step], value: &Frozen) -> Result<(), Diagnostic> {
        if self.json {
            return self.change_json(path, |place| match place {
                serde_json::Value::Array(items) => items.push(json::of(value)),
                other => *other = serde_json::Value::Array(vec![json::of(value)]),
            });
        }
        self.take(edit::append(&self.document, path, value))
    }

    /// Removes the entry or item at a path, which must be there.
    pub fn remove(&mut self, path: &[Step]) -> Result<(), Diagnostic> {
        if !self.json {
            return self.take(edit::remove(&self.document, path));
        }
        let Some((last, above)) = path.split_last() else { return Ok(()) };
        self.change_json(above, |place| match (last, place) {
            (Step::Key(key), serde_json::Value::Object(map)) => {
                map.shift_remove(key);
            }
            (Step::Index(index), serde_json::Value::Array(items)) if *index < items.len() => {
                items.remove(*index);
            }
            _ => {}
        })
    }

    /// What was done to the file.
    pub fn change(&self) -> FileChange {
        let after = self.document.source.text().to_owned();
        FileChange { path: self.name().to_owned(), before: self.before.clone(), after }
    }

    fn take(&mut self, edited: Result<String, EditError>) -> Result<(), Diagnostic> {
        let text = edited.map_err(|error| error.to_diagnostic())?;
        self.document = parse(&Source::new(self.name(), text), false)?;
        Ok(())
    }

    fn change_json(&mut self, path: &[Step], change: impl FnOnce(&mut serde_json::Value)) -> Result<(), Diagnostic> {
        let refused = |message: String| Diagnostic::error(IN_THE_WAY, message);
        let text = self.document.source.text();
        let mut root = serde_json::from_str(text).map_err(|error| refused(format!("`{}`: {error}", self.name())))?;
        let place = json::reach(&mut root, path).ok_or_else(|| {
            let shown = edit::show_path(path);
            refused(format!("`{}`: something that is no map is in the way of `{shown}`", self.name()))
        })?;
        change(place);
        let text = serde_json::to_string_pretty(&root).map_err(|error| refused(error.to_string()))?;
        self.document = parse(&Source::new(self.name(), text), true)?;
        Ok(())
    }
}

/// The text of a file; `None` when there is none.
pub fn read_text(folder: &Tree, path: &str) -> Result<Option<String>, Diagnostic> {
    let unreadable = |why: String| Diagnostic::error(UNREADABLE, format!("cannot read `{path}`: {why}"));
    match folder.kind(path).map_err(|error| error.diagnostic(UNREADABLE))? {
        None => return Ok(None),
        Some(EntryKind::Dir) => return Err(unreadable("it is a directory".to_owned())),
        Some(EntryKind::File) => {}
    }
    let bytes = folder.read(path).map_err(|error| error.diagnostic(UNREADABLE))?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => {
            Err(Diagnostic::error(UNREADABLE, format!("`{path}` is not UTF-8"))
                .help("save the file with UTF-8 encoding"))
        }
    }
}

fn parse(source: &Arc<Source>, json: bool) -> Result<Document, Diagnostic> {
    let document = if json { parse_json_document(source) } else { parse_document(source) };
    document.map_err(|error| error.to_diagnostic(source))
}
