use std::time::Duration;

use rayon::prelude::*;

use crate::helm::repository::Entry;

use super::super::command::{Action, Arguments};
use super::super::download::{self, Downloader};
use super::super::failure::{Outcome, tell};
use super::super::flags::flag;
use super::super::pflag::{Flag, Takes, Words};
use super::add::{TIMEOUT, timeout};
use super::{ListError, fetch_index, read_list};

/// `helm repo update`.
pub const ACTION: Action = Action { usage: "[REPO1 [REPO2 ...]]", arguments: Arguments::Any, flags: &[FLAGS], run };

/// How the names begin that helm gives to repositories which the user did not add.
pub const UNMANAGED: &str = "helm-manager-";

static FLAGS: &[Flag] =
    &[flag("fail-on-repo-update-fail", Takes::Bool, "fail when an index cannot be fetched"), TIMEOUT];

fn run(words: Words) -> Outcome {
    let timeout = timeout(&words)?;
    let downloader = Downloader::unchecked(&words);
    let list = match read_list(&downloader.files) {
        Ok(list) if !list.entries.is_empty() => list,
        Ok(_) | Err(ListError::Missing) => {
            return Err("no repositories found. You must add one before updating".to_owned().into());
        }
        Err(ListError::Other(error)) => {
            return Err(
                format!("failed loading file: {}: {error}", downloader.files.repository_config.display()).into()
            );
        }
    };
    if let Some(name) = words.arguments.iter().find(|name| list.find(name).is_none()) {
        return Err(format!("no repositories found matching '{name}'.  Nothing will be updated").into());
    }
    let wanted = |entry: &&Entry| words.arguments.is_empty() || words.arguments.contains(&entry.name);
    let wanted: Vec<&Entry> = list.entries.iter().filter(wanted).collect();
    for entry in &wanted {
        download::check_repository(&entry.url)?;
    }
    tell("Hang tight while we grab the latest from your chart repositories...");
    let failed = fetch_all(&downloader, &wanted, timeout, tell)?;
    if !failed.is_empty() && words.is_on("fail-on-repo-update-fail") {
        return Err(format!("Failed to update the following repositories: [{}]", failed.join(" ")).into());
    }
    Ok("Update Complete. ⎈Happy Helming!⎈\n".as_bytes().to_vec())
}

/// Fetches indexes at once and tells how each went, in the order of the list. Gives the URLs of those
/// that failed. The error is about an entry that makes no sense.
pub fn fetch_all(
    downloader: &Downloader,
    entries: &[&Entry],
    timeout: Duration,
    tell: fn(&str),
) -> Result<Vec<String>, String> {
    for entry in entries {
        download::check_repository(&entry.url)?;
    }
    let results: Vec<Result<(), String>> = entries
        .par_iter()
        .map(|entry| fetch_index(downloader, entry, &download::asking_of(entry, timeout)).and_then(|it| it))
        .collect();
    let mut failed = Vec::new();
    for (entry, result) in entries.iter().zip(results) {
        let Entry { name, url, .. } = entry;
        let is_managed = !name.starts_with(UNMANAGED);
        let shown = if is_managed { name } else { url };
        match result {
            Ok(()) => tell(&format!("...Successfully got an update from the {shown:?} chart repository")),
            Err(error) => {
                let place = if is_managed { format!(" ({url})") } else { String::new() };
                tell(&format!("...Unable to get an update from the {shown:?} chart repository{place}:\n\t{error}"));
                failed.push(url.clone());
            }
        }
    }
    Ok(failed)
}
