//! The chart that a word of the command line means.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::helm::{self, Chart, Compat, LoadError};
use crate::source::{Tree, TreeError, expect_gzip};

use super::download::Downloader;
use super::failure::{Failure, go_words, say};
use super::input;
use super::pflag::Words;
use super::place;
use super::verify::{Signatures, keyring, verify};

/// The chart on disk, by its whole path. One from elsewhere is fetched into helm's cache first.
pub fn locate(name: &str, words: &Words) -> Result<PathBuf, String> {
    let name = name.trim();
    let repository = words.last("repo").unwrap_or_default();
    if Path::new(name).exists() {
        if !repository.is_empty() {
            say(&format!(
                "install.go:759: WARN local chart found in current working directory. repository url ignored \
                 chart={name} repository={repository}"
            ));
        }
        let path = std::path::absolute(name).map_err(|error| go_words(&error))?;
        if words.is_on("verify") {
            verify(&path, &keyring(words))?;
        }
        return Ok(path);
    }
    if name.starts_with('/') || name.starts_with('.') {
        return Err(format!("path {name:?} not found"));
    }
    let downloader = Downloader::of(words)?;
    let version = wanted_version(words);
    let (reference, asking) = downloader.chart_of(name, repository, version.trim())?;
    let cache = &downloader.files.repository_cache;
    fs::create_dir_all(cache).map_err(|error| format!("mkdir {}: {}", cache.display(), go_words(&error)))?;
    let signatures = match words.is_on("verify") {
        true => Signatures::Check(keyring(words)),
        false => Signatures::Ignore,
    };
    let file = downloader.download(&reference, version.trim(), &asking, cache, &signatures)?.file;
    std::path::absolute(file).map_err(|error| go_words(&error))
}

/// The version that the flags ask for; empty for the latest.
pub fn wanted_version(words: &Words) -> &str {
    match words.last("version").unwrap_or_default() {
        "" if words.is_on("devel") => ">0.0.0-0",
        version => version,
    }
}

/// Loads a chart for the given Helm, from a folder or an archive.
pub fn load(path: &Path, compat: Compat) -> Result<Arc<Chart>, Failure> {
    let shown = path.to_string_lossy();
    let failure = |error: LoadError| Failure::at(load_error(&error), place::of_loading(path, &error));
    if path.is_dir() {
        let tree = Tree::chart_directory(path, &*shown);
        return helm::load_as(&tree, compat).map_err(failure);
    }
    let bytes = input::read_file(path)?;
    expect_gzip(&bytes, &shown).map_err(|error| error.problem.to_string())?;
    // Helm does not say which archive it is that it refuses.
    let named = |failure: Failure| match failure.places.is_empty() {
        true => Failure { places: vec![shown.to_string()], ..failure },
        false => failure,
    };
    helm::load_archive(&bytes, &shown, compat).map_err(failure).map_err(named)
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
