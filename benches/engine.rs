//! Times kiln's engine on real charts as `helm-engine/main.go` times Helm's, with the same cases and
//! the same output: `cargo bench --bench engine -- CASES RUNS`.
//!
//! CASES has one case on each line: the chart's folder and any values files, separated by tabs.
//! Printed are, separated by tabs, the least time of all runs in microseconds and the case; cases that
//! cannot be rendered are left out.

use std::env;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use kiln::helm::{self, ReleaseOptions, merge_over};
use kiln::source::Tree;
use kiln::value::{Frozen, Map, Value};
use kiln::yaml;

/// Loads a chart and its values, renders, and sorts the manifests.
fn render(words: &[&str], options: &ReleaseOptions) -> Option<usize> {
    let mut values = Map::new();
    for path in &words[1..] {
        let more = yaml::load_map(&fs::read(path).ok()?).ok()?;
        values = merge_over(&values, &Map::frozen(more));
    }
    let chart = helm::load(&Tree::directory(words[0], words[0])).ok()?;
    let release = helm::render(&chart, &Frozen::of(&Value::Map(values)), options).ok()?;
    Some(release.manifests.len())
}

fn least(words: &[&str], options: &ReleaseOptions, runs: u32) -> Option<Duration> {
    let mut least = Duration::MAX;
    for _ in 0..runs {
        let start = Instant::now();
        render(words, options)?;
        least = least.min(start.elapsed());
    }
    Some(least)
}

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [cases, runs] = words.as_slice() else { return println!("usage: cargo bench --bench engine -- CASES RUNS") };
    let cases = fs::read_to_string(cases).expect("CASES is a file");
    let runs = runs.parse().expect("RUNS is a number");
    let mut options = ReleaseOptions::new("rel");
    options.namespace = "ns".to_owned();
    options.record_reads = env::var_os("KILN_BENCH_READS").is_some();
    let work = move || {
        for case in cases.lines() {
            if let Some(time) = least(&case.split('\t').collect::<Vec<_>>(), &options, runs) {
                println!("{:.1}\t{case}", time.as_secs_f64() * 1e6);
            }
        }
    };
    let worker = thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread can be started");
    worker.join().expect("the engine does not panic");
}
