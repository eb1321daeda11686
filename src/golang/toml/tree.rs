use std::collections::BTreeMap;

use crate::value::{Frozen, Str};

/// A table being filled.
pub(super) type Table = BTreeMap<String, Node>;

/// What stands below a key.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Scalar(Frozen),
    Array(Vec<Node>),
    Table(Table),
    /// `[[name]]`, and the inline tables of an array that is still being read.
    Tables(Vec<Table>),
}

impl Node {
    /// The data, once all is read.
    pub fn freeze(self) -> Frozen {
        match self {
            Node::Scalar(value) => value,
            Node::Array(items) => Frozen::list(items.into_iter().map(Node::freeze).collect()),
            Node::Table(table) => freeze(table),
            Node::Tables(tables) => Frozen::list(tables.into_iter().map(freeze).collect()),
        }
    }
}

/// The data of a table.
pub(super) fn freeze(table: Table) -> Frozen {
    Frozen::map(table.into_iter().map(|(key, node)| (Str::from(key), node.freeze())).collect())
}
