use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::pipeline::TIMINGS;
use crate::render::{ReleaseTime, Times, process_time};
use crate::report::grouped;
use crate::source::write_atomically;

/// So many of the slowest releases are listed.
const MOST_LISTED: usize = 10;
/// So many are written down.
const MOST_WRITTEN: usize = 1000;

/// Flags about what a run takes.
#[derive(Debug, Clone, Default, Args)]
pub struct TimingArgs {
    /// Print what the stages and the slowest releases took, and write all of it as JSON to `timings.json` in the
    /// folder `.kiln` of the generated trees, and to FILE (`--timings=FILE`)
    #[arg(long, value_name = "FILE", env = "KILN_TIMINGS", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub timings: Option<PathBuf>,
}

/// What is said of a run beside its times.
pub struct Counts {
    /// Names and numbers, in an order for people.
    pub counts: Vec<(&'static str, usize)>,
    /// How long it took by the clock.
    pub wall: Duration,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    api_version: &'static str,
    kind: &'static str,
    schema: u32,
    kiln: &'static str,
    milliseconds: f64,
    cpu_milliseconds: f64,
    counts: BTreeMap<&'static str, usize>,
    stages: Vec<Stage>,
    components: BTreeMap<String, Component>,
    slowest: Vec<Release>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    stage: &'static str,
    milliseconds: f64,
    cpu_milliseconds: f64,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    renders: usize,
    milliseconds: f64,
    cpu_milliseconds: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    component: String,
    milliseconds: f64,
    cpu_milliseconds: f64,
}

impl TimingArgs {
    /// Whether times are taken.
    pub fn is_asked(&self) -> bool {
        self.timings.is_some()
    }

    /// Writes the times to where they were asked for; `root` is that of the generated trees, unless nothing
    /// was written there.
    ///
    /// # Errors
    /// A text that says which file cannot be written.
    pub fn write(&self, times: &Times, counts: &Counts, root: Option<&Path>) -> Result<(), String> {
        let named = self.timings.clone().filter(|path| path.as_os_str() != "-" && !path.as_os_str().is_empty());
        let places = root.map(|root| root.join(TIMINGS)).into_iter().chain(named);
        let mut text = serde_json::to_vec_pretty(&document(times, counts)).map_err(|error| error.to_string())?;
        text.push(b'\n');
        for place in places {
            write_atomically(&place, &text).map_err(|error| format!("cannot write `{}`: {error}", place.display()))?;
        }
        Ok(())
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn document(times: &Times, counts: &Counts) -> Document {
    let releases = times.releases();
    let mut components: BTreeMap<String, Component> = BTreeMap::new();
    for release in &releases {
        let component = components.entry(release.component.to_string()).or_default();
        component.renders += 1;
        component.milliseconds += milliseconds(release.wall);
        component.cpu_milliseconds += milliseconds(release.cpu);
    }
    let stage = |stage: crate::render::StageTime| Stage {
        stage: stage.stage,
        milliseconds: milliseconds(stage.wall),
        cpu_milliseconds: milliseconds(stage.cpu),
    };
    let release = |release: ReleaseTime| Release {
        cluster: release.cluster,
        component: release.component.to_string(),
        milliseconds: milliseconds(release.wall),
        cpu_milliseconds: milliseconds(release.cpu),
    };
    Document {
        api_version: "kiln/v1alpha1",
        kind: "Timings",
        schema: 1,
        kiln: env!("CARGO_PKG_VERSION"),
        milliseconds: milliseconds(counts.wall),
        cpu_milliseconds: milliseconds(process_time()),
        counts: counts.counts.iter().copied().collect(),
        stages: times.stages().into_iter().map(stage).collect(),
        components,
        slowest: releases.into_iter().take(MOST_WRITTEN).map(release).collect(),
    }
}

/// The times as a table for people.
pub fn table(times: &Times, counts: &Counts) -> String {
    let mut out = format!("{:<24} {:>10} {:>10}\n", "stage", "wall ms", "cpu ms");
    let mut line = |name: &str, wall: Duration, cpu: Duration| {
        let (wall, cpu) = (wall.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
        let _ = writeln!(out, "{name:<24} {wall:>10.2} {cpu:>10.2}");
    };
    times.stages().iter().for_each(|stage| line(stage.stage, stage.wall, stage.cpu));
    line("all", counts.wall, process_time());
    let counted: Vec<String> =
        counts.counts.iter().map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
    let _ = writeln!(out, "{}", counted.join(", "));
    let releases = times.releases();
    if !releases.is_empty() {
        let _ = writeln!(out, "{:>10} {:>10}  slowest of {} releases", "wall ms", "cpu ms", grouped(releases.len()));
    }
    for release in releases.iter().take(MOST_LISTED) {
        let (wall, cpu) = (release.wall.as_secs_f64() * 1e3, release.cpu.as_secs_f64() * 1e3);
        let cluster = release.cluster.as_ref().map_or_else(String::new, |cluster| format!("{cluster}/"));
        let _ = writeln!(out, "{wall:>10.2} {cpu:>10.2}  {cluster}{}", release.component);
    }
    out
}
