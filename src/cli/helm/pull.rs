use std::fs;
use std::path::Path;

use crate::golang::path::clean_text;

use super::chart::wanted_version;
use super::command::{Action, Arguments};
use super::download::{Downloader, NO_SIGNATURES};
use super::failure::{Outcome, go_words};
use super::flags::{self, flag, short};
use super::pflag::{Flag, Takes, Words};
use super::unpack::unpack;

/// `helm pull`.
pub const ACTION: Action = Action {
    usage: "[chart URL | repo/chartname] [...]",
    arguments: Arguments::AtLeastOne,
    flags: &[FLAGS, flags::SOURCE],
    run,
};

static FLAGS: &[Flag] = &[
    flag("untar", Takes::Bool, "unpack the chart"),
    flag("untardir", Takes::Text, "folder to unpack below (.)"),
    short('d', "destination", Takes::Text, "folder to write to (.)"),
    flag("prov", Takes::Bool, "refused: signatures are not fetched"),
];

fn run(words: Words) -> Outcome {
    let downloader = Downloader::of(&words)?;
    if words.is_on("verify") || words.is_on("prov") {
        return Err(NO_SIGNATURES.to_owned().into());
    }
    for reference in &words.arguments {
        pull(&downloader, reference, &words)?;
    }
    Ok(Vec::new())
}

fn pull(downloader: &Downloader, reference: &str, words: &Words) -> Result<(), String> {
    let destination = Path::new(words.last("destination").unwrap_or("."));
    let version = wanted_version(words);
    let repository = words.last("repo").unwrap_or_default();
    let (found, asking) = downloader.chart_of(reference, repository, version)?;
    if !words.is_on("untar") {
        return downloader.download(&found, version, &asking, destination).map(drop);
    }
    let temporary = tempfile::Builder::new()
        .prefix("helm-")
        .tempdir()
        .map_err(|error| format!("failed to untar: {}", go_words(&error)))?;
    let file = downloader.download(&found, version, &asking, temporary.path())?;
    let below = destination.join(words.last("untardir").unwrap_or("."));
    // As in helm the name is the reference's, whatever the chart is called.
    let name = reference.rsplit('/').next().unwrap_or(reference);
    let folder = below.join(name);
    let shown = clean_text(&folder.to_string_lossy());
    if fs::symlink_metadata(&folder).is_ok() {
        return Err(format!("failed to untar: a file or directory with the name {shown} already exists"));
    }
    fs::create_dir_all(&folder)
        .map_err(|error| format!("failed to untar (mkdir): mkdir {shown}: {}", go_words(&error)))?;
    let bytes = fs::read(&file).map_err(|error| format!("open {}: {}", file.display(), go_words(&error)))?;
    unpack(&bytes, &file.to_string_lossy(), &below)
}
