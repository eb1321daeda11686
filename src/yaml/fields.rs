//! The entries of a mapping as a reader of named fields sees them.

use std::borrow::Cow;

use super::decode::{float_key, is_merge, resolve_node};
use super::node::{Node, NodeKind};
use super::resolve::Scalar;

/// An entry with its key as a string.
pub(super) struct Field<'n, T> {
    pub name: Cow<'n, str>,
    pub key: &'n Node<T>,
    pub value: &'n Node<T>,
    /// Whether it came through a merge key.
    pub merged: bool,
}

/// All entries in the order in which they take effect, merge keys applied: of two with one name
/// the later one counts. The document was decoded before, so merge keys are sound and few.
pub(super) fn fields<T: AsRef<str>>(entries: &[(Node<T>, Node<T>)]) -> Vec<Field<'_, T>> {
    let mut fields = Vec::with_capacity(entries.len());
    collect(entries, false, &mut fields);
    fields
}

fn collect<'n, T: AsRef<str>>(entries: &'n [(Node<T>, Node<T>)], merged: bool, fields: &mut Vec<Field<'n, T>>) {
    for (key, value) in entries {
        if !is_merge(key) {
            fields.push(Field { name: key_name(key), key, value, merged });
            continue;
        }
        match &value.resolved().kind {
            NodeKind::Map { entries, .. } => collect(entries, true, fields),
            NodeKind::Seq { items, .. } => {
                for item in items.iter().rev() {
                    if let NodeKind::Map { entries, .. } = &item.resolved().kind {
                        collect(entries, true, fields);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A key as a string: numbers and booleans as JSON keys have them.
pub(super) fn key_name<T: AsRef<str>>(key: &Node<T>) -> Cow<'_, str> {
    let node = key.resolved();
    let NodeKind::Scalar { text, style } = &node.kind else { return Cow::Borrowed("") };
    let text = text.as_ref();
    match resolve_node(node.tag(), text, *style) {
        Ok(Scalar::Bool(value)) => Cow::Borrowed(if value { "true" } else { "false" }),
        Ok(Scalar::Int(value)) => Cow::Owned(value.to_string()),
        Ok(Scalar::Uint(value)) => Cow::Owned(value.to_string()),
        Ok(Scalar::Float(value)) => Cow::Owned(float_key(value)),
        _ => Cow::Borrowed(text),
    }
}
