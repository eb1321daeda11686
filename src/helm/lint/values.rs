use crate::helm::schema;
use crate::helm::values::{Coalescing, merge_tables};
use crate::source::Tree;
use crate::value::{Frozen, Map, Value};
use crate::yaml;

use super::message::{Findings, Severity};

const FILE: &str = "values.yaml";
const SCHEMA: &str = "values.schema.json";

/// The rules for `values.yaml`: it can be read, and with the user's values over it satisfies the chart's
/// own schema. Subcharts are not looked at, as in Helm.
pub fn check(chart: &Tree, user: &Frozen, findings: &mut Findings) {
    let there = match chart.kind(FILE) {
        Ok(Some(_)) => Ok(()),
        _ => Err("file does not exist".to_owned()),
    };
    if findings.check(Severity::Info, FILE, there) {
        findings.check(Severity::Error, FILE, check_values(chart, user));
    }
}

fn check_values(chart: &Tree, user: &Frozen) -> Result<(), String> {
    let unread = |error: String| format!("unable to parse YAML: {error}");
    let text = chart.read(FILE).map_err(|error| unread(error.to_string()))?;
    let defaults = yaml::load_map(&text).map_err(|error| {
        unread(error.to_string().replace("of type map[string]interface {}", "of type chartutil.Values"))
    })?;
    // Any failure to read the schema is taken for an empty one.
    let Ok(schema) = chart.read(SCHEMA) else { return Ok(()) };
    if schema.is_empty() {
        return Ok(());
    }
    let values = match Value::from(user) {
        Value::Map(map) => map,
        _ => Map::new(),
    };
    // Helm says nothing here about values that do not fit together: it will when it renders.
    let mut warnings = Vec::new();
    if let Value::Map(lower) = Value::from(&Frozen::Map(defaults)) {
        merge_tables(&values, &lower, &mut Coalescing { keep_nulls: false, warnings: &mut warnings });
    }
    schema::check_one(&schema, &values)
}
