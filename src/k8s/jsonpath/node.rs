use crate::value::Str;

/// A step of a template.
#[derive(Clone, Debug)]
pub enum Node {
    /// Steps after each other, each on what the one before gave.
    List(Vec<Node>),
    /// Text as it is.
    Text(Str),
    /// An entry of each map, by its key.
    Field(Str),
    /// `range`, `end`, or a word that means nothing.
    Identifier(String),
    /// A part of each list.
    Slice(Slice),
    /// The items of each list that fit a condition.
    Filter(Box<Filter>),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// Everything directly in each container.
    Wildcard,
    /// Each container, and every container in it.
    Recursive,
    /// What several steps give on the same items.
    Union(Vec<Vec<Node>>),
}

/// Which items of a list are taken. Negative places count from the end.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The first one.
    pub start: Option<i64>,
    /// The one behind the last one.
    pub end: Option<i64>,
    /// Whether `end` follows from `start`, as in `[1]`.
    pub is_single: bool,
    /// How far the items lie apart.
    pub step: Option<i64>,
}

/// A condition on the items of a list.
#[derive(Clone, Debug)]
pub struct Filter {
    pub left: Vec<Node>,
    /// The operator and its right side; without one the left side must be there.
    pub compared: Option<(String, Vec<Node>)>,
}
