use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::helm::{Chart, Dependency};
use crate::source::{FileKind, list_folder};

use super::super::failure::go_words;

/// Moves the charts that were fetched into `charts/` and removes archives that are no longer wanted.
/// Charts that the user put there, unpacked or declared without a repository, stay.
pub fn settle(locked: &[Dependency], staging: &Path, charts: &Path, tell: fn(&str)) -> Result<(), String> {
    let (fresh, old) = (files(staging)?, files(charts)?);
    for from in &fresh {
        let to = charts.join(from.file_name().unwrap_or_default());
        if let Err(error) = load(from) {
            tell(&format!("Could not verify {} for moving: {error} (Skipping)", from.display()));
        } else if let Err(error) = fs::rename(from, &to) {
            tell(&format!("Unable to move {} to charts dir {} (Skipping)", from.display(), go_words(&error)));
        }
    }
    tell("Deleting outdated charts");
    let is_local = |name: &str| locked.iter().any(|it| it.repository.is_empty() && it.name == name);
    for path in old.iter().filter(|file| !fresh.iter().any(|it| it.file_name() == file.file_name())) {
        match load(path) {
            Err(error) => tell(&format!("Could not verify {} for deletion: {error} (Skipping)", path.display())),
            Ok(chart) if is_local(chart.name()) => {}
            Ok(_) => {
                if let Err(error) = fs::remove_file(path) {
                    tell(&format!("Could not delete {}: {} (Skipping)", path.display(), go_words(&error)));
                }
            }
        }
    }
    Ok(())
}

fn load(path: &Path) -> Result<Arc<Chart>, String> {
    super::load(path).map_err(|failure| failure.message)
}

/// What is no folder in a folder, sorted by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("open {}: {}", folder.display(), go_words(&error));
    let listed = list_folder(folder).map_err(failed)?.into_iter();
    let mut files: Vec<PathBuf> =
        listed.filter(|entry| entry.kind != FileKind::Folder).map(|entry| folder.join(entry.name)).collect();
    files.sort();
    Ok(files)
}
