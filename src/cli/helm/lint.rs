use std::fs;
use std::path::{Path, PathBuf};

use crate::gotmpl::Limits;
use crate::helm::lint::{self, Lint, LintOptions, Severity};
use crate::helm::{Compat, KubeVersion};
use crate::source::{ArchiveBudget, EntryKind, FileKind, Naming, Tree, list_folder, unpack_tgz};
use crate::value::Frozen;

use super::command::{Action, Arguments};
use super::failure::{Failure, Outcome, go_words, say};
use super::pflag::{Flag, Takes, Words};
use super::{flags, settings, stack, values};

static FLAGS: &[Flag] = &[
    flags::flag("strict", Takes::Bool, "fail on warnings"),
    flags::flag("with-subcharts", Takes::Bool, "check the charts in charts/ too"),
    flags::flag("quiet", Takes::Bool, "print only warnings and errors"),
    flags::flag("skip-schema-validation", Takes::Bool, "do not compare the values of templates with schemas"),
    flags::flag("kube-version", Takes::Text, "Kubernetes version for capabilities and deprecations"),
];

/// `helm lint`.
pub const ACTION: Action = Action {
    usage: "PATH",
    arguments: Arguments::Any,
    flags: &[FLAGS, flags::VALUES],
    run: |words| stack::with_room(words, run),
};

/// How many charts `--with-subcharts` looks for at most.
const MAX_CHARTS: usize = 10_000;
/// How deep `--with-subcharts` looks for charts.
const MAX_DEPTH: usize = 100;

fn run(words: Words, limits: Limits) -> Outcome {
    let mut paths = words.arguments.clone();
    if paths.is_empty() {
        paths.push(".".to_owned());
    }
    let kube_version = match words.last("kube-version").filter(|text| !text.is_empty()) {
        Some(text) => {
            KubeVersion::parse(text, Compat::V3).map_err(|error| format!("invalid kube version '{text}': {error}"))?
        }
        None => KubeVersion::default_of_helm(),
    };
    if words.is_on("with-subcharts") {
        for path in paths.clone() {
            find_charts(&Path::new(&path).join("charts"), 0, &mut paths);
        }
    }
    let user = values::collect(&words, Compat::V3)?;
    let options = LintOptions {
        namespace: settings::namespace(&words),
        kube_version,
        skip_schema_validation: words.is_on("skip-schema-validation"),
        limits,
    };
    let (strict, quiet) = (words.is_on("strict"), words.is_on("quiet"));
    let tolerated = if strict { Severity::Warning } else { Severity::Error };
    let mut report = Report { text: String::new(), failed: 0, noisy: 0 };
    for path in &paths {
        report.add(path, lint_path(path, &user, &options), tolerated, quiet);
    }
    let Report { mut text, failed, noisy } = report;
    let summary = format!("{} chart(s) linted, {failed} chart(s) failed", paths.len());
    if failed > 0 {
        return Err(Failure { output: text.into_bytes(), ..Failure::from(summary) });
    }
    if !quiet || noisy > 0 {
        text.push_str(&summary);
        text.push('\n');
    }
    Ok(text.into_bytes())
}

/// What is printed about all charts.
struct Report {
    text: String,
    /// Charts with something that is not tolerated.
    failed: usize,
    /// Charts with more than information.
    noisy: usize,
}

impl Report {
    fn add(&mut self, path: &str, outcome: Result<Lint, String>, tolerated: Severity, quiet: bool) {
        let (messages, error) = match &outcome {
            Ok(lint) => (lint.messages.as_slice(), None),
            Err(error) => (&[][..], Some(error)),
        };
        let is_noise = |severity: Severity| severity > Severity::Info;
        let noisy = error.is_some() || messages.iter().any(|message| is_noise(message.severity));
        self.noisy += usize::from(noisy);
        if quiet && !noisy {
            return;
        }
        self.text.push_str(&format!("==> Linting {path}\n"));
        self.text.extend(error.map(|error| format!("Error {error}\n")));
        let shown = messages.iter().filter(|message| !quiet || is_noise(message.severity));
        self.text.extend(shown.map(|message| format!("{message}\n")));
        self.failed += usize::from(error.is_some() || messages.iter().any(|message| message.severity >= tolerated));
        self.text.push('\n');
    }
}

/// Checks the chart at a path: a folder, or an archive by its name. The error is Helm's text.
fn lint_path(path: &str, user: &Frozen, options: &LintOptions) -> Result<Lint, String> {
    let lint = if path.ends_with(".tgz") || path.ends_with(".tar.gz") {
        let bytes =
            fs::read(path).map_err(|error| format!("unable to open tarball: open {path}: {}", go_words(&error)))?;
        let tree = unpack_tgz(&bytes, path, Naming::Keep, &mut ArchiveBudget::default())
            .map_err(|error| format!("unable to extract tarball: {}", error.problem))?;
        let entries = tree.list("").map_err(|error| error.to_string())?;
        let folder = entries.iter().find(|entry| entry.kind == EntryKind::Dir).map_or("", |entry| entry.name.as_str());
        let chart = tree.subtree(folder).map_err(|error| error.to_string())?;
        if !chart.is_file("Chart.yaml") {
            return Err("unable to extract tarball: chart yaml not in base directory".to_owned());
        }
        lint::lint(&chart, &format!("{path}/{folder}"), user, options)
    } else {
        let folder = if path.is_empty() { "." } else { path };
        let file = clean(&Path::new(folder).join("Chart.yaml"));
        fs::metadata(&file).map_err(|error| {
            format!("unable to check Chart.yaml file in chart: stat {}: {}", file.display(), go_words(&error))
        })?;
        let whole = std::path::absolute(folder).map_err(|error| go_words(&error))?;
        let whole = clean(&whole).to_string_lossy().into_owned();
        lint::lint(&Tree::directory(folder, whole.as_str()), &whole, user, options)
    };
    lint.notes.iter().for_each(|note| say(note));
    Ok(lint)
}

/// Go's `filepath.Clean`, for a path that does not climb above its start.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir
                if matches!(out.components().next_back(), Some(std::path::Component::Normal(_))) =>
            {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// Adds the charts below a folder, folders by their `Chart.yaml` and archives by their names, in the
/// order of Go's `filepath.Walk`, which follows no links.
fn find_charts(folder: &Path, depth: usize, found: &mut Vec<String>) {
    let Ok(mut entries) = list_folder(folder) else { return };
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    for entry in entries {
        if found.len() >= MAX_CHARTS || depth > MAX_DEPTH {
            return;
        }
        let path = folder.join(&entry.name);
        let shown = path.to_string_lossy();
        if entry.name == "Chart.yaml" {
            found.push(folder.to_string_lossy().into_owned());
        } else if shown.ends_with(".tgz") || shown.ends_with(".tar.gz") {
            found.push(shown.into_owned());
        }
        if entry.kind == FileKind::Folder {
            find_charts(&path, depth + 1, found);
        }
    }
}
