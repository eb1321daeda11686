//! Twice as many subcharts take twice as many steps, counted by the smallest budget that is enough.

#[path = "../benches/helm/charts.rs"]
mod charts;

use std::sync::Arc;

use kiln::helm::{self, Chart, ReleaseOptions};
use kiln::source::Tree;
use kiln::value::Frozen;

/// Whether the templates of a chart can be executed in so many steps.
fn suffices(chart: &Arc<Chart>, fuel: u64) -> bool {
    let mut options = ReleaseOptions::new("bench");
    options.limits.fuel = fuel;
    options.limits.stack_bytes = 256 << 10;
    helm::render(chart, &Frozen::Nil, &options).is_ok()
}

/// The steps that the templates of a chart need.
fn steps(files: charts::Files) -> u64 {
    let chart = helm::load(&Tree::memory(files, "chart")).expect("the chart can be loaded");
    let (mut low, mut high) = (0, 1 << 22);
    assert!(suffices(&chart, high), "the chart can be rendered");
    while low + 1 < high {
        let middle = low.midpoint(high);
        if suffices(&chart, middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[test]
fn an_umbrella_takes_steps_in_proportion_to_its_subcharts() {
    let counts = [4, 8, 16].map(|subcharts| steps(charts::umbrella(subcharts)));
    let [four, eight, sixteen] = counts;
    assert!(four > 400, "templates in values are executed: {counts:?}");
    // Steps count bytes of text too, and names with two digits are longer.
    let (expected, found) = (2 * (eight - four), sixteen - eight);
    assert!(found.abs_diff(expected) * 50 <= expected, "each subchart costs the same: {counts:?}");
}

#[test]
fn the_other_charts_can_be_rendered() {
    for files in [charts::small(), charts::library(), charts::large()] {
        assert!(steps(files) > 100);
    }
}
