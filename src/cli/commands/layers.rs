use std::io::{BufWriter, Write};
use std::path::Path;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::exit;
use crate::cli::fleet::SelectionArgs;
use crate::cli::overrides::OverrideArgs;
use crate::cli::store::StoreArgs;
use crate::cli::values::ValueArgs;
use crate::diag::{Reported, Sink};
use crate::pipeline::{self, ComponentLayers, GenerateOptions, TargetLayers};
use crate::report::Reporter;
use crate::stack::load_clusters;

/// Arguments of `layers`.
#[derive(Debug, Args)]
pub struct LayersArgs {
    /// Environments, highest priority first; without any, the clusters of clusters.yaml where that file is
    #[arg(value_name = "ENV")]
    pub environments: Vec<String>,
    /// How they are printed
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Format,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub values: ValueArgs,
    /// `kiln.lock` must have every fetched source already
    #[arg(long, env = "KILN_LOCKED", value_parser = FalseyValueParser::new())]
    pub locked: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// How layers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Prints which files say something about each component, and in which order.
pub fn run(args: &LayersArgs, project: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let found = find(args, project, &mut sink);
    reporter.diagnostics(sink.diagnostics());
    let Ok(targets) = found else { return exit::of(sink.diagnostics()) };
    let printed = match args.output {
        Format::Text => print_text(&targets),
        Format::Json => print_json(&targets),
    };
    if printed.is_err() { exit::WORLD } else { exit::OK }
}

fn find(args: &LayersArgs, folder: &Path, sink: &mut Sink) -> Result<Vec<TargetLayers>, Reported> {
    let options = GenerateOptions {
        project: folder.to_owned(),
        store: args.store.place(),
        environments: args.environments.clone(),
        overrides: args.overrides.read(args.locked, sink)?,
        assignments: args.values.read(sink)?,
        locked: args.locked,
        ..GenerateOptions::default()
    };
    let project = pipeline::open(&options, sink)?;
    let file = match args.environments.is_empty() {
        true => load_clusters(&project.tree, sink)?,
        false => None,
    };
    let selection = args.selection.selection();
    pipeline::layers_of(&project, file.as_ref().map(|file| (file, &selection)), &options, sink)
}

fn print_text(targets: &[TargetLayers]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (at, target) in targets.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let cluster = target.cluster.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        writeln!(out, "{cluster}{}", target.layers.join(" > "))?;
        for component in &target.components {
            print_component(component, &mut out)?;
        }
    }
    out.flush()
}

fn print_component(component: &ComponentLayers, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out)?;
    match &component.left_out {
        Some(why) => return writeln!(out, "{}: left out, {why}", component.component),
        None => writeln!(out, "{}", component.component)?,
    }
    for condition in &component.when {
        writeln!(out, "  when {condition}: true")?;
    }
    for file in &component.files {
        let state = if file.exists { "" } else { " (absent)" };
        writeln!(out, "  file {}{state}", file.file)?;
        if let Some(patch) = &file.patch {
            writeln!(out, "  file {patch}")?;
        }
    }
    for said in &component.values {
        let file = said.file.as_ref().unwrap_or(&said.layer);
        writeln!(out, "  {file}: {}", said.says.join(", "))?;
    }
    if let Some(merge) = &component.merge {
        let paths: String = merge.paths.iter().map(|(path, rule)| format!(", {path} {rule}")).collect();
        let place = merge.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
        writeln!(out, "  merge: lists {}, null {}{paths}{place}", merge.lists, merge.null)?;
    }
    Ok(())
}

fn print_json(targets: &[TargetLayers]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let document = json!({"apiVersion": "kiln/v1alpha1", "kind": "Layers", "targets": targets});
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)?;
    out.flush()
}
