//! Parsed templates: what the executor walks. Variables are slots, functions are resolved,
//! constants are ready to use, names are places in the text. Positions are byte offsets into the
//! text, chosen as Go chooses them, because errors report them.

use std::ops::Range;
use std::sync::Arc;

use crate::value::Str;

use super::builtin::Callee;
use super::number::Number;

/// The text that templates were parsed from, and its name.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) name: Arc<str>,
    pub(super) bytes: Str,
}

impl Text {
    /// The 1-based line and the 0-based byte column of an offset.
    pub(super) fn line_col(&self, pos: u32) -> (u32, u32) {
        (1 + super::lex::newlines(&self.bytes.as_bytes()[..pos as usize]), self.col(pos))
    }

    /// The 0-based byte column of an offset.
    pub(super) fn col(&self, pos: u32) -> u32 {
        let before = &self.bytes.as_bytes()[..pos as usize];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        pos - line_start as u32
    }

    pub(super) fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes.as_bytes()[range.start as usize..range.end as usize]
    }

    /// The names of a chain of fields, from left to right.
    pub(super) fn names(&self, fields: &Fields) -> impl Iterator<Item = &[u8]> {
        self.slice(&fields.0).split(|byte| *byte == b'.').skip(1)
    }
}

/// One template: a whole text or a `define` in it.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: Str,
    pub(super) text: Arc<Text>,
    pub(super) root: Arc<[Node]>,
    /// Whether there is nothing but space and comments; such a body replaces no other.
    pub(super) blank: bool,
}

#[derive(Debug)]
pub(super) enum Node {
    Text(Range<u32>),
    Action(Pipe),
    Branch(Box<Branch>),
    Template(Box<TemplateCall>),
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BranchKind {
    If,
    With,
    Range,
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) kind: BranchKind,
    pub(super) pipe: Pipe,
    pub(super) list: Vec<Node>,
    pub(super) otherwise: Option<Vec<Node>>,
}

#[derive(Debug)]
pub(super) struct TemplateCall {
    pub(super) pos: u32,
    pub(super) name: Str,
    pub(super) pipe: Option<Pipe>,
}

#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) pos: u32,
    pub(super) assign: bool,
    pub(super) declarations: Vec<Declaration>,
    pub(super) commands: Vec<Command>,
}

/// A variable on the left of `:=` or `=`.
#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) name: Range<u32>,
    /// The declared slot; for an assignment the slots of that name.
    pub(super) slots: Slots,
}

/// The slots that a name may mean.
#[derive(Debug)]
pub(super) struct Slots {
    /// The newest; most names have no other.
    pub(super) newest: Option<u32>,
    /// The others, newest first.
    pub(super) older: Box<[u32]>,
}

impl Slots {
    /// All slots, newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.newest.into_iter().chain(self.older.iter().copied())
    }
}

/// A chain of fields as it is written, `.field.field`. Names are letters and digits; of none there
/// is nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Range<u32>);

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Debug)]
pub(super) struct Command {
    pub(super) pos: u32,
    pub(super) args: Vec<Expr>,
}

#[derive(Debug)]
pub(super) struct Expr {
    pub(super) pos: u32,
    pub(super) kind: ExprKind,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Number>),
    String { value: Str, quoted: Range<u32> },
    Field(Fields),
    Variable(Box<Variable>),
    Function(Function),
    Chain(Box<Chain>),
    Pipe(Box<Pipe>),
}

/// `$name.field.field`.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: Range<u32>,
    /// The slots that the name may mean: a declaration in a branch not taken leaves its slot empty,
    /// and an older one of the name counts.
    pub(super) slots: Slots,
    pub(super) fields: Fields,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub(super) callee: Callee,
    pub(super) line: u32,
    pub(super) col: u32,
}

/// `(pipeline).field.field` or `function.field`.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) node: Expr,
    pub(super) fields: Fields,
}
