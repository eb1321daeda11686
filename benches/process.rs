//! Times `helm template` and `kiln template` as processes, by turns, on real charts:
//! `cargo bench --bench process -- CASES RUNS HELM`.
//!
//! CASES is as for the bench `engine`; HELM is the program to compare with. Printed are, separated by
//! tabs, the least times of all runs in milliseconds, helm's first, and the case; then the medians.
//! Cases that one of the two cannot render are left out.

use std::env;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

const KILN: &str = env!("CARGO_BIN_EXE_kiln");

/// Milliseconds from starting the program to its end, if it succeeds.
fn time(program: &str, case: &str) -> Option<f64> {
    let mut words = case.split('\t');
    let mut command = Command::new(program);
    command.args(["template", "rel", words.next()?, "--namespace", "ns"]);
    command.args(words.flat_map(|file| ["-f", file]));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().ok()?;
    status.success().then(|| start.elapsed().as_secs_f64() * 1e3)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [cases, runs, helm] = words.as_slice() else {
        return println!("usage: cargo bench --bench process -- CASES RUNS HELM");
    };
    let cases = fs::read_to_string(cases).expect("CASES is a file");
    let runs: u32 = runs.parse().expect("RUNS is a number");
    let mut times = Vec::new();
    for case in cases.lines() {
        let pairs: Option<Vec<_>> = (0..runs).map(|_| Some((time(helm, case)?, time(KILN, case)?))).collect();
        let Some(pairs) = pairs else { continue };
        let least = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).fold(f64::INFINITY, f64::min);
        let pair = (least(|pair| pair.0), least(|pair| pair.1));
        println!("{:.2}\t{:.2}\t{case}", pair.0, pair.1);
        times.push(pair);
    }
    let of = |pick: fn(&(f64, f64)) -> f64| median(times.iter().map(pick).collect());
    println!(
        "{} cases: helm {:.2} ms, kiln {:.2} ms, ratio {:.1}",
        times.len(),
        of(|pair| pair.0),
        of(|pair| pair.1),
        of(|pair| pair.0 / pair.1)
    );
}
