//! `helm repo`: the repositories that the user knows by name, and their indexes in helm's cache.

mod add;
mod list;
mod remove;
mod update;

use std::fs;
use std::io::ErrorKind;

use crate::helm::repository::{Entry, Index, Repositories};
use crate::source::remote::Asking;
use crate::source::{write_atomically, write_private};

use super::command::Command;
use super::commands::{NOT_OFFERED, action, refused};
use super::download::Downloader;
use super::failure::{go_words, say};
use super::files::Files;

pub use update::{UNMANAGED, fetch_all};

/// The commands below `repo`.
pub static COMMANDS: &[Command] = &[
    action("add", &[], "add a repository", add::ACTION),
    action("list", &["ls"], "list the repositories", list::ACTION),
    action("remove", &["rm"], "remove repositories", remove::ACTION),
    action("update", &["up"], "fetch the indexes of the repositories again", update::ACTION),
    refused("index", &[], "make the index of a folder of charts", NOT_OFFERED),
];

/// Why the list of repositories is not there.
enum ListError {
    Missing,
    Other(String),
}

fn read_list(files: &Files) -> Result<Repositories, ListError> {
    let path = files.repository_config.display();
    match fs::read(&files.repository_config) {
        Ok(text) => Repositories::parse(&text).map_err(ListError::Other),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(ListError::Missing),
        Err(error) => {
            let words = go_words(&error);
            Err(ListError::Other(format!("couldn't load repositories file ({path}): open {path}: {words}")))
        }
    }
}

/// Logins may be in it: only its owner may read it.
fn write_list(files: &Files, list: &Repositories) -> Result<(), String> {
    let path = &files.repository_config;
    write_private(path, &list.to_yaml()?).map_err(|error| format!("open {}: {}", path.display(), go_words(&error)))
}

/// Fetches the index of a repository into the cache. The outer error is about the entry itself.
pub fn fetch_index(downloader: &Downloader, entry: &Entry, asking: &Asking) -> Result<Result<(), String>, String> {
    let fetched = downloader.fetch_index(&entry.url, asking)?;
    Ok(fetched.and_then(|(text, index)| keep(&downloader.files, &entry.name, &text, &index)))
}

fn keep(files: &Files, name: &str, text: &[u8], index: &Index) -> Result<(), String> {
    index.warnings.iter().for_each(|warning| say(warning));
    let charts: String = index.charts().map(|chart| format!("{chart}\n")).collect();
    // Only helm's completions read it.
    let _ = write_atomically(&files.charts(name), charts.as_bytes());
    let path = files.index(name);
    write_atomically(&path, text).map_err(|error| format!("open {}: {}", path.display(), go_words(&error)))
}
