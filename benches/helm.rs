//! Helm charts from files in memory to sorted manifests: `cargo bench --bench helm`.
//!
//! The charts are made here. `KILN_BENCH_CHARTS` may name a folder of real charts, each in a folder of
//! its own; `real` then renders all of them that can be rendered without further values.

#[path = "helm/charts.rs"]
mod charts;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use kiln::helm::{self, Chart, Release, ReleaseOptions};
use kiln::source::Tree;
use kiln::value::Frozen;

/// As deep as the stack of a bench's thread surely allows.
const STACK_BYTES: usize = 512 << 10;

fn main() {
    divan::main();
}

fn load(files: &BTreeMap<String, Arc<[u8]>>) -> Arc<Chart> {
    helm::load(&Tree::memory(files.clone(), "chart")).expect("the chart can be loaded")
}

fn options() -> ReleaseOptions {
    let mut options = ReleaseOptions::new("bench");
    options.limits.stack_bytes = STACK_BYTES;
    options
}

fn render(chart: &Arc<Chart>) -> Release {
    helm::render(chart, &Frozen::Nil, &options()).expect("the chart can be rendered")
}

/// Loading, rendering and sorting, each chart for the first time.
fn cold(bencher: Bencher<'_, '_>, files: BTreeMap<String, Arc<[u8]>>) {
    bencher.bench(|| render(&load(&files)).manifests.len());
}

#[divan::bench]
fn small(bencher: Bencher<'_, '_>) {
    cold(bencher, charts::small());
}

/// The same without loading and compiling, as a second release of a chart is rendered.
#[divan::bench]
fn small_again(bencher: Bencher<'_, '_>) {
    let chart = load(&charts::small());
    bencher.bench_local(|| render(&chart).manifests.len());
}

#[divan::bench]
fn library(bencher: Bencher<'_, '_>) {
    cold(bencher, charts::library());
}

#[divan::bench]
fn large(bencher: Bencher<'_, '_>) {
    cold(bencher, charts::large());
}

/// Grows with the number of subcharts, not faster.
#[divan::bench(args = [25, 50, 100, 200])]
fn umbrella(bencher: Bencher<'_, '_>, subcharts: usize) {
    let files = charts::umbrella(subcharts);
    bencher.counter(ItemsCount::new(subcharts)).bench(|| render(&load(&files)).manifests.len());
}

#[divan::bench]
fn real(bencher: Bencher<'_, '_>) {
    let Some(folder) = env::var_os("KILN_BENCH_CHARTS") else { return };
    let mut folders: Vec<_> = fs::read_dir(folder).expect("KILN_BENCH_CHARTS is a folder").flatten().collect();
    folders.sort_by_key(fs::DirEntry::file_name);
    let whole = |path: &Path| {
        let chart = helm::load(&Tree::directory(path, "chart")).ok()?;
        Some(helm::render(&chart, &Frozen::Nil, &options()).ok()?.manifests.len())
    };
    let paths: Vec<_> = folders.iter().map(fs::DirEntry::path).filter(|path| whole(path).is_some()).collect();
    bencher.counter(ItemsCount::new(paths.len())).bench(|| paths.iter().filter_map(|path| whole(path)).sum::<usize>());
}
