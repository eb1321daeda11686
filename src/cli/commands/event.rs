use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::commands::generate;
use crate::cli::editing::{DeploymentEvent, EventRules, apply_event};
use crate::cli::exit;
use crate::cli::landing::{LandingArgs, land};
use crate::diag::{Code, Diagnostic, Sink};
use crate::pipeline::Project;
use crate::report::Reporter;
use crate::source::Tree;
use crate::stack::CLUSTERS_FILE;

/// Arguments of `event`.
#[derive(Clone, Debug, Args)]
pub struct EventArgs {
    #[command(subcommand)]
    command: EventCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum EventCommand {
    /// Pin what a deployment event asks for, and compile for the cluster that it is about
    ///
    /// The event is a Deployment object of GitHub, alone or in the body of a webhook. Its `environment` is a cluster;
    /// its `sha`, or else its `ref`, becomes the version of the component that `events.components` of kiln.yaml gives
    /// its repository, in `config/installations/<environment>.yaml`. `payload` may name `component` and `images`. An
    /// event that is older than the one that is pinned is refused with exit code 5.
    Apply(ApplyArgs),
}

#[derive(Clone, Debug, Args)]
struct ApplyArgs {
    /// The event's file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The component that is meant, whatever the event's repository
    #[arg(long, value_name = "NAME")]
    component: Option<String>,
    /// Only pin; compile nothing
    #[arg(long)]
    no_generate: bool,
    #[command(flatten)]
    landing: LandingArgs,
}

/// Runs `event`.
pub fn run(args: &EventArgs, project: &Path, reporter: &Reporter) -> u8 {
    let EventCommand::Apply(args) = &args.command;
    apply(args, project, reporter).unwrap_or_else(|problem| {
        reporter.diagnostics(std::slice::from_ref(&problem));
        exit::of(&[problem])
    })
}

fn apply(args: &ApplyArgs, folder: &Path, reporter: &Reporter) -> Result<u8, Diagnostic> {
    let shown = args.file.display().to_string();
    let text = match shown.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
        }
        _ => fs::read_to_string(&args.file),
    };
    let text =
        text.map_err(|error| Diagnostic::error(Code("event.invalid"), format!("cannot read `{shown}`: {error}")))?;
    let mut event = DeploymentEvent::read(&text, &shown)?;
    event.component = args.component.clone().or(event.component);
    let edit = |tree: &Tree| {
        let mut sink = Sink::new();
        let project = Project::open(folder, None, &mut sink).map_err(|_| first(sink))?;
        let events = &project.file.events;
        let rules = EventRules { components: events.components.clone(), value: events.value.clone() };
        apply_event(tree, &Project { tree: tree.clone(), ..project }, &event, &rules)
    };
    let code = land(&args.landing, folder, &edit, reporter);
    if code != exit::OK || args.no_generate || args.landing.dry_run || !folder.join(CLUSTERS_FILE).is_file() {
        return Ok(code);
    }
    Ok(generate::run_for_cluster(&event.environment, folder, reporter))
}

fn first(sink: Sink) -> Diagnostic {
    let problems = sink.into_diagnostics();
    let error = problems.into_iter().find(|problem| problem.severity == crate::diag::Severity::Error);
    error.unwrap_or_else(|| Diagnostic::error(Code("event.invalid"), "the project cannot be read"))
}
