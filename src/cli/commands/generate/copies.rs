use std::path::PathBuf;

use super::GenerateArgs;
use super::print::{Tree, list, print_differences};
use crate::cli::exit;
use crate::diag::Sink;
use crate::pipeline::{self, GenerateOptions};
use crate::report::Reporter;

/// Removes the folders of copies that nobody wants any more.
pub(super) fn prune(args: &GenerateArgs, checks: bool, options: &GenerateOptions, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let rule = args.prune.rule(None).map_err(|problem| sink.fail(problem));
    let pruned = rule.and_then(|rule| {
        let project = pipeline::open(options, &mut sink)?;
        pipeline::prune_copies(&project, options, &rule, &mut sink)
    });
    reporter.diagnostics(sink.diagnostics());
    let Ok(pruned) = pruned else { return exit::of(sink.diagnostics()) };
    let trees: Vec<Tree<'_>> =
        pruned.iter().map(|copy| (copy.name.as_str(), PathBuf::from(&copy.name), &copy.changes)).collect();
    let told = match (checks, options.dry_run) {
        (true, _) => print_differences(&trees),
        (false, true) => list(&trees),
        (false, false) => Ok(()),
    };
    if told.is_err() {
        return exit::WORLD;
    }
    let done = if options.dry_run { "would be removed" } else { "removed" };
    for copy in &pruned {
        reporter.summary(&format!("{}: {done} ({})", copy.name, copy.why));
        copy.changes.foreign.iter().for_each(|path| reporter.summary(&format!("left alone: {}/{path}", copy.name)));
    }
    if pruned.is_empty() {
        reporter.summary("no copy is to be removed");
    }
    if checks && !pruned.is_empty() { exit::DIFFERENT } else { exit::OK }
}
