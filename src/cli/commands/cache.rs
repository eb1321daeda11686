use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::bundle::size;
use crate::cli::exit;
use crate::cli::store::StoreArgs;
use crate::diag::{Blame, Code, Diagnostic};
use crate::report::Reporter;
use crate::source::{SourceError, Store, Stored};

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Arguments of `cache`.
#[derive(Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub what: CacheCommand,
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Print the folder of the store
    Dir {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List what the store holds
    List {
        /// How to print it
        #[arg(short, long, value_enum, default_value_t, env = "KILN_OUTPUT")]
        output: Form,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remove what was not used for a while; `kiln install` fetches it again when it is needed
    Clean {
        /// What nobody used for so many days
        #[arg(long, value_name = "DAYS", default_value_t = 90, env = "KILN_UNUSED_SINCE")]
        unused_since: u32,
        /// Everything, whenever it was used
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Check every byte in the store against its digest
    Verify {
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// How data is printed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Form {
    /// For people
    #[default]
    Text,
    /// For machines
    Json,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing<'a> {
    api_version: &'static str,
    kind: &'static str,
    store: String,
    bytes: u64,
    entries: Vec<Listed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    kind: &'static str,
    name: &'a str,
    path: String,
    bytes: u64,
    last_used: String,
}

/// Runs `cache dir`, `cache list`, `cache clean` or `cache verify`.
pub fn run(args: &CacheArgs, project: &Path, reporter: &Reporter) -> u8 {
    let done = match &args.what {
        CacheCommand::Dir { store } => print(&[opened(store, project).root().display().to_string()]),
        CacheCommand::List { output, store } => list(*output, &opened(store, project), reporter),
        CacheCommand::Clean { unused_since, all, store } => {
            let since = (!all).then_some(*unused_since);
            clean(since, &opened(store, project), reporter)
        }
        CacheCommand::Verify { store } => return verify(&opened(store, project), reporter),
    };
    match done {
        Ok(()) => exit::OK,
        Err(problem) => {
            reporter.diagnostics(std::slice::from_ref(&problem));
            exit::of(&[problem])
        }
    }
}

fn opened(store: &StoreArgs, project: &Path) -> Store {
    store.place().map_or_else(|| Store::of_project(project), Store::at)
}

fn list(form: Form, store: &Store, reporter: &Reporter) -> Result<(), Diagnostic> {
    let entries = store.inventory()?;
    let bytes = entries.iter().map(|stored| stored.bytes).sum();
    match form {
        Form::Json => {
            let listing = Listing {
                api_version: "kiln/v1alpha1",
                kind: "CacheList",
                store: store.root().display().to_string(),
                bytes,
                entries: entries.iter().map(listed).collect(),
            };
            let text = serde_json::to_string_pretty(&listing).map_err(|error| internal(&error.to_string()))?;
            print(&[text])
        }
        Form::Text => {
            let lines: Vec<String> = entries
                .iter()
                .map(|stored| {
                    let (kind, used) = (stored.kind.word(), day(stored.last_used));
                    format!("{kind:<5} {:>10}  {used}  {}", size(stored.bytes), stored.name)
                })
                .collect();
            print(&lines)?;
            reporter.summary(&format!("{}: {}, {}", store.root().display(), count(entries.len()), size(bytes)));
            Ok(())
        }
    }
}

fn listed(stored: &Stored) -> Listed<'_> {
    Listed {
        kind: stored.kind.word(),
        name: &stored.name,
        path: stored.path.display().to_string(),
        bytes: stored.bytes,
        last_used: day(stored.last_used),
    }
}

fn clean(days: Option<u32>, store: &Store, reporter: &Reporter) -> Result<(), Diagnostic> {
    let since = days.map(|days| SystemTime::now().checked_sub(A_DAY * days).unwrap_or(SystemTime::UNIX_EPOCH));
    let removed = store.clean(since)?;
    for stored in &removed {
        reporter.detail(&format!("removed {} {}", stored.kind.word(), stored.name));
    }
    let freed = removed.iter().map(|stored| stored.bytes).sum();
    reporter.summary(&format!("{}: {} removed, {} freed", store.root().display(), count(removed.len()), size(freed)));
    Ok(())
}

fn verify(store: &Store, reporter: &Reporter) -> u8 {
    let problems: Vec<Diagnostic> = match store.audit() {
        Err(error) => vec![error.into()],
        Ok((checked, damaged)) if damaged.is_empty() => {
            reporter.summary(&format!("{}: {} verified", store.root().display(), count(checked)));
            return exit::OK;
        }
        Ok((_, damaged)) => {
            damaged.iter().map(|(stored, problem)| Diagnostic::from(corrupt(stored, problem))).collect()
        }
    };
    reporter.diagnostics(&problems);
    exit::of(&problems)
}

fn corrupt(stored: &Stored, problem: &str) -> SourceError {
    let message = format!("the store's copy of {} `{}` is corrupt: {problem}", stored.kind.word(), stored.name);
    SourceError::policy(Code("source.corrupt"), message)
        .help(format!("run `kiln install`, which fetches it again, or remove `{}`", stored.path.display()))
}

/// The day of a moment, in UTC.
fn day(moment: SystemTime) -> String {
    jiff::Timestamp::try_from(moment)
        .map_or_else(|_| "?".to_owned(), |moment| moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

fn count(entries: usize) -> String {
    format!("{entries} {}", if entries == 1 { "entry" } else { "entries" })
}

fn print(lines: &[String]) -> Result<(), Diagnostic> {
    let mut out = std::io::stdout().lock();
    let printed = lines.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush());
    printed.map_err(|error| {
        Diagnostic::error(Code("io.write"), format!("cannot write to stdout: {error}")).blame(Blame::World)
    })
}

fn internal(words: &str) -> Diagnostic {
    Diagnostic::error(Code("source.store"), words).blame(Blame::Internal)
}
