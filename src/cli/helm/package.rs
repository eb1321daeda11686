use std::fs;
use std::path::Path;

use crate::helm::packing::{members, metadata_for_package};
use crate::source::pack_tgz;

use super::command::{Action, Arguments};
use super::download::Downloader;
use super::failure::{Failure, Outcome, go_words};
use super::pflag::{Flag, Takes, Words};
use super::{chart, dependency, flags, settings};

static FLAGS: &[Flag] = &[
    flags::flag("version", Takes::Text, "pack the chart with this version"),
    flags::flag("app-version", Takes::Text, "pack the chart with this appVersion"),
    flags::short('d', "destination", Takes::Text, "folder to write the archive to (default: this one)"),
    flags::short('u', "dependency-update", Takes::Bool, "fetch dependencies into charts/ and write the lock before"),
    flags::flag("sign", Takes::Bool, "refused: archives are not signed"),
    flags::idle("key", Takes::Text),
    flags::idle("passphrase-file", Takes::Text),
];

/// `helm package`.
pub const ACTION: Action =
    Action { usage: "[CHART_PATH] [...]", arguments: Arguments::Any, flags: &[FLAGS, flags::REGISTRY], run };

fn run(words: Words) -> Outcome {
    if words.arguments.is_empty() {
        return Err("need at least one argument, the path to the chart".to_owned().into());
    }
    if words.is_on("sign") {
        return Err("--sign is not offered by kiln in helm's place: archives are not signed".to_owned().into());
    }
    let downloader = Downloader::of(&words)?;
    let mut output = Vec::new();
    for path in &words.arguments {
        match pack(path, &words, &downloader) {
            Ok(file) => {
                output.extend(format!("Successfully packaged chart and saved it to: {file}\n").into_bytes());
            }
            Err(failure) => return Err(Failure { output, ..failure }),
        }
    }
    Ok(output)
}

/// Packs the chart at a path. Gives the archive's path.
fn pack(path: &str, words: &Words, downloader: &Downloader) -> Result<String, Failure> {
    fs::metadata(path).map_err(|error| format!("stat {path}: {}", go_words(&error)))?;
    let whole = std::path::absolute(path).map_err(|error| go_words(&error))?;
    if words.is_on("dependency-update") {
        // Helm drops what its manager tells here.
        dependency::fill(&whole, words, downloader, |_| ())?;
    }
    let chart = chart::load(&whole, words.compat)?;
    let flag = |name| words.last(name).unwrap_or_default();
    let metadata = metadata_for_package(&chart, flag("version"), flag("app-version"))?;
    let folder = match words.last("destination") {
        None | Some("." | "") => std::env::current_dir().map_err(|error| go_words(&error))?,
        Some(folder) => Path::new(folder).to_owned(),
    };
    let unsaved = |error: String| format!("failed to save: {error}");
    let members = members(&chart, &metadata).map_err(unsaved)?;
    let files = members.iter().map(|member| (member.path.clone(), &*member.data));
    let bytes = pack_tgz(files, settings::source_date()).map_err(|error| unsaved(go_words(&error)))?;
    let file = folder.join(format!("{}-{}.tgz", metadata.name, metadata.version));
    let unwritten = |operation: &str, at: &Path, error: &std::io::Error| {
        unsaved(format!("{operation} {}: {}", at.display(), go_words(error)))
    };
    if folder.is_file() {
        return Err(unsaved(format!("is not a directory: {}", folder.display())).into());
    }
    fs::create_dir_all(&folder).map_err(|error| unwritten("mkdir", &folder, &error))?;
    fs::write(&file, bytes).map_err(|error| unwritten("open", &file, &error))?;
    Ok(file.to_string_lossy().into_owned())
}
