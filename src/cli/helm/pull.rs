use std::fs;
use std::path::Path;

use crate::golang::path::clean_text;
use crate::source::TemporaryFolder;

use super::chart::wanted_version;
use super::command::{Action, Arguments};
use super::download::{Downloaded, Downloader};
use super::failure::{Failure, Outcome, go_words};
use super::flags::{self, flag, short};
use super::pflag::{Flag, Takes, Words};
use super::unpack::unpack;
use super::verify::{Signatures, Signed, keyring};

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
    flag("prov", Takes::Bool, "fetch the provenance file, without checking it"),
];

fn run(words: Words) -> Outcome {
    let downloader = Downloader::of(&words)?;
    let signatures = match (words.is_on("verify"), words.is_on("prov")) {
        (true, _) => Signatures::Check(keyring(&words)),
        (false, true) => Signatures::Fetch,
        (false, false) => Signatures::Ignore,
    };
    let mut output = Vec::new();
    for reference in &words.arguments {
        if let Err(message) = pull(&downloader, reference, &words, &signatures, &mut output) {
            return Err(Failure { output, ..Failure::from(message) });
        }
    }
    Ok(output)
}

fn pull(
    downloader: &Downloader,
    reference: &str,
    words: &Words,
    signatures: &Signatures,
    output: &mut Vec<u8>,
) -> Result<(), String> {
    let destination = Path::new(words.last("destination").unwrap_or("."));
    let version = wanted_version(words);
    let repository = words.last("repo").unwrap_or_default();
    let (found, asking) = downloader.chart_of(reference, repository, version)?;
    if !words.is_on("untar") {
        let fetched = downloader.download(&found, version, &asking, destination, signatures)?;
        output.extend(report(&fetched));
        return Ok(());
    }
    let temporary =
        TemporaryFolder::anywhere("helm-").map_err(|error| format!("failed to untar: {}", go_words(&error)))?;
    let fetched = downloader.download(&found, version, &asking, temporary.path(), signatures)?;
    output.extend(report(&fetched));
    let file = fetched.file;
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

/// What helm says of a signature.
fn report(fetched: &Downloaded) -> Vec<u8> {
    let warning = fetched.warning.iter().map(|warning| format!("{warning}\n"));
    warning.chain(fetched.signed.iter().map(Signed::report)).collect::<String>().into_bytes()
}
