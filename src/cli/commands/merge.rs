use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use clap::builder::FalseyValueParser;

use crate::cli::exit;
use crate::diag::Sink;
use crate::output::Change;
use crate::pipeline::{MergeRequest, merge_shards};
use crate::report::{Reporter, grouped};

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The root of generated trees to write
    #[arg(value_name = "OUT")]
    pub out: PathBuf,
    /// The roots that the parts were written to, each with its folder `.kiln`
    #[arg(value_name = "IN", required = true)]
    pub parts: Vec<PathBuf>,
    /// Write nothing; check whether the parts make a whole
    #[arg(long, env = "KILN_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
    /// Wait until the files are on the disk before the swap
    #[arg(long, env = "KILN_SYNC", value_parser = FalseyValueParser::new())]
    pub sync: bool,
}

/// Joins the trees that the shards of a run wrote.
pub fn run(args: &MergeArgs, reporter: &Reporter) -> u8 {
    let started = Instant::now();
    let mut sink = Sink::new();
    let request =
        MergeRequest { root: args.out.clone(), shards: args.parts.clone(), dry_run: args.dry_run, sync: args.sync };
    let merged = merge_shards(&request, &mut sink);
    reporter.diagnostics(sink.diagnostics());
    let Ok(merged) = merged else { return exit::of(sink.diagnostics()) };
    let count = |kind| grouped(merged.clusters.iter().map(|cluster| cluster.changes.count(kind)).sum());
    let noun = if merged.clusters.len() == 1 { "cluster" } else { "clusters" };
    let parts = if merged.shards == 1 { "part" } else { "parts" };
    reporter.summary(&format!(
        "{} {noun} of {} {parts}: {} added, {} changed, {} removed, {} unchanged in {:.2} s",
        grouped(merged.clusters.len()),
        merged.shards,
        count(Change::Added),
        count(Change::Changed),
        count(Change::Removed),
        grouped(merged.clusters.iter().map(|cluster| cluster.changes.unchanged).sum()),
        started.elapsed().as_secs_f64()
    ));
    exit::OK
}
