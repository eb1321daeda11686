use std::fs::{self, DirEntry};
use std::path::Path;
use std::sync::Arc;

use crate::helm::{Chart, Dependency};

use super::super::failure::go_words;

/// Moves the charts that were fetched into `charts/` and removes archives that are no longer wanted.
/// Charts that the user put there, unpacked or declared without a repository, stay.
pub fn settle(locked: &[Dependency], staging: &Path, charts: &Path, tell: fn(&str)) -> Result<(), String> {
    let (fresh, old) = (files(staging)?, files(charts)?);
    for file in &fresh {
        let (from, to) = (file.path(), charts.join(file.file_name()));
        if let Err(error) = load(&from) {
            tell(&format!("Could not verify {} for moving: {error} (Skipping)", from.display()));
        } else if let Err(error) = fs::rename(&from, &to) {
            tell(&format!("Unable to move {} to charts dir {} (Skipping)", from.display(), go_words(&error)));
        }
    }
    tell("Deleting outdated charts");
    let is_local = |name: &str| locked.iter().any(|it| it.repository.is_empty() && it.name == name);
    for file in old.iter().filter(|file| !fresh.iter().any(|it| it.file_name() == file.file_name())) {
        let path = file.path();
        match load(&path) {
            Err(error) => tell(&format!("Could not verify {} for deletion: {error} (Skipping)", path.display())),
            Ok(chart) if is_local(chart.name()) => {}
            Ok(_) => {
                if let Err(error) = fs::remove_file(&path) {
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
fn files(folder: &Path) -> Result<Vec<DirEntry>, String> {
    let failed = |error: std::io::Error| format!("open {}: {}", folder.display(), go_words(&error));
    let entries: Result<Vec<DirEntry>, _> = fs::read_dir(folder).map_err(failed)?.collect();
    let mut entries = entries.map_err(failed)?;
    entries.retain(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()));
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}
