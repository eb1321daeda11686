//! How Go prints a decoded value with `%#v`, for error messages.

use super::decode::{decode_base64, resolve_node};
use super::fields::fields;
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
            match node.tag() {
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
            let mut all = fields(entries);
            all.reverse();
            all.sort_by(|a, b| rank(a.key).cmp(&rank(b.key)).then_with(|| a.name.cmp(&b.name)));
            all.dedup_by(|earlier, later| earlier.name == later.name);
            for (at, field) in all.into_iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                append(out, field.key);
                out.push(':');
                append(out, field.value);
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

/// Go sorts the keys of a map before it prints them: by type, in an order that its compiler happens
/// to choose, then by value.
fn rank<T: AsRef<str>>(key: &Node<T>) -> u8 {
    let node = key.resolved();
    let NodeKind::Scalar { text, style } = &node.kind else { return 1 };
    match resolve_node(node.tag(), text.as_ref(), *style) {
        Ok(Scalar::Null) => 0,
        Ok(Scalar::Uint(_)) => 2,
        Ok(Scalar::Int(_)) => 3,
        Ok(Scalar::Float(_)) => 4,
        Ok(Scalar::Bool(_)) => 5,
        Ok(Scalar::Str | Scalar::Timestamp) | Err(_) => 1,
    }
}
