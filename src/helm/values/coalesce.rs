use crate::golang;
use crate::helm::assembly::{Assembly, MemberId};
use crate::value::{Frozen, FrozenMap, Map, Value};

use super::{GLOBAL, is_table};

/// How nulls are treated while values are put over each other, and where warnings go.
pub struct Coalescing<'w> {
    /// Whether nulls stay (`true`: more passes follow) or remove the key below them (`false`).
    pub keep_nulls: bool,
    /// Warnings in Helm's words.
    pub warnings: &'w mut Vec<String>,
}

/// Puts `values` over the defaults of a chart and its subcharts. `values` itself changes and becomes
/// the result. The error is Helm's text.
pub fn coalesce_chart(
    charts: &Assembly,
    chart: MemberId,
    values: &Map,
    how: &mut Coalescing<'_>,
) -> Result<(), String> {
    coalesce(charts, chart, values, "", how)
}

/// Puts `upper` over `lower`, table by table. Both change; `upper` becomes the result.
pub fn merge_tables(upper: &Map, lower: &Map, how: &mut Coalescing<'_>) {
    let keep_nulls = how.keep_nulls;
    tables(upper, lower, "", keep_nulls, how);
}

fn coalesce(
    charts: &Assembly,
    chart: MemberId,
    values: &Map,
    prefix: &str,
    how: &mut Coalescing<'_>,
) -> Result<(), String> {
    defaults(charts, chart, values, prefix, how);
    for child in charts.children(chart) {
        let name = charts.name(*child);
        let section = match values.get(name) {
            None => {
                let section = Map::new();
                values.insert(name, Value::Map(section.clone()));
                section
            }
            Some(Value::Map(section)) => section,
            Some(other) => {
                let shown = golang::fmt::sprintf(b"%t", &[other]);
                return Err(format!("type mismatch on {name}: {}", String::from_utf8_lossy(&shown)));
            }
        };
        let below = join(prefix, charts.name(chart));
        globals(&section, values, &below, how);
        coalesce(charts, *child, &section, &below, how)?;
    }
    Ok(())
}

/// Hands the parent's globals down: they win over the child's.
fn globals(section: &Map, values: &Map, prefix: &str, how: &mut Coalescing<'_>) {
    let own = match section.get(GLOBAL) {
        None => Map::new(),
        Some(Value::Map(own)) => own,
        Some(_) => {
            how.warnings.push(format!("warning: skipping globals because destination {GLOBAL} is not a table."));
            return;
        }
    };
    let from = match values.get(GLOBAL) {
        None => Map::new(),
        Some(Value::Map(from)) => from,
        Some(_) => {
            how.warnings.push(format!("warning: skipping globals because source {GLOBAL} is not a table."));
            return;
        }
    };
    for (key, value) in from.entries() {
        let there = own.get_bytes(key.as_bytes());
        match (value, there) {
            (Value::Map(value), None) => {
                own.insert(key, Value::Map(value.shallow_copy()));
            }
            (Value::Map(value), Some(Value::Map(there))) => {
                let copy = value.shallow_copy();
                tables(&copy, &there, &join(prefix, &key.to_str_lossy()), true, how);
                own.insert(key, Value::Map(copy));
            }
            (Value::Map(_), Some(_)) => {
                how.warnings
                    .push(format!("Conflict: cannot merge map onto non-map for {:?}. Skipping.", key.to_str_lossy()));
            }
            (_, Some(Value::Map(_))) => how.warnings.push(format!("key {key} is table. Skipping")),
            (value, _) => {
                own.insert(key, value);
            }
        }
    }
    section.insert(GLOBAL, Value::Map(own));
}

fn defaults(charts: &Assembly, chart: MemberId, values: &Map, prefix: &str, how: &mut Coalescing<'_>) {
    let prefix = join(prefix, charts.name(chart));
    let mut sections: Vec<&str> = charts.children(chart).iter().map(|child| charts.name(*child)).collect();
    sections.sort_unstable();
    let drops_nulls = !how.keep_nulls && charts.chart(chart).compat.drops_null_defaults();
    for (key, default) in charts.defaults(chart).entries() {
        match values.get_bytes(key.as_bytes()) {
            None if drops_nulls && matches!(default, Value::Nil) => {}
            None => {
                if drops_nulls && let Value::Map(default) = &default {
                    drop_nulls(default);
                }
                values.insert(key, default);
            }
            Some(Value::Nil) if !how.keep_nulls => {
                values.remove_bytes(key.as_bytes());
            }
            Some(Value::Map(upper)) => match default {
                Value::Map(lower) => {
                    let is_section = sections.binary_search_by(|name| name.as_bytes().cmp(key.as_bytes())).is_ok();
                    let keep_nulls = how.keep_nulls || is_section;
                    if drops_nulls && !is_section {
                        drop_nulls(&lower);
                    }
                    tables(&upper, &lower, &join(&prefix, &key.to_str_lossy()), keep_nulls, how);
                }
                Value::Nil => {}
                _ => how.warnings.push(format!("warning: skipped value for {prefix}.{key}: Not a table.")),
            },
            Some(_) => {}
        }
    }
}

/// Removes nulls from a table and the tables in it.
fn drop_nulls(table: &Map) {
    if table.as_frozen().is_some_and(|frozen| !holds_null(&frozen)) {
        return;
    }
    for (key, value) in table.entries() {
        match value {
            Value::Nil => {
                table.remove_bytes(key.as_bytes());
            }
            Value::Map(inner) => drop_nulls(&inner),
            _ => {}
        }
    }
}

fn holds_null(table: &FrozenMap) -> bool {
    table.iter().any(|(_, value)| match value {
        Frozen::Nil => true,
        Frozen::Map(inner) => holds_null(inner),
        _ => false,
    })
}

fn tables(upper: &Map, lower: &Map, prefix: &str, keep_nulls: bool, how: &mut Coalescing<'_>) {
    let defaults = lower.entries();
    for (key, value) in upper.entries() {
        if matches!(value, Value::Nil) {
            // The null is also written to the lower side: where that side is merged again, it must
            // not bring the old value back.
            lower.insert(key, Value::Nil);
        }
    }
    for (key, default) in defaults {
        match (upper.get_bytes(key.as_bytes()), default) {
            (None, default) => {
                upper.insert(key, default);
            }
            (Some(Value::Nil), default) => {
                if !keep_nulls && !matches!(default, Value::Nil) {
                    upper.remove_bytes(key.as_bytes());
                }
            }
            (Some(Value::Map(upper)), Value::Map(lower)) => {
                tables(&upper, &lower, &join(prefix, &key.to_str_lossy()), keep_nulls, how);
            }
            (Some(upper), default) => warn_of_mismatch(&upper, &default, &join(prefix, &key.to_str_lossy()), how),
        }
    }
}

fn warn_of_mismatch(upper: &Value, lower: &Value, path: &str, how: &mut Coalescing<'_>) {
    let shown = || {
        let text = golang::fmt::sprintf(b"%v", std::slice::from_ref(lower));
        String::from_utf8_lossy(&text).into_owned()
    };
    match (is_table(upper), is_table(lower)) {
        (false, true) => {
            how.warnings.push(format!("warning: cannot overwrite table with non table for {path} ({})", shown()));
        }
        (true, false) if !matches!(lower, Value::Nil) => {
            how.warnings
                .push(format!("warning: destination for {path} is a table. Ignoring non-table value ({})", shown()));
        }
        _ => {}
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
