use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::sources::SourceArgs;
use crate::cli::exit;
use crate::cli::fetching::Listener;
use crate::diag::{Reported, Sink};
use crate::pipeline::{self, HookRules, InstallRequest, Now, Project, Standing};
use crate::report::Reporter;
use crate::source::{Pin, Pins, Progress, SourceSpec};

/// Arguments of `outdated`.
#[derive(Debug, Args)]
pub struct OutdatedArgs {
    /// How to print the sources
    #[arg(short, long, value_name = "FORMAT", env = "KILN_OUTPUT", default_value = "text")]
    pub output: Format,
    /// Exit with 2 when something is outdated
    #[arg(long, visible_alias = "detailed-exitcode", env = "KILN_EXIT_CODE", value_parser = FalseyValueParser::new())]
    pub exit_code: bool,
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// A form of data on stdout.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For people: a table
    Text,
    /// For programs: JSON
    Json,
}

/// Asks the sources of a stack what they have by now. Writes nothing.
pub fn run(args: &OutdatedArgs, folder: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let outcome = survey(folder, &args.sources, reporter, &mut sink);
    reporter.diagnostics(sink.diagnostics());
    let Ok(sources) = outcome else { return exit::of(sink.diagnostics()) };
    let outdated = sources.iter().filter(|standing| is_outdated(standing)).count();
    let text = match args.output {
        Format::Text => table(&sources),
        Format::Json => {
            let sources: Vec<Value> = sources.iter().map(as_json).collect();
            let whole = json!({"apiVersion": "kiln/v1alpha1", "kind": "OutdatedReport", "sources": sources});
            format!("{whole:#}\n")
        }
    };
    if io::stdout().lock().write_all(text.as_bytes()).is_err() {
        return exit::WORLD;
    }
    if sink.has_errors() {
        return exit::of(sink.diagnostics());
    }
    reporter.summary(&match outdated {
        0 => format!("up to date: {}", count(sources.len())),
        _ => format!("{outdated} of {} outdated", count(sources.len())),
    });
    if args.exit_code && outdated > 0 { exit::DIFFERENT } else { exit::OK }
}

/// How things stand with the sources of the project in a folder.
pub fn survey(
    folder: &Path,
    sources: &SourceArgs,
    reporter: &Reporter,
    sink: &mut Sink,
) -> Result<Vec<Standing>, Reported> {
    let listener = Arc::new(Listener::new(reporter));
    let project = Project::open(folder, sources.store.place(), sink)?;
    let options = sources.fetch.options(&project, Arc::clone(&listener) as Arc<dyn Progress>, sink)?;
    let request = InstallRequest {
        project: &project,
        fetch: options,
        pins: Pins::Keep,
        hooks: HookRules {
            policy: sources.hooks.policy(),
            reading: project.reading,
            trusted: &project.file.trust.hooks,
        },
        keep_beside: false,
        write_lock: false,
    };
    let standings = pipeline::standing(request, sink);
    listener.done();
    standings
}

pub fn count(sources: usize) -> String {
    format!("{sources} {}", if sources == 1 { "source" } else { "sources" })
}

fn is_outdated(standing: &Standing) -> bool {
    standing.differs() || standing.release().is_some()
}

/// What is asked for at a URL, in words.
pub fn asked(source: &SourceSpec) -> &str {
    match source {
        SourceSpec::Git { version: Some(asked), .. } | SourceSpec::Git { branch: Some(asked), .. } => asked,
        SourceSpec::ChartRepo { version, .. } if !version.is_empty() => version,
        SourceSpec::Git { .. } => "default branch",
        SourceSpec::ChartRepo { .. } => "latest",
        SourceSpec::Http { .. } => "content",
    }
}

/// An id as people read it: a tag or a version whole, a commit or a digest by its beginning.
pub fn short(resolved: &str) -> &str {
    let is_id = resolved.len() >= 40 && resolved.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &resolved[..10] } else { resolved }
}

fn table(sources: &[Standing]) -> String {
    let outdated: Vec<&Standing> = sources.iter().filter(|standing| is_outdated(standing)).collect();
    if outdated.is_empty() {
        return String::new();
    }
    let mut rows = vec![["SOURCE", "ASKED", "LOCKED", "NOW", "NEWEST", "ASKED BY"].map(str::to_owned)];
    for standing in outdated {
        let now = match &standing.now {
            Now::Superfluous => "not asked for",
            Now::Unknown => "?",
            Now::Seen(seen) => short(&seen.resolved),
        };
        let asked_by: Vec<&str> = standing.asked_by.iter().map(String::as_str).collect();
        rows.push([
            place(&standing.source),
            asked(&standing.source).to_owned(),
            standing.locked.as_ref().map_or("-", |pin| short(pin.resolved())).to_owned(),
            now.to_owned(),
            standing.release().unwrap_or("-").to_owned(),
            asked_by.join(", "),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", row[5]);
    }
    text
}

/// The URL, with the chart where there is one.
fn place(source: &SourceSpec) -> String {
    match source {
        SourceSpec::ChartRepo { url, chart, .. } => format!("{}/{chart}", url.trim_end_matches('/')),
        SourceSpec::Git { url, .. } | SourceSpec::Http { url } => url.clone(),
    }
}

fn as_json(standing: &Standing) -> Value {
    let (version, branch, chart) = match &standing.source {
        SourceSpec::Git { version, branch, .. } => (version.as_deref(), branch.as_deref(), None),
        SourceSpec::ChartRepo { version, chart, .. } => {
            (Some(version.as_str()).filter(|version| !version.is_empty()), None, Some(chart.as_str()))
        }
        SourceSpec::Http { .. } => (None, None, None),
    };
    let digest = |hex: &str| format!("sha256:{hex}");
    let locked = standing.locked.as_ref().map(|pin| {
        let reference = match pin {
            Pin::Git { reference, .. } => reference.as_deref(),
            Pin::Chart { .. } | Pin::Http { .. } => None,
        };
        json!({"resolved": pin.resolved(), "ref": reference, "digest": digest(pin.sha256())})
    });
    let (now, newest) = match &standing.now {
        Now::Seen(seen) => {
            let sha256 = seen.sha256.as_deref().map(digest);
            let now = json!({"resolved": seen.resolved, "ref": seen.reference, "digest": sha256});
            (Some(now), seen.newest.as_deref())
        }
        Now::Superfluous | Now::Unknown => (None, None),
    };
    json!({
        "kind": standing.source.kind(),
        "source": standing.source.url(),
        "chart": chart,
        "asked": {"version": version, "branch": branch},
        "locked": locked,
        "now": now,
        "newest": newest,
        "moved": standing.differs(),
        "outdated": is_outdated(standing),
        "askedBy": standing.asked_by,
    })
}
