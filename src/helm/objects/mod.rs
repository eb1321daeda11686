//! The built-in objects of chart templates: `.Release`, `.Chart`, `.Capabilities`, `.Files`,
//! `.Subcharts`, `.Values`, as Go values with Helm's types.

mod capabilities;
mod chart;
mod context;
mod files;
mod values;

pub(super) use capabilities::CapabilitiesObject;
pub use capabilities::{GO_VERSION, version_from_template};
pub(super) use chart::{dependency_value, metadata_value};
pub(super) use context::{Context, contexts};
pub(super) use files::Files;
pub(super) use values::values_methods;

use crate::golang;
use crate::value::{Object, Value};

/// A struct's fields between braces, as `%v` prints them.
fn print_struct(object: &impl Object) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for (at, (_, field)) in object.struct_fields().unwrap_or_default().iter().enumerate() {
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
