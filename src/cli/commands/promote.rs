use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use clap::builder::FalseyValueParser;
use serde_json::json;

use crate::cli::commands::publish::{Format, differences};
use crate::cli::exit;
use crate::cli::fetching::{FetchArgs, Listener};
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::pipeline::{self, Project, PromoteOptions, Promoted};
use crate::report::Reporter;
use crate::source::{Progress, Retries};
use crate::stack::{load_clusters, load_publish};

/// Arguments of `promote`.
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// The branch that is ahead
    #[arg(long, value_name = "BRANCH", env = "KILN_PROMOTE_FROM")]
    pub from: String,
    /// The branch to move forward to it
    #[arg(long, value_name = "BRANCH", env = "KILN_PROMOTE_TO")]
    pub to: String,
    /// The repository (default: `target.repo` of publish.yaml)
    #[arg(long, value_name = "URL", env = "KILN_PUBLISH_REPO")]
    pub repo: Option<String>,
    /// Move nothing; print what differs for the environment, and the source commits
    #[arg(long, env = "KILN_PLAN", value_parser = FalseyValueParser::new())]
    pub plan: bool,
    /// With `--plan`: the folder to compare (repeatable; default: the folder named as the branch, else those of
    /// clusters with a label of that value, else everything)
    #[arg(long = "path", value_name = "DIR", env = "KILN_PROMOTE_PATH")]
    pub folders: Vec<String>,
    /// Refused: a branch moves as a whole
    #[arg(long, value_name = "NAME", hide = true)]
    pub component: Vec<String>,
    /// How often to try when others are faster
    #[arg(long, value_name = "N", env = "KILN_RETRIES", default_value_t = 20)]
    pub retries: u32,
    /// How the result is printed
    #[arg(short = 'o', long, value_name = "FORMAT", env = "KILN_OUTPUT", value_enum, default_value_t)]
    pub output: Format,
    #[command(flatten)]
    pub fetch: FetchArgs,
}

/// Moves a branch forward, and tells what became of it.
pub fn run(args: &PromoteArgs, project: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let listener = Arc::new(Listener::new(reporter));
    let promoted = promote(args, project, &listener, &mut sink);
    listener.done();
    reporter.diagnostics(sink.diagnostics());
    let Ok(promoted) = promoted else { return exit::of(sink.diagnostics()) };
    let told = match args.output {
        Format::Json => print_json(&promoted, args),
        Format::Text if args.plan => print_plan(&promoted),
        Format::Text => Ok(()),
    };
    if told.is_err() {
        return exit::WORLD;
    }
    let count = promoted.commits.len();
    let commits = if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") };
    reporter.summary(&match (promoted.changed, args.plan) {
        (false, _) => format!("{}: is at {} already", promoted.branch, &promoted.now[..12]),
        (true, true) => format!("{}: would move to {}, over {commits}", promoted.branch, &promoted.now[..12]),
        (true, false) => format!("{}: moved to {}, over {commits}", promoted.branch, &promoted.now[..12]),
    });
    exit::OK
}

fn promote(args: &PromoteArgs, folder: &Path, listener: &Arc<Listener>, sink: &mut Sink) -> Result<Promoted, Reported> {
    if !args.component.is_empty() {
        let message = "a branch moves as a whole: single components cannot be promoted";
        let help = "with branches for environments, every commit holds all of them; change the layers in the source";
        let problem = Diagnostic::error(Code("promote.partial"), message).blame(Blame::Target);
        return Err(sink.fail(problem.help(help)));
    }
    let project = Project::open(folder, None, sink)?;
    let file = load_publish(&project.tree, sink)?.unwrap_or_default();
    let Some(repo) = args.repo.clone().or_else(|| file.repo.map(|repo| repo.value)) else {
        let problem = Diagnostic::error(Code("publish.target"), "nobody says which repository is meant");
        return Err(sink.fail(problem.blame(Blame::Usage).help("pass `--repo`, or write `target` into publish.yaml")));
    };
    let clusters = load_clusters(&project.tree, sink)?;
    let fetch = args.fetch.options(&project, Arc::clone(listener) as Arc<dyn Progress>, sink)?;
    let fetch = pipeline::with_tokens(&project, fetch, sink)?;
    let options = PromoteOptions {
        repo,
        from: args.from.clone(),
        to: args.to.clone(),
        plan: args.plan,
        folders: args.folders.clone(),
        retries: Retries(args.retries),
        cache: project.folder.join(".kiln").join("publish"),
    };
    pipeline::promote(&options, clusters.as_ref(), &fetch, sink)
}

fn print_plan(promoted: &Promoted) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for (id, subject, source) in &promoted.commits {
        let source = source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        writeln!(out, "{} {subject}{source}", &id[..12])?;
    }
    differences(&mut out, &promoted.texts)?;
    out.flush()
}

fn print_json(promoted: &Promoted, args: &PromoteArgs) -> io::Result<()> {
    let commits: Vec<_> = promoted
        .commits
        .iter()
        .map(|(id, subject, source)| json!({"commit": id, "subject": subject, "source": source}))
        .collect();
    let files: Vec<&str> = promoted.texts.iter().map(|text| text.path.as_str()).collect();
    let value = json!({
        "apiVersion": "kiln/v1alpha1",
        "kind": "PromoteResult",
        "changed": promoted.changed,
        "dryRun": args.plan,
        "repo": promoted.repo,
        "branch": promoted.branch,
        "before": promoted.before,
        "commit": promoted.now,
        "commits": commits,
        "folders": promoted.folders,
        "files": files,
    });
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &value)?;
    writeln!(out)?;
    out.flush()
}
