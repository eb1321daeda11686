use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::compiling::CompileArgs;
use crate::cli::exit;
use crate::cli::fleet::{SelectionArgs, at_odds_with_environments, missing_clusters};
use crate::cli::source_date::source_date;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::pipeline::{
    self, ChangeKind, GenerateOptions, Job, Selection, Survey, SurveyRequest, SurveyedUnit, environment_clusters,
};
use crate::report::{Reporter, grouped};
use crate::stack::{CLUSTERS_FILE, ClusterFile, load_clusters};

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Environments, highest priority first, instead of the clusters of clusters.yaml
    #[arg(value_name = "ENV")]
    pub environments: Vec<String>,
    /// Compare with a revision of the project's git repository, such as `origin/main`, and plan only for
    /// clusters with something that changed
    #[arg(long, value_name = "REV", env = "KILN_BASE")]
    pub base: Option<String>,
    /// How the plan is printed
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Format,
    /// Share the clusters out to so many jobs at most
    #[arg(long, value_name = "N", env = "KILN_MAX_JOBS", default_value_t = 8)]
    pub max_jobs: usize,
    /// The timings of an earlier run, for jobs of equal length (default: those that `generate --timings` left
    /// beside the generated trees)
    #[arg(long, value_name = "FILE", env = "KILN_PLAN_TIMINGS")]
    pub timings: Option<PathBuf>,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// The root of generated trees (default: `outDir` of kiln.yaml, else `generated` in the project)
    #[arg(short = 'O', long, value_name = "DIR", env = "KILN_OUT_DIR")]
    pub out_dir: Option<PathBuf>,
    #[command(flatten)]
    pub compile: CompileArgs,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line for each component, or for each that changed
    #[default]
    Text,
    /// Everything, for programs
    Json,
    /// The jobs alone, on one line: what `strategy.matrix` of GitHub Actions takes
    Matrix,
}

/// Lists what a run would render.
pub fn run(args: &PlanArgs, project: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let survey = plan(args, project, &mut sink);
    reporter.diagnostics(sink.diagnostics());
    let Ok(survey) = survey else { return exit::of(sink.diagnostics()) };
    let printed = match args.output {
        Format::Json => print_json(&survey),
        Format::Matrix => print_matrix(&survey),
        Format::Text => print_text(&survey),
    };
    if printed.is_err() {
        return exit::WORLD;
    }
    reporter.summary(&summary(&survey));
    exit::OK
}

fn plan(args: &PlanArgs, folder: &Path, sink: &mut Sink) -> Result<Survey, Reported> {
    let now = source_date()
        .map_err(|why| sink.fail(Diagnostic::error(Code("usage.source-date"), why).blame(Blame::Usage)))?;
    let compile = args.compile.options(folder, args.compile.locked, sink)?;
    let environments = args.environments.clone();
    let options = GenerateOptions { environments, out_dir: args.out_dir.clone(), dry_run: true, now, ..compile };
    let project = Arc::new(pipeline::open(&options, sink)?);
    let file = clusters(args, &project, sink)?;
    let request = SurveyRequest {
        // Variables may name clusters for many runs.
        selection: if file.is_typed() { Selection::default() } else { args.selection.selection() },
        base: args.base.clone().filter(|base| !base.is_empty()),
        most_jobs: args.max_jobs,
        timings: args.timings.clone(),
    };
    pipeline::survey(&project, &file, &options, request, sink)
}

/// The clusters of clusters.yaml where these are meant, else environments, as for `generate`.
fn clusters(args: &PlanArgs, project: &pipeline::Project, sink: &mut Sink) -> Result<ClusterFile, Reported> {
    let typed = || environment_clusters(std::slice::from_ref(&args.environments));
    if !args.environments.is_empty() {
        return match args.selection.at_odds() {
            Some(flag) => Err(sink.fail(at_odds_with_environments(flag))),
            None => Ok(typed()),
        };
    }
    match load_clusters(&project.tree, sink)? {
        Some(file) => Ok(file),
        None if args.selection.is_empty() => Ok(typed()),
        None => Err(sink.fail(missing_clusters(&project.tree.display(CLUSTERS_FILE)))),
    }
}

/// A plan as programs read it: `docs/guide/ci-fan-out.md` describes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'s> {
    api_version: &'static str,
    kind: &'static str,
    schema: u32,
    kiln: &'static str,
    #[serde(flatten)]
    survey: &'s Survey,
    matrix: Matrix,
}

/// What `strategy.matrix` of GitHub Actions takes.
#[derive(Serialize)]
struct Matrix {
    include: Vec<Entry>,
}

impl Matrix {
    fn of(survey: &Survey) -> Self {
        Self { include: survey.jobs.iter().map(|job| entry(survey, job)).collect() }
    }
}

#[derive(Serialize)]
struct Entry {
    shard: String,
    clusters: String,
    args: String,
    units: usize,
    cost: f64,
}

fn entry(survey: &Survey, job: &Job) -> Entry {
    let args: Vec<String> = match &survey.environments {
        Some(environments) => environments.iter().map(|name| quoted(name)).collect(),
        None => job.clusters.iter().map(|name| format!("--cluster {}", quoted(name))).collect(),
    };
    Entry {
        shard: job.shard.clone(),
        clusters: job.clusters.join(" "),
        args: args.join(" "),
        units: job.units,
        cost: job.cost,
    }
}

/// A word as a shell takes it for itself.
fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./@+:".contains(char);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn print_json(survey: &Survey) -> std::io::Result<()> {
    let document = Document {
        api_version: "kiln/v1alpha1",
        kind: "Plan",
        schema: 1,
        kiln: env!("CARGO_PKG_VERSION"),
        survey,
        matrix: Matrix::of(survey),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn print_matrix(survey: &Survey) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(&Matrix::of(survey))?)
}

fn print_text(survey: &Survey) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for unit in survey.units.iter().filter(|unit| unit.change != Some(ChangeKind::Unchanged)) {
        writeln!(out, "{}", line(unit))?;
    }
    for job in &survey.jobs {
        let names = job.clusters.join(" ");
        let noun = if job.units == 1 { "component" } else { "components" };
        writeln!(out, "job {}: {} {noun}, cost {}: {names}", job.shard, job.units, job.cost)?;
    }
    out.flush()
}

fn line(unit: &SurveyedUnit) -> String {
    let mark = match unit.change {
        None => return format!("{} {}", unit.id, unit.key.as_deref().unwrap_or("-")),
        Some(ChangeKind::Added) => '+',
        Some(ChangeKind::Removed) => '-',
        Some(_) => '~',
    };
    let reasons: Vec<&str> = unit.reasons.iter().map(|reason| reason.text.as_str()).collect();
    format!("{mark} {}: {}", unit.id, reasons.join("; "))
}

fn summary(survey: &Survey) -> String {
    let counts = survey.counts;
    let units = if counts.units == 1 { "component" } else { "components" };
    let since = match &survey.base {
        None => String::new(),
        Some(base) => format!(
            ", since {}: {} added, {} changed, {} removed, {} unchanged",
            base.revision,
            grouped(counts.added),
            grouped(counts.changed),
            grouped(counts.removed),
            grouped(counts.unchanged)
        ),
    };
    let jobs = if survey.jobs.len() == 1 { "job" } else { "jobs" };
    format!("{} {units} in {} {jobs}{since}", grouped(counts.units), survey.jobs.len())
}
