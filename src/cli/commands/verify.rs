use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::generate::{self, Bar, GenerateArgs, Outcome};
use crate::cli::attesting::ProvenanceArgs;
use crate::cli::exit;
use crate::cli::source_date::source_date;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::ChangeSet;
use crate::pipeline::{GenerateOptions, ReuseMode};
use crate::report::{Reporter, grouped};

const TRUSTED: Code = Code("verify.trusted");

/// The most files that a message names.
const MOST_NAMES: usize = 8;

/// Compiles everything from nothing and compares it with the files on disk, and with what a run that
/// reuses would leave there. Nothing is written.
pub fn run(args: &GenerateArgs, project: &Path, reporter: &Reporter) -> u8 {
    let started = Instant::now();
    let (options, cache) = match generate::options(args, true, project, reporter) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let now = match source_date() {
        Ok(date) => date,
        Err(why) => {
            let problem = Diagnostic::error(Code("usage.source-date"), why).blame(Blame::Usage);
            reporter.diagnostics(std::slice::from_ref(&problem));
            return exit::of(&[problem]);
        }
    };
    let reusing = GenerateOptions { now, reuse: ReuseMode::Use, ..options };
    let clean = GenerateOptions { reuse: ReuseMode::Renew, cache: None, changed_since: None, ..reusing.clone() };
    let bar = Bar::new(reporter.shows_progress());
    let mut sink = Sink::new();
    let from_nothing = compile(&clean, args, &bar, &mut sink);
    bar.done();
    // Its messages are those of the first.
    let reused = compile(&reusing, args, &Bar::new(false), &mut Sink::new());
    for problem in cache.iter().flat_map(|cache| cache.problems()) {
        sink.push(problem);
    }
    reporter.diagnostics(sink.diagnostics());
    let Ok(from_nothing) = from_nothing else { return exit::of(sink.diagnostics()) };
    let trees = from_nothing.trees();
    if generate::print_differences(&trees).is_err() {
        return exit::WORLD;
    }
    let trusted = match &reused {
        Ok(reused) => wrongly_trusted(&trees, &reused.trees()),
        // A run that reuses fails where the other does not: everything is in doubt.
        Err(_) => trees.iter().map(|(_, folder, _)| folder.display().to_string()).collect(),
    };
    if !trusted.is_empty() {
        let some: Vec<&str> = trusted.iter().take(MOST_NAMES).map(String::as_str).collect();
        let more = match trusted.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more)),
        };
        let message =
            format!("a run that reuses what earlier runs recorded would be wrong about {}{more}", some.join(", "));
        let help = "compile with `--no-cache`, and report this: records may cost time, never correctness";
        reporter.diagnostics(&[Diagnostic::error(TRUSTED, message).blame(Blame::Policy).help(help)]);
    }
    let differing: usize = trees.iter().map(|(.., changes)| changes.changes.len()).sum();
    let same: usize = trees.iter().map(|(.., changes)| changes.unchanged).sum();
    reporter.summary(&format!(
        "{} files as compiled from nothing, {} not, {} that records are wrong about, in {:.2} s",
        grouped(same),
        grouped(differing),
        grouped(trusted.len()),
        started.elapsed().as_secs_f64()
    ));
    if sink.has_errors() {
        return exit::of(sink.diagnostics());
    }
    if differing + trusted.len() == 0 { exit::OK } else { exit::DIFFERENT }
}

fn compile(options: &GenerateOptions, args: &GenerateArgs, bar: &Bar, sink: &mut Sink) -> Result<Outcome, Reported> {
    let fleet = args.environments.is_empty().then_some(&args.fleet);
    generate::generate(options, fleet, &ProvenanceArgs::default(), bar, sink)
}

type Trees<'a> = [(&'a str, PathBuf, &'a ChangeSet)];

/// The files that two runs, of which only one reuses, would not make the same.
fn wrongly_trusted(clean: &Trees<'_>, reusing: &Trees<'_>) -> BTreeSet<String> {
    let files = |trees: &Trees<'_>| -> BTreeSet<(String, Option<Vec<u8>>)> {
        let all = trees.iter().flat_map(|(_, folder, changes)| {
            let shown = |path: &str| folder.strip_prefix(".").unwrap_or(folder).join(path).display().to_string();
            changes.contents.iter().map(move |file| (shown(&file.path), file.now.clone()))
        });
        all.collect()
    };
    let (clean, reusing) = (files(clean), files(reusing));
    clean.symmetric_difference(&reusing).map(|(path, _)| path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::FileContents;

    #[test]
    fn a_file_is_named_where_the_runs_differ() {
        let file = |path: &str, now: &str| FileContents {
            path: path.to_owned(),
            before: Some(b"before".to_vec()),
            now: Some(now.as_bytes().to_vec()),
        };
        let set = |contents| ChangeSet { contents, ..ChangeSet::default() };
        let (clean, reusing) = (set(vec![file("a", "1"), file("b", "1")]), set(vec![file("a", "1"), file("c", "2")]));
        let tree = |set| [("", PathBuf::from("./generated/x"), set)];
        let wrong = wrongly_trusted(&tree(&clean), &tree(&reusing));
        assert_eq!(wrong.into_iter().collect::<Vec<_>>(), ["generated/x/b", "generated/x/c"]);
        assert!(wrongly_trusted(&tree(&clean), &tree(&clean)).is_empty());
    }
}
