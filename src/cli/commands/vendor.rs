use std::io::Write as _;
use std::path::Path;

use clap::Args;
use clap::builder::FalseyValueParser;

use crate::cli::exit;
use crate::cli::store::StoreArgs;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::pipeline::Project;
use crate::report::Reporter;
use crate::source::{Difference, LOCK_NAME, Lock, compare_vendor, write_vendor};

/// Arguments of `vendor`.
#[derive(Debug, Args)]
pub struct VendorArgs {
    /// Change nothing: list what differs from `kiln.lock`, with exit code 2 if anything does
    #[arg(long, env = "KILN_CHECK", value_parser = FalseyValueParser::new())]
    pub check: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Makes the `vendor` folder what the lock pins, or checks whether it is.
pub fn run(args: &VendorArgs, folder: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let outcome = vendor(args, folder, &mut sink);
    reporter.diagnostics(sink.diagnostics());
    match outcome {
        Err(_) => exit::of(sink.diagnostics()),
        Ok((summary, differences)) => {
            if args.check && list(&differences).is_err() {
                return exit::WORLD;
            }
            reporter.summary(&summary);
            if args.check && !differences.is_empty() { exit::DIFFERENT } else { exit::OK }
        }
    }
}

fn vendor(args: &VendorArgs, folder: &Path, sink: &mut Sink) -> Result<(String, Vec<Difference>), Reported> {
    let project = Project::open(folder, args.store.place(), sink)?;
    let lock = locked(&project, sink)?;
    let shown = project.tree.display("");
    let failed = |error: crate::source::SourceError, sink: &mut Sink| sink.fail(error.into());
    if args.check {
        let differences = compare_vendor(&project.folder, &shown, lock).map_err(|error| failed(error, sink))?;
        let summary = match differences.len() {
            0 => format!("vendor holds what kiln.lock pins: {}", sources(lock.len())),
            count => format!("vendor differs from kiln.lock: {}", files(count)),
        };
        return Ok((summary, differences));
    }
    let done = write_vendor(&project.folder, &shown, lock, &project.store).map_err(|error| failed(error, sink))?;
    let summary = match done.changes.len() {
        0 => format!("{}: {}, nothing to do", done.folder, sources(done.sources)),
        _ => format!("{}: {}, written", done.folder, sources(done.sources)),
    };
    Ok((summary, done.changes))
}

/// The lock of a project, which it must have.
pub(super) fn locked<'p>(project: &'p Project, sink: &mut Sink) -> Result<&'p Lock, Reported> {
    project.lock.as_ref().ok_or_else(|| {
        let message = format!("there is no `{}`", project.tree.display(LOCK_NAME));
        sink.fail(Diagnostic::error(Code("source.lock"), message).blame(Blame::Policy).help("run `kiln install`"))
    })
}

fn list(differences: &[Difference]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    differences.iter().try_for_each(|difference| writeln!(out, "{difference}"))?;
    out.flush()
}

/// So many sources, in words.
pub(super) fn sources(count: usize) -> String {
    format!("{count} {}", if count == 1 { "source" } else { "sources" })
}

fn files(count: usize) -> String {
    format!("{count} {}", if count == 1 { "file" } else { "files" })
}
