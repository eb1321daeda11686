//! Go's 18 predefined functions, and the table that joins them with a tool's own.

mod compare;
mod escape;
mod index;

use crate::golang::fmt;
use crate::value::{Param, Signature, Value};

use super::exec::Val;
use super::func::Func;

/// A predefined function. The first three belong to the executor: `and` and `or` stop early, and
/// `call` names its argument in the error (no value here is a function).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    And,
    Or,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Print,
    Printf,
    Println,
    Slice,
    UrlQuery,
}

const ALL: [Builtin; 19] = [
    Builtin::And,
    Builtin::Or,
    Builtin::Call,
    Builtin::Eq,
    Builtin::Ge,
    Builtin::Gt,
    Builtin::Html,
    Builtin::Index,
    Builtin::Js,
    Builtin::Le,
    Builtin::Len,
    Builtin::Lt,
    Builtin::Ne,
    Builtin::Not,
    Builtin::Print,
    Builtin::Printf,
    Builtin::Println,
    Builtin::Slice,
    Builtin::UrlQuery,
];

impl Builtin {
    pub(super) fn name(self) -> &'static str {
        match self {
            Builtin::And => "and",
            Builtin::Or => "or",
            Builtin::Call => "call",
            Builtin::Eq => "eq",
            Builtin::Ge => "ge",
            Builtin::Gt => "gt",
            Builtin::Html => "html",
            Builtin::Index => "index",
            Builtin::Js => "js",
            Builtin::Le => "le",
            Builtin::Len => "len",
            Builtin::Lt => "lt",
            Builtin::Ne => "ne",
            Builtin::Not => "not",
            Builtin::Print => "print",
            Builtin::Printf => "printf",
            Builtin::Println => "println",
            Builtin::Slice => "slice",
            Builtin::UrlQuery => "urlquery",
        }
    }

    pub(super) fn signature(self) -> &'static Signature {
        const VALUE: Signature = Signature::fixed(&[Param::Reflect]);
        const TWO_VALUES: Signature = Signature::fixed(&[Param::Reflect, Param::Reflect]);
        const VALUES: Signature = Signature::variadic(&[Param::Reflect], Param::Reflect);
        const ANYTHING: Signature = Signature::variadic(&[], Param::Any);
        const FORMAT: Signature = Signature::variadic(&[Param::Str], Param::Any);
        match self {
            Builtin::Len | Builtin::Not => &VALUE,
            Builtin::Ge | Builtin::Gt | Builtin::Le | Builtin::Lt | Builtin::Ne => &TWO_VALUES,
            Builtin::And | Builtin::Or | Builtin::Call | Builtin::Eq | Builtin::Index | Builtin::Slice => &VALUES,
            Builtin::Html | Builtin::Js | Builtin::UrlQuery | Builtin::Print | Builtin::Println => &ANYTHING,
            Builtin::Printf => &FORMAT,
        }
    }

    /// Whether the result is a text that the function makes.
    pub(super) fn makes_text(self) -> bool {
        matches!(
            self,
            Builtin::Html | Builtin::Js | Builtin::Print | Builtin::Printf | Builtin::Println | Builtin::UrlQuery
        )
    }

    /// Calls the function with arguments that fit its signature. The error is Go's text.
    pub(super) fn run(self, args: &[Val]) -> Result<Val, String> {
        let text = |bytes: Vec<u8>| Ok(Val::Of(Value::str(bytes)));
        let truth = |result: Result<bool, String>| result.map(|value| Val::Of(Value::Bool(value)));
        match self {
            Builtin::And | Builtin::Or | Builtin::Call => unreachable!("the executor evaluates these itself"),
            Builtin::Eq => truth(compare::eq(args)),
            Builtin::Ne => truth(compare::eq(args).map(|equal| !equal)),
            Builtin::Lt => truth(compare::lt(args)),
            Builtin::Le => truth(compare::le(args)),
            Builtin::Gt => truth(compare::le(args).map(|result| !result)),
            Builtin::Ge => truth(compare::lt(args).map(|result| !result)),
            Builtin::Index => index::index(args),
            Builtin::Slice => index::slice(args),
            Builtin::Len => index::len(args),
            Builtin::Not => truth(Ok(!args.first().is_some_and(Val::truth))),
            Builtin::Print => text(fmt::sprint(&values(args))),
            Builtin::Println => text(fmt::sprintln(&values(args))),
            Builtin::Printf => {
                let args = values(args);
                match args.split_first() {
                    Some((Value::Str(format), rest)) => text(fmt::sprintf(format.as_bytes(), rest)),
                    _ => text(Vec::new()),
                }
            }
            Builtin::Html => text(escape::html(&escape::joined(&values(args)))),
            Builtin::Js => text(escape::js(&escape::joined(&values(args)))),
            Builtin::UrlQuery => text(escape::url_query(&escape::joined(&values(args)))),
        }
    }
}

fn values(args: &[Val]) -> Vec<Value> {
    args.iter().map(|arg| arg.value().clone()).collect()
}

/// What a name in function position stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callee {
    Func(&'static Func),
    Builtin(Builtin),
}

impl Callee {
    pub(super) fn name(self) -> &'static str {
        match self {
            Callee::Func(func) => func.name,
            Callee::Builtin(builtin) => builtin.name(),
        }
    }
}

/// The functions that templates of a set may call: Go's predefined ones and those of the given
/// tables. Immutable, shared by all threads.
#[derive(Debug)]
pub struct FuncTable {
    /// Sorted by name.
    callees: Vec<Callee>,
    /// Where the names with each first byte begin.
    begins: Box<[usize; 257]>,
}

impl FuncTable {
    /// Joins tables; of functions with one name the one in the later table counts, and every table
    /// comes after the predefined functions.
    pub fn new(tables: &[&'static [Func]]) -> Self {
        let builtins = ALL.into_iter().map(Callee::Builtin);
        let mut callees: Vec<Callee> =
            builtins.chain(tables.iter().flat_map(|table| table.iter()).map(Callee::Func)).collect();
        callees.reverse();
        callees.sort_by_key(|callee| callee.name());
        callees.dedup_by_key(|callee| callee.name());
        let mut begins = Box::new([callees.len(); 257]);
        for (at, callee) in callees.iter().enumerate().rev() {
            let first = callee.name().as_bytes().first().copied().unwrap_or_default();
            begins[..=usize::from(first)].fill(at);
        }
        Self { callees, begins }
    }

    /// All names, sorted.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &'static str> + '_ {
        self.callees.iter().map(|callee| callee.name())
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<Callee> {
        let first = usize::from(*name.first()?);
        let callees = &self.callees[self.begins[first]..self.begins[first + 1]];
        let at = callees.binary_search_by(|callee| callee.name().as_bytes().cmp(name)).ok()?;
        Some(callees[at])
    }
}
