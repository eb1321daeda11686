use crate::helm::chart::{self, Chart};
use crate::source::Tree;

use super::message::{Findings, Severity};

/// The rules for the charts in `charts/`. `folder` stands for the chart in messages.
pub fn check(tree: &Tree, folder: &str, findings: &mut Findings) {
    let chart = match chart::load(tree) {
        Ok(chart) => chart,
        Err(error) => {
            findings.check(Severity::Error, "", Err(format!("unable to load chart\n\t{error}")));
            return;
        }
    };
    let declared: Vec<&str> =
        chart.metadata.dependencies.iter().flatten().map(|dependency| dependency.name.as_str()).collect();
    let present: Vec<&str> = chart.charts.iter().map(|child| child.name()).collect();
    let undeclared = without(&present, &declared);
    findings.check(Severity::Error, folder, none(&undeclared, "chart metadata is missing these dependencies"));
    findings.check(Severity::Error, folder, none(&repeated(&chart), "multiple dependencies with name or alias"));
    let missing = without(&declared, &present);
    findings.check(Severity::Warning, folder, none(&missing, "chart directory is missing these dependencies"));
}

fn without<'n>(names: &[&'n str], others: &[&str]) -> Vec<&'n str> {
    names.iter().copied().filter(|name| !others.contains(name)).collect()
}

/// Names and aliases that more than one dependency has.
fn repeated(chart: &Chart) -> Vec<&str> {
    let mut seen = Vec::new();
    let mut repeated = Vec::new();
    for dependency in chart.metadata.dependencies.iter().flatten() {
        let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        if seen.contains(&key) {
            repeated.push(key.as_str());
        }
        seen.push(key);
    }
    repeated
}

fn none(names: &[&str], complaint: &str) -> Result<(), String> {
    if names.is_empty() { Ok(()) } else { Err(format!("{complaint}: {}", names.join(","))) }
}
