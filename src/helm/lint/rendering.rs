use std::collections::BTreeMap;
use std::sync::Arc;

use crate::helm::assembly::Assembly;
use crate::helm::chart::Chart;
use crate::helm::engine;
use crate::helm::entropy::Entropy;
use crate::helm::host::ReleaseHost;
use crate::helm::objects::contexts;
use crate::helm::reads::Ledger;
use crate::helm::release::capabilities;
use crate::helm::schema;
use crate::helm::values::{Coalescing, coalesce_chart};
use crate::value::{Frozen, Map, Value};

use super::LintOptions;

/// Renders the templates of a chart and its subcharts, by their names. `required` and `fail` do not end
/// it; what they would have said goes to `notes`. `Ok(None)` when the values cannot be put together, about
/// which Helm says nothing. The error is Helm's text.
pub fn render(
    chart: &Arc<Chart>,
    user: &Frozen,
    options: &LintOptions,
    notes: &mut Vec<String>,
) -> Result<Option<BTreeMap<String, Vec<u8>>>, String> {
    notes.extend(chart.warnings.iter().cloned());
    let Ok(mut charts) = Assembly::new(chart, user) else { return Ok(None) };
    notes.append(&mut charts.take_warnings());
    let mut values = user.clone();
    // Twice, as Helm does: what a null removed comes back with the second pass.
    for _ in 0..2 {
        let map = match Value::from(&values) {
            Value::Map(map) => map,
            _ => Map::new(),
        };
        let mut how = Coalescing { keep_nulls: false, warnings: notes };
        if coalesce_chart(&charts, Assembly::ROOT, &map, &mut how).is_err() {
            return Ok(None);
        }
        values = Frozen::of(&Value::Map(map));
    }
    let Value::Map(values) = Value::from(&values) else { return Ok(None) };
    if !options.skip_schema_validation {
        schema::validate(&charts, Assembly::ROOT, &values).map_err(|(text, _)| text)?;
    }
    let ledger = Ledger::default();
    let capabilities = capabilities(&options.kube_version, &[], chart.compat, &ledger);
    let contexts = contexts(&charts, values, &release_object(options), &capabilities, &ledger);
    let mut host = ReleaseHost::linting(Entropy::System);
    let rendered = engine::execute(&charts, &contexts, &mut host, &options.limits, 1);
    notes.append(&mut host.take_notes());
    rendered.map(Some).map_err(|error| error.to_string())
}

/// What templates see of the release: neither an installation nor an upgrade.
fn release_object(options: &LintOptions) -> Map {
    Map::from_iter([
        ("Name".into(), Value::str("test-release")),
        ("Namespace".into(), Value::str(options.namespace.as_str())),
        ("IsUpgrade".into(), Value::Bool(false)),
        ("IsInstall".into(), Value::Bool(false)),
        ("Revision".into(), Value::int(0)),
        ("Service".into(), Value::str("Helm")),
    ])
}
