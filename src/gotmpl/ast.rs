//! Parsed templates: what the executor walks. Variables are slots, functions are resolved,
//! constants are ready to use, names are places in the text. Positions are byte offsets into the
//! text, chosen as Go chooses them, because errors report them. The parts of all templates of a text
//! lie in [`Trees`] and name each other by place: reading a text allocates little, and walking it
//! jumps little.

use std::marker::PhantomData;
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
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) name: Str,
    pub(super) text: Arc<Text>,
    pub(super) trees: Arc<Trees>,
    pub(super) root: Many<Node>,
    /// Whether there is nothing but space and comments; such a body replaces no other.
    pub(super) blank: bool,
}

/// The parts of the templates of one text.
#[derive(Debug, Default)]
pub(super) struct Trees {
    nodes: Vec<Node>,
    branches: Vec<Branch>,
    calls: Vec<TemplateCall>,
    pipes: Vec<Pipe>,
    declarations: Vec<Declaration>,
    commands: Vec<Command>,
    exprs: Vec<Expr>,
    literals: Vec<Literal>,
    numbers: Vec<Number>,
    variables: Vec<Variable>,
    functions: Vec<Callee>,
    chains: Vec<Chain>,
}

/// The place of one part in [`Trees`].
pub(super) struct One<T>(u32, PhantomData<fn() -> T>);

/// The places of several parts in [`Trees`], one after the other.
pub(super) struct Many<T>(Range<u32>, PhantomData<fn() -> T>);

impl<T> Many<T> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Clone for Many<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> std::fmt::Debug for One<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> std::fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What [`Trees`] hold.
pub(super) trait Part: Sized {
    /// All of the kind.
    fn all(trees: &Trees) -> &Vec<Self>;
    /// The same, to add to.
    fn all_mut(trees: &mut Trees) -> &mut Vec<Self>;
}

macro_rules! parts {
    ($($part:ident in $field:ident),* $(,)?) => {
        $(impl Part for $part {
            fn all(trees: &Trees) -> &Vec<Self> {
                &trees.$field
            }

            fn all_mut(trees: &mut Trees) -> &mut Vec<Self> {
                &mut trees.$field
            }
        })*
    };
}

parts! {
    Node in nodes, Branch in branches, TemplateCall in calls, Pipe in pipes, Declaration in declarations,
    Command in commands, Expr in exprs, Literal in literals, Number in numbers, Variable in variables,
    Callee in functions, Chain in chains,
}

impl Trees {
    /// Room for what a text of that many bytes usually holds.
    pub(super) fn for_text(bytes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(bytes / 32),
            pipes: Vec::with_capacity(bytes / 32),
            commands: Vec::with_capacity(bytes / 28),
            exprs: Vec::with_capacity(bytes / 20),
            functions: Vec::with_capacity(bytes / 48),
            literals: Vec::with_capacity(bytes / 64),
            ..Self::default()
        }
    }

    /// The part at a place.
    pub(super) fn one<T: Part>(&self, place: &One<T>) -> &T {
        &T::all(self)[place.0 as usize]
    }

    /// The part at a place, to change it.
    pub(super) fn one_mut<T: Part>(&mut self, place: &One<T>) -> &mut T {
        &mut T::all_mut(self)[place.0 as usize]
    }

    /// The parts at some places.
    pub(super) fn many<T: Part>(&self, places: &Many<T>) -> &[T] {
        &T::all(self)[places.0.start as usize..places.0.end as usize]
    }

    /// Takes a part in. A text has less than 4 GiB, and no part is shorter than a byte.
    pub(super) fn keep<T: Part>(&mut self, part: T) -> One<T> {
        let all = T::all_mut(self);
        all.push(part);
        One(all.len() as u32 - 1, PhantomData)
    }

    /// Takes several parts in.
    pub(super) fn keep_all<T: Part>(&mut self, parts: impl IntoIterator<Item = T>) -> Many<T> {
        let all = T::all_mut(self);
        let start = all.len() as u32;
        all.extend(parts);
        Many(start..all.len() as u32, PhantomData)
    }
}

#[derive(Debug)]
pub(super) enum Node {
    Text(Range<u32>),
    Action(One<Pipe>),
    Branch(One<Branch>),
    Template(One<TemplateCall>),
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
    pub(super) pipe: One<Pipe>,
    pub(super) list: Many<Node>,
    pub(super) otherwise: Option<Many<Node>>,
}

#[derive(Debug)]
pub(super) struct TemplateCall {
    pub(super) pos: u32,
    pub(super) name: Str,
    pub(super) pipe: Option<One<Pipe>>,
}

#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) pos: u32,
    pub(super) assign: bool,
    pub(super) declarations: Many<Declaration>,
    pub(super) commands: Many<Command>,
}

/// A variable on the left of `:=` or `=`.
#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) name: Range<u32>,
    /// The declared slot; for an assignment the slots of that name.
    pub(super) slots: Slots,
}

/// The slots that a name may mean.
#[derive(Debug, Default)]
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
    pub(super) args: Many<Expr>,
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
    Number(One<Number>),
    String(One<Literal>),
    Field(Fields),
    Variable(One<Variable>),
    Function(One<Callee>),
    Chain(One<Chain>),
    Pipe(One<Pipe>),
}

/// A string constant, and where it is written.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) value: Str,
    pub(super) quoted: Range<u32>,
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

/// `(pipeline).field.field` or `function.field`.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) node: One<Expr>,
    pub(super) fields: Fields,
}
