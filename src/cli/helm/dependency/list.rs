use std::fs;
use std::path::{Path, PathBuf};

use crate::golang::semver::{Constraints, Version};
use crate::golang::strconv;
use crate::helm::{Chart, Dependency};
use crate::source::list_folder;

use super::super::command::{Action, Arguments};
use super::super::failure::{Outcome, go_words};
use super::super::flags::flag;
use super::super::pflag::{Flag, Takes, Words, invalid};
use super::super::table;
use super::{chart_path, join, load};

/// `helm dependency list`.
pub const ACTION: Action = Action { usage: "CHART", arguments: Arguments::AtMostOne, flags: &[FLAGS], run };

const WIDTH: Flag = flag("max-col-width", Takes::Text, "cut columns that are wider (80)");
static FLAGS: &[Flag] = &[WIDTH];

fn run(words: Words) -> Outcome {
    let width = match words.last(WIDTH.name) {
        None => 80,
        Some(text) => strconv::parse_uint(text, 0, 64)
            .map_err(|error| invalid(&WIDTH, text, &error.message("ParseUint", text)))
            .map(|width| usize::try_from(width).unwrap_or(usize::MAX))?,
    };
    let path = chart_path(&words);
    fs::metadata(&path).map_err(|error| format!("stat {path}: {}", go_words(&error)))?;
    let chart = load(Path::new(&path))?;
    let Some(declared) = &chart.metadata.dependencies else {
        return Ok(format!("WARNING: no dependencies at {}\n", join(&path, "charts")).into_bytes());
    };
    let states: Vec<&str> = declared.iter().map(|dependency| state(&path, dependency, &chart)).collect();
    let rows = declared.iter().zip(states).map(|(it, state)| vec![&*it.name, &*it.version, &*it.repository, state]);
    let rows: Vec<Vec<&str>> = std::iter::once(vec!["NAME", "VERSION", "REPOSITORY", "STATUS"]).chain(rows).collect();
    let mut text = format!("{}\n\n", table::draw(&rows, width));
    for file in charts_of(&path) {
        let shown = strconv::quote(file.to_string_lossy().as_bytes());
        match load(&file) {
            Err(_) => text.push_str(&format!("WARNING: {shown} is not a chart.\n")),
            Ok(found) if declared.iter().all(|it| it.name != found.name()) => {
                text.push_str(&format!("WARNING: {shown} is not in Chart.yaml.\n"));
            }
            Ok(_) => {}
        }
    }
    Ok(text.into_bytes())
}

/// Folders and archives in `charts/`, sorted by name.
fn charts_of(chart: &str) -> Vec<PathBuf> {
    let folder = join(chart, "charts");
    let listed = list_folder(Path::new(&folder)).unwrap_or_default().into_iter();
    let mut files: Vec<PathBuf> = listed.map(|entry| join(&folder, &entry.name.to_string_lossy()).into()).collect();
    files.retain(|file| file.is_dir() || file.extension().is_some_and(|end| end == "tgz"));
    files.sort();
    files
}

/// What helm says about a dependency: archives are looked at first, by their names.
fn state(path: &str, dependency: &Dependency, chart: &Chart) -> &'static str {
    let begin = format!("{}-", dependency.name);
    let name = |file: &Path| file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let version = |file: &Path| name(file).strip_prefix(&begin)?.strip_suffix(".tgz").map(str::to_owned);
    let archives: Vec<PathBuf> = charts_of(path).into_iter().filter(|file| version(file).is_some()).collect();
    let versioned: Vec<&PathBuf> =
        archives.iter().filter(|file| version(file).is_some_and(|it| Version::parse_strict(&it).is_ok())).collect();
    let archive = match (archives.as_slice(), versioned.as_slice()) {
        ([only], _) => Some(only),
        ([_, _, ..], [only]) => Some(*only),
        ([_, _, ..], [_, _, ..]) => return "too many matches",
        _ => None,
    };
    if let Some(archive) = archive {
        return match load(archive) {
            Err(_) => "corrupt",
            Ok(found) if found.name() != dependency.name => "misnamed",
            Ok(found) => mismatch(dependency, &found).unwrap_or("ok"),
        };
    }
    match chart.charts.iter().rfind(|below| below.name() == dependency.name) {
        None => "missing",
        Some(found) => mismatch(dependency, found).unwrap_or("unpacked"),
    }
}

fn mismatch(dependency: &Dependency, found: &Chart) -> Option<&'static str> {
    if found.metadata.version == dependency.version {
        return None;
    }
    match (Constraints::parse(&dependency.version), Version::parse(&found.metadata.version)) {
        (Ok(range), Ok(version)) if range.check(&version) => None,
        (Ok(_), Ok(_)) => Some("wrong version"),
        _ => Some("invalid version"),
    }
}
