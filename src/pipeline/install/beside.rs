use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Blame, Code, Diagnostic};
use crate::source::{EntryKind, NewFolder, SourceSpec, Tree, names_archive};
use crate::stack::Fetch;

const NOT_KEPT: Code = Code("install.not-kept");

/// Writes a fetched source where Fabrikate keeps it: `components/NAME` or `helm_repos/NAME` beside
/// the component file. What stands there is replaced when all is written. Components that are
/// themselves not on disk have no such place.
pub(super) fn keep_beside(fetch: &Fetch, tree: &Tree) -> Result<(), Diagnostic> {
    let Some(base) = fetch.base.on_disk("") else { return Ok(()) };
    let target = base.join(&fetch.kept);
    let write = || -> io::Result<()> {
        let parent = target.parent().unwrap_or(&base).to_owned();
        fs::create_dir_all(&parent)?;
        if !parent.canonicalize()?.starts_with(base.canonicalize()?) {
            return Err(io::Error::other("a link leads out of the component's folder"));
        }
        let staged = NewFolder::beside(&target)?;
        match &fetch.request.spec {
            SourceSpec::Http { url } if !names_archive(url) => {
                let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
                for entry in tree.list("").map_err(io::Error::other)? {
                    let content = tree.read(&entry.name).map_err(io::Error::other)?;
                    fs::write(staged.path().join(format!("{name}.yaml")), content)?;
                }
            }
            _ => copy(tree, "", staged.path())?,
        }
        make_readable(staged.path())?;
        staged.put()
    };
    write().map_err(|error| refused(&target, &error))
}

/// Writes the dependencies of a chart into its `charts/`, where `helm dependency update` leaves them.
pub(super) fn keep_dependencies(fetch: &Fetch, path: &str, chart: &Tree) -> Result<(), Diagnostic> {
    let Some(base) = fetch.base.on_disk(&fetch.kept) else { return Ok(()) };
    let target = base.join(path).join("charts");
    if !base.is_dir() || !chart.is_dir("charts") {
        return Ok(());
    }
    let write = || -> io::Result<()> {
        fs::create_dir_all(&target)?;
        if !target.canonicalize()?.starts_with(base.canonicalize()?) {
            return Err(io::Error::other("a link leads out of the chart's source"));
        }
        for entry in chart.list("charts").map_err(io::Error::other)? {
            let own = target.join(&entry.name);
            if own.exists() {
                continue;
            }
            let below = format!("charts/{}", entry.name);
            match entry.kind {
                EntryKind::File => fs::write(own, chart.read(&below).map_err(io::Error::other)?)?,
                EntryKind::Dir => {
                    fs::create_dir_all(&own)?;
                    copy(chart, &below, &own)?;
                }
            }
        }
        Ok(())
    };
    write().map_err(|error| refused(&target, &error))
}

fn refused(target: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(NOT_KEPT, format!("cannot write `{}`: {error}", target.display())).blame(Blame::World)
}

fn copy(tree: &Tree, path: &str, to: &Path) -> io::Result<()> {
    for entry in tree.list(path).map_err(io::Error::other)? {
        let below = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
        let own: PathBuf = to.join(&entry.name);
        match entry.kind {
            EntryKind::File => fs::write(own, tree.read(&below).map_err(io::Error::other)?)?,
            EntryKind::Dir => {
                fs::create_dir(&own)?;
                copy(tree, &below, &own)?;
            }
        }
    }
    Ok(())
}

/// Temporary folders are private; this one becomes part of the project.
#[cfg(unix)]
fn make_readable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_folder: &Path) -> io::Result<()> {
    Ok(())
}
