//! The built-in objects of chart templates: `.Release`, `.Chart`, `.Capabilities`, `.Files`,
//! `.Subcharts`, `.Values`, as Go values with Helm's types.

mod capabilities;
mod chart;
mod context;
mod files;

pub(super) use capabilities::CapabilitiesObject;
pub(super) use context::{Context, contexts};

use crate::golang;
use crate::value::{Object, Value};

/// A Go struct's fields between braces, as `%v` prints them.
fn braces(fields: &[Value]) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        golang::fmt::print_v(&mut out, field);
    }
    out.push(b'}');
    out
}

/// A struct's JSON fields as a map.
fn struct_data(object: &impl Object) -> Value {
    Value::map(object.json_fields().unwrap_or_default())
}

#[cfg(test)]
mod tests;
