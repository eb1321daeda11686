use crate::golang::{fmt, json};
use crate::value::Value;

use super::evaluate::Item;

/// Prints items with spaces between: containers as JSON, the rest as Go prints it. The error is Go's
/// text about what JSON cannot show.
pub fn append(out: &mut Vec<u8>, items: &[Item]) -> Result<(), String> {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        match item {
            None => out.extend_from_slice(b"<no value>"),
            Some(Value::Nil) => out.extend_from_slice(b"null"),
            Some(value @ (Value::List(_) | Value::Map(_))) => out.extend(json::marshal(value, true)?),
            Some(value) => fmt::print_v(out, value),
        }
    }
    Ok(())
}
