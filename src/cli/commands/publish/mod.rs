//! `kiln publish`: words typed to options, and what became of it to words.

mod args;
mod bedrock;
mod print;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

pub use args::{Format, PublishArgs};
pub use print::differences;

use crate::cli::attesting::with_clusters;
use crate::cli::events;
use crate::cli::exit;
use crate::cli::fetching::Listener;
use crate::cli::source_date::source_date;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::Contents;
use crate::pipeline::{
    self, CopyJob, DriftRight, GenerateOptions, PublishOptions, Published, Rights, Watcher, environment_clusters,
};
use crate::report::Reporter;
use crate::source::{FetchOptions, Progress, Retries, Upstream};
use crate::stack::{CLUSTERS_FILE, ClusterFile, load_clusters, load_publish};

use bedrock::Bedrock;

/// Publishes, and tells what became of it.
pub fn run(args: &PublishArgs, project: &Path, reporter: &Reporter) -> u8 {
    let started = Instant::now();
    let mut sink = Sink::new();
    let listener = Arc::new(Listener::new(reporter));
    let published = publish(args, project, &listener, &mut sink);
    listener.done();
    reporter.diagnostics(sink.diagnostics());
    let Ok(published) = published else { return exit::of(sink.diagnostics()) };
    if let Some(file) = &args.events
        && let Err(problem) = events::write(file, &events::of_publication(&published))
    {
        reporter.diagnostics(std::slice::from_ref(&problem));
        return exit::of(&[problem]);
    }
    let told = match args.output {
        Format::Json => print::json(&published),
        Format::Text => print::text(&published),
    };
    if told.is_err() {
        return exit::WORLD;
    }
    print::summary(&published, started, reporter);
    exit::OK
}

fn publish(
    args: &PublishArgs,
    folder: &Path,
    listener: &Arc<Listener>,
    sink: &mut Sink,
) -> Result<Published, Reported> {
    let usage = |message: &str| Diagnostic::error(Code("usage.publish"), message).blame(Blame::Usage);
    let bedrock = if args.bedrock_env {
        Bedrock::read(folder).map_err(|why| sink.fail(usage(&why)))?
    } else {
        Bedrock::default()
    };
    args.provenance.check(!args.dry_run && !bedrock.verify_only).map_err(|problem| sink.fail(problem))?;
    let folder: PathBuf = bedrock.project.clone().unwrap_or_else(|| folder.to_owned());
    let now = source_date()
        .map_err(|why| sink.fail(Diagnostic::error(Code("usage.source-date"), why).blame(Blame::Usage)))?;
    let environments = match (&bedrock.environments, args.environments.is_empty()) {
        (Some(lists), true) => lists.clone(),
        (_, false) => vec![args.environments.clone()],
        (None, true) => Vec::new(),
    };
    let compile = args.compile.options(&folder, args.compile.locked, sink)?;
    let generate = GenerateOptions { environments: environments.concat(), now, ..compile };
    let generate = args.copy.apply(generate).map_err(|problem| sink.fail(problem))?;
    args.copy.warnings(&generate).into_iter().for_each(|warning| sink.push(warning));
    let project = pipeline::open(&generate, sink)?;
    let mut fetch = args.fetch.options(&project, Arc::clone(listener) as Arc<dyn Progress>, sink)?;
    fetch = pipeline::with_tokens(&project, fetch, sink)?;
    if let Some((url, secret)) = &bedrock.token {
        fetch.environment = fetch.environment.with("KILN_TOKEN_BEDROCK", &format!("{url} {secret}"));
    }
    let file = load_publish(&project.tree, sink)?.unwrap_or_default();
    let clusters = clusters(args, &project, &environments, sink)?;
    let (clusters, selection) = match &generate.copying {
        None => (clusters, args.selection.selection()),
        Some(copying) => {
            let selection = args.selection.selection();
            let is_all = args.selection.clusters || clusters.is_typed();
            args.copy.check_selection(&selection, is_all).map_err(|problem| sink.fail(problem))?;
            pipeline::copies_of(&clusters, &selection, copying, sink)?
        }
    };
    let options = PublishOptions {
        selection,
        copies: copies(args, &generate, &fetch, sink)?,
        repo: args.repo.clone().or(bedrock.repo),
        branch: args.branch.clone().or(bedrock.branch),
        owner: args.owner.clone(),
        clusters: args.path.clone(),
        to: args.to.clone(),
        dry_run: args.dry_run || bedrock.verify_only,
        subjects: args.provenance.file.is_some(),
        contents: if args.events.is_some() { Contents::Kept } else { Contents::Dropped },
        rights: Rights {
            adopt: args.adopt,
            rollback: args.allow_rollback,
            delete: args.allow_delete,
            drift: if args.overwrite_drift { DriftRight::Overwrite } else { DriftRight::Keep },
        },
        max_delete: args.max_delete,
        prune_disabled: args.selection.prune_disabled,
        pull_request: args.pull_request.then_some(true),
        unique: args.unique,
        message: args.message.clone().or(bedrock.message),
        require_clean: args.require_clean,
        retries: Retries(args.retries),
        now,
        cache: None,
    };
    let published = pipeline::publish(&project, &clusters, &file, &generate, &options, &fetch, &Quiet, sink)?;
    let mut asked = args.provenance.asked("publish", &generate);
    if environments.is_empty() {
        asked = with_clusters(asked, &clusters, published.subjects.clusters.iter().map(String::as_str));
    }
    args.provenance.tell_of_publication(&project, asked, &published, sink)?;
    Ok(published)
}

