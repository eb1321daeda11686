//! The chart that a word of the command line means.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::helm::{self, Chart, LoadError};
use crate::source::{Tree, TreeError, expect_gzip};

use super::failure::{Failure, go_words};
use super::pflag::Words;
use super::place;

/// The chart on disk, by its whole path.
pub fn locate(name: &str, words: &Words) -> Result<PathBuf, String> {
    let name = name.trim();
    if Path::new(name).exists() {
        return std::path::absolute(name).map_err(|error| go_words(&error));
    }
    if name.starts_with('/') || name.starts_with('.') {
        return Err(format!("path {name:?} not found"));
    }
    if name.contains("://") || words.last("repo").is_some_and(|repo| !repo.is_empty()) {
        return Err(format!("{name}: charts are not fetched while rendering; download the chart first"));
    }
    match name.split_once('/') {
        Some((repo, _)) => Err(format!("repo {repo} not found")),
        None => Err(format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}")),
    }
}

/// Loads a chart, from a folder or an archive.
pub fn load(path: &Path) -> Result<Arc<Chart>, Failure> {
    let shown = path.to_string_lossy();
    let failure = |error: LoadError| Failure::at(load_error(&error), place::of_loading(path, &error));
    if path.is_dir() {
        let tree = Tree::directory(path, &*shown);
        return helm::load(&tree).map_err(failure);
    }
    let bytes = fs::read(path).map_err(|error| format!("open {shown}: {}", go_words(&error)))?;
    expect_gzip(&bytes, &shown).map_err(|error| error.problem.to_string())?;
    helm::load_archive(&bytes, &shown).map_err(failure)
}

/// Helm names the target of a link that leads nowhere. Links out of the chart it follows; we do not.
fn load_error(error: &LoadError) -> String {
    match error.tree.as_deref() {
        Some(TreeError::Missing { path }) if let Ok(target) = fs::read_link(path) => {
            let target = Path::new(path).parent().unwrap_or(Path::new("/")).join(target);
            format!("error evaluating symlink {path}: lstat {}: no such file or directory", target.display())
        }
        Some(TreeError::Escapes { path, .. }) => {
            format!("error evaluating symlink {path}: it leads outside of the chart")
        }
        _ => error.to_string(),
    }
}
