use std::collections::BTreeMap;

use crate::value::{List, ListType, Str, Value};

/// A table being filled.
pub(super) type Table = BTreeMap<String, Node>;

/// What stands below a key.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Scalar(Value),
    Array(Vec<Node>),
    Table(Table),
    /// `[[name]]`, and the inline tables of an array that is still being read.
    Tables(Vec<Table>),
}

impl Node {
    /// The data, once all is read.
    pub fn finish(self) -> Value {
        match self {
            Node::Scalar(value) => value,
            Node::Array(items) => Value::list(items.into_iter().map(Node::finish).collect()),
            Node::Table(table) => finish(table),
            Node::Tables(tables) => Value::List(List::new(ListType::Map, tables.into_iter().map(finish).collect())),
        }
    }
}

/// The data of a table.
pub(super) fn finish(table: Table) -> Value {
    Value::map(table.into_iter().map(|(key, node)| (Str::from(key), node.finish())))
}