/// What is done about copies.
fn copies(
    args: &PublishArgs,
    generate: &GenerateOptions,
    fetch: &FetchOptions,
    sink: &mut Sink,
) -> Result<CopyJob, Reported> {
    match &generate.copying {
        Some(_) if args.prune.prune_copies => {
            let message = "`--prune-copies` does nothing but remove copies: none can be made at once";
            Err(sink.fail(Diagnostic::error(Code("usage.copy"), message).blame(Blame::Usage)))
        }
        Some(copying) => Ok(CopyJob::Make(copying.clone(), generate.copy_terms.clone())),
        None if args.prune.prune_copies => {
            let refs = args.branches_of.as_ref().map(|url| Upstream::open(url, fetch)?.refs()).transpose();
            let refs = refs.map_err(|error| sink.fail(error.into()))?;
            let branches = refs.map(|refs| {
                let names = refs.iter().filter_map(|(name, _)| name.strip_prefix("refs/heads/"));
                names.map(str::to_owned).collect()
            });
            args.prune.rule(branches).map(CopyJob::Prune).map_err(|problem| sink.fail(problem))
        }
        None => Ok(CopyJob::None),
    }
}

/// The clusters to publish: those of clusters.yaml, or one for each list of environments.
fn clusters(
    args: &PublishArgs,
    project: &pipeline::Project,
    environments: &[Vec<String>],
    sink: &mut Sink,
) -> Result<ClusterFile, Reported> {
    if !environments.is_empty() {
        if args.selection.is_asked() {
            let message = "environments leave clusters.yaml unread: nothing can be selected from it";
            let problem = Diagnostic::error(Code("usage.clusters"), message).blame(Blame::Usage);
            return Err(sink.fail(problem.help("leave out the one or the other")));
        }
        return Ok(environment_clusters(environments));
    }
    if let Some(file) = load_clusters(&project.tree, sink)? {
        return Ok(file);
    }
    if args.selection.is_asked() {
        let message = format!("there is no `{}`", project.tree.display(CLUSTERS_FILE));
        let problem = Diagnostic::error(Code("clusters.missing"), message);
        return Err(sink.fail(problem.help("list the clusters there, or name environments on the command line")));
    }
    Ok(environment_clusters(&[Vec::new()]))
}

/// Rendering is not drawn: what takes its time is the way to the server.
struct Quiet;

impl Watcher for Quiet {
    fn planned(&self, _units: usize) {}

    fn rendered(&self, _address: &str) {}
}
