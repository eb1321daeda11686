//! `helm dependency`: what a chart declares, what lies in its `charts/`, and what its lock says.
//!
//! The [`Manager`] brings them together: it settles versions ([`resolve`]), fetches ([`fetch`]), and
//! replaces what lies in `charts/` once everything has been fetched ([`settle`]).

mod fetch;
mod list;
mod manager;
mod resolve;
mod settle;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::helm::{Chart, Compat};

use super::chart;
use super::command::{Action, Arguments, Command};
use super::commands::action;
use super::download::Downloader;
use super::failure::{Failure, Outcome, tell};
use super::flags;
use super::pflag::Words;
use super::verify::{Signatures, keyring};

use manager::Manager;

/// The commands below `dependency`.
pub static COMMANDS: &[Command] = &[
    action("list", &["ls"], "list the dependencies of a chart", list::ACTION),
    action("update", &["up"], "settle versions, fetch into charts/ and write the lock", UPDATE),
    action("build", &[], "fetch into charts/ what the lock says", BUILD),
];

const UPDATE: Action = Action {
    usage: "CHART",
    arguments: Arguments::AtMostOne,
    flags: &[flags::DEPENDENCIES, flags::REGISTRY],
    run: update,
};
const BUILD: Action = Action {
    usage: "CHART",
    arguments: Arguments::AtMostOne,
    flags: &[flags::DEPENDENCIES, flags::REGISTRY],
    run: build,
};

fn update(words: Words) -> Outcome {
    with_manager(&words, Signatures::Check, |manager| manager.update())
}

fn build(words: Words) -> Outcome {
    with_manager(&words, Signatures::CheckIfThere, |manager| manager.build())
}

fn with_manager(
    words: &Words,
    checked: fn(PathBuf) -> Signatures,
    run: impl Fn(&Manager<'_>) -> Result<(), Failure>,
) -> Outcome {
    let downloader = Downloader::of(words)?;
    let signatures = match words.is_on("verify") {
        true => checked(keyring(words)),
        false => Signatures::Ignore,
    };
    let manager = Manager {
        downloader: &downloader,
        chart: chart_path(words),
        skip_refresh: words.is_on("skip-refresh"),
        debug: words.is_on("debug"),
        signatures,
        tell,
    };
    run(&manager).map(|()| Vec::new())
}

/// Whether `charts/` lacks something that the chart declares. Charts of type library are no matter:
/// they are not rendered.
pub fn lacks(chart: &Chart) -> bool {
    !chart.is_library() && !chart.missing_dependencies().is_empty()
}

/// Fetches what a chart lacks and loads it again, for `--dependency-update`.
pub fn complete(path: &Path, words: &Words, compat: Compat) -> Result<Arc<Chart>, Failure> {
    fill(path, words, &Downloader::of(words)?, tell)?;
    chart::load(path, compat).map_err(|failure| Failure {
        message: format!("failed reloading chart after repo update: {}", failure.message),
        ..failure
    })
}

/// Settles the versions of a chart's dependencies, fetches them and writes the lock.
pub fn fill(path: &Path, words: &Words, downloader: &Downloader, tell: fn(&str)) -> Result<(), Failure> {
    let chart = path.to_string_lossy().into_owned();
    let debug = words.is_on("debug");
    Manager { downloader, chart, skip_refresh: false, debug, signatures: Signatures::Ignore, tell }.update()
}

/// Dependencies are read as Helm 3 does.
fn load(path: &Path) -> Result<Arc<Chart>, Failure> {
    chart::load(path, Compat::V3)
}

/// The chart that the command line names; the working directory without one.
fn chart_path(words: &Words) -> String {
    crate::golang::path::clean_text(words.arguments.first().map_or(".", String::as_str))
}

/// Go's `filepath.Join`.
fn join(folder: &str, below: &str) -> String {
    crate::golang::path::clean_text(&format!("{folder}/{below}"))
}
