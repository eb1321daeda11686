use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::json;
use crate::diag::{Blame, Code, Diagnostic};
use crate::source::write_as;
use crate::span::Source;
use crate::value::Frozen;
use crate::yaml::edit::{self, EditError, Step};
use crate::yaml::{Document, Node, parse_document, parse_json_document};

const UNREADABLE: Code = Code("file.unreadable");
const UNWRITABLE: Code = Code("file.unwritable");
const IN_THE_WAY: Code = Code("edit.in-the-way");

/// A YAML or JSON file of the project with changes that are not written yet.
pub struct EditedFile {
    path: PathBuf,
    document: Document,
    json: bool,
    existed: bool,
}

impl EditedFile {
    /// Opens `<stem>.yaml`, else `<stem>.json`, below the project; a new YAML file when there is
    /// neither. A file that cannot be read is an error, never overwritten.
    pub fn open(project: &Path, stem: &str) -> Result<Self, Diagnostic> {
        for (extension, json) in [("yaml", false), ("json", true)] {
            let name = format!("{stem}.{extension}");
            let path = project.join(&name);
            match fs::read(&path) {
                Ok(bytes) => {
                    let text = String::from_utf8(bytes).map_err(|_| {
                        Diagnostic::error(UNREADABLE, format!("`{name}` is not UTF-8"))
                            .help("save the file with UTF-8 encoding")
                    })?;
                    let document = parse(&Source::new(name, text), json)?;
                    return Ok(Self { path, document, json, existed: true });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Diagnostic::error(UNREADABLE, format!("cannot read `{name}`: {error}")));
                }
            }
        }
        let name = format!("{stem}.yaml");
        let document = parse(&Source::new(name.as_str(), ""), false)?;
        Ok(Self { path: project.join(name), document, json: false, existed: false })
    }

    /// Whether there was a file.
    pub fn existed(&self) -> bool {
        self.existed
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

    /// Writes the file by rename, following a link to the file it names. Gives whether it changed.
    pub fn write(&self) -> Result<bool, Diagnostic> {
        let text = self.document.source.text();
        let target = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        if fs::read(&target).is_ok_and(|present| present == text.as_bytes()) {
            return Ok(false);
        }
        let write = || -> io::Result<()> {
            let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let permissions = match fs::metadata(&target) {
                Ok(meta) => meta.permissions(),
                Err(_) => plain_permissions(folder)?,
            };
            write_as(&target, text.as_bytes(), permissions)
        };
        let failed = |error: io::Error| {
            Diagnostic::error(UNWRITABLE, format!("cannot write `{}`: {error}", self.name())).blame(Blame::World)
        };
        write().map_err(failed)?;
        Ok(true)
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

fn parse(source: &Arc<Source>, json: bool) -> Result<Document, Diagnostic> {
    let document = if json { parse_json_document(source) } else { parse_document(source) };
    document.map_err(|error| error.to_diagnostic(source))
}

/// What a new file in the folder gets: temporary files are private, files of a project are not.
#[cfg(unix)]
fn plain_permissions(folder: &Path) -> io::Result<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    // Whoever may enter the folder may read its files.
    let mode = fs::metadata(folder)?.permissions().mode();
    Ok(fs::Permissions::from_mode((mode & 0o666) & !0o022 | 0o600))
}

#[cfg(not(unix))]
fn plain_permissions(folder: &Path) -> io::Result<fs::Permissions> {
    Ok(fs::metadata(folder)?.permissions())
}
