use std::io::{self, Write as _};
use std::path::Path;

use clap::Args;

use super::outdated::{count, survey};
use super::sources::SourceArgs;
use crate::cli::exit;
use crate::diag::Sink;
use crate::pipeline::{Now, Standing};
use crate::report::Reporter;
use crate::source::Pin;

/// Arguments of `lock`.
#[derive(Debug, Args)]
pub struct LockArgs {
    /// Ask the sources, and list what a fresh resolution would pin otherwise, with exit code 2 if there is
    /// anything. With `--offline` only component files and `kiln.lock` are compared
    #[arg(long, required = true)]
    pub check: bool,
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// Compares the lock with what the components ask for and what the sources have. Writes nothing.
pub fn run(args: &LockArgs, folder: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let outcome = survey(folder, &args.sources, reporter, &mut sink);
    reporter.diagnostics(sink.diagnostics());
    let Ok(sources) = outcome else { return exit::of(sink.diagnostics()) };
    let differing: Vec<String> = sources.iter().filter_map(difference).collect();
    let mut out = io::stdout().lock();
    if differing.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush()).is_err() {
        return exit::WORLD;
    }
    if sink.has_errors() {
        return exit::of(sink.diagnostics());
    }
    match differing.len() {
        0 => {
            reporter.summary(&format!("kiln.lock is current: {}", count(sources.len())));
            exit::OK
        }
        _ => {
            let run = "run `kiln install` for what is missing or superfluous, `kiln update` for what moved";
            reporter.summary(&format!(
                "kiln.lock is out of date: {} of {}; {run}",
                differing.len(),
                count(sources.len())
            ));
            exit::DIFFERENT
        }
    }
}

/// One line about a source that would be pinned otherwise, with both ids.
fn difference(standing: &Standing) -> Option<String> {
    let source = &standing.source;
    let (pin, seen) = match (&standing.locked, &standing.now) {
        (None, _) => {
            let asked_by: Vec<&str> = standing.asked_by.iter().map(String::as_str).collect();
            return Some(format!("missing: {source}, asked for by {}", asked_by.join(", ")));
        }
        (Some(pin), Now::Superfluous) => return Some(format!("superfluous: {source}, locked as {}", pin.resolved())),
        (Some(_), Now::Unknown) => return None,
        (Some(pin), Now::Seen(seen)) => (pin, seen),
    };
    if seen.agrees(pin) {
        return None;
    }
    let (before, now) = (pin.resolved(), &seen.resolved);
    let reference = match pin {
        Pin::Git { reference, .. } => reference.as_ref().filter(|own| seen.reference.as_ref() == Some(own)),
        Pin::Chart { .. } | Pin::Http { .. } => None,
    };
    Some(match (pin, reference) {
        (Pin::Chart { sha256, .. }, _) if before == now => {
            let found = seen.sha256.as_deref().unwrap_or_default();
            format!("published again: {source}: {before} is locked with sha256:{sha256}, now it is sha256:{found}")
        }
        (_, Some(name)) if name.starts_with("refs/tags/") => {
            format!("tag moved: {source}: {name} is locked as {before}, now it is {now}")
        }
        _ if seen.rewritten => {
            format!("history rewritten: {source}: locked as {before}, now {now}, which does not descend from it")
        }
        (Pin::Http { .. }, _) => format!("changed: {source}: locked as sha256:{before}, now sha256:{now}"),
        _ => format!("moved: {source}: locked as {before}, now {now}"),
    })
}
