//! How Go prints a decoded value with `%#v`, for error messages.

use std::cmp::Ordering;

use super::decode::{decode_base64, resolve_node};
use super::node::{Node, NodeKind};
use super::resolve::{self, Scalar};
use crate::golang::{float, strconv};

/// Beyond this the text is cut off, as nobody reads on.
const LIMIT: usize = 4096;

/// A value within another one.
pub(super) fn node<T: AsRef<str>>(node: &Node<T>) -> String {
    let mut out = String::new();
    append(&mut out, node);
    out
}

/// A value that is itself handed to `Printf`: nil prints differently there.
pub(super) fn outer<T: AsRef<str>>(value: &Node<T>) -> String {
    match node(value) {
        text if text == "interface {}(nil)" => "<nil>".to_owned(),
        text => text,
    }
}

fn append<T: AsRef<str>>(out: &mut String, node: &Node<T>) {
    if out.len() > LIMIT {
        return;
    }
    match &node.kind {
        NodeKind::Scalar { text, style } => {
            let text = text.as_ref();
            match node.tag.as_deref() {
                Some(resolve::BINARY_TAG) => {
                    out.push_str(&strconv::quote(&decode_base64(text).unwrap_or_default()));
                }
                tag => append_scalar(out, text, resolve_node(tag, text, *style).unwrap_or(Scalar::Str)),
            }
        }
        NodeKind::Seq { items, .. } => {
            out.push_str("[]interface {}{");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                append(out, item);
            }
            out.push('}');
        }
        NodeKind::Map { entries, .. } => {
            out.push_str("map[interface {}]interface {}{");
            let mut sorted: Vec<&(Node<T>, Node<T>)> = entries.iter().collect();
            sorted.sort_by(|a, b| order(&a.0, &b.0));
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                append(out, key);
                out.push(':');
                append(out, value);
            }
            out.push('}');
        }
        NodeKind::Alias { target, .. } => {
            if let Some(target) = target {
                append(out, target);
            }
        }
    }
}

fn append_scalar(out: &mut String, text: &str, scalar: Scalar) {
    match scalar {
        Scalar::Null => out.push_str("interface {}(nil)"),
        Scalar::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Scalar::Int(value) => out.push_str(&value.to_string()),
        Scalar::Uint(value) => out.push_str(&format!("{value:#x}")),
        Scalar::Float(value) => out.push_str(&float::format_v(value)),
        Scalar::Timestamp | Scalar::Str => out.push_str(&strconv::quote(text.as_bytes())),
    }
}

/// Go sorts the keys of a map before printing it.
fn order<T: AsRef<str>>(a: &Node<T>, b: &Node<T>) -> Ordering {
    a.as_str().cmp(&b.as_str())
}
