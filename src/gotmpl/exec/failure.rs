//! Errors on their way out: made where the node is known, completed where the data is known.

use crate::value::Str;

use super::super::ast::{Command, ExprKind, Fields, Pipe, Template};
use super::super::print::Printer;
use super::super::{CallError, ExecError};
use super::{At, Frame};

pub(super) type Outcome<T> = Result<T, Box<Failure>>;

/// A failure inside a template.
pub(super) struct Failure {
    error: ExecError,
    chain: Chain,
}

/// The field chain that led to a failure, and what it starts from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Chain {
    Unknown,
    /// From the dot at the failing node.
    Dot(Vec<Str>),
    /// From the template's data.
    Data(Vec<Str>),
    /// From the data of the outermost template.
    Root(Vec<Str>),
}

impl Chain {
    fn of_kind(kind: &ExprKind, template: &Template) -> Chain {
        let (text, trees) = (&template.text, &template.trees);
        let names = |fields: &Fields| text.names(fields).map(Str::from).collect::<Vec<_>>();
        match kind {
            ExprKind::Dot => Chain::Dot(Vec::new()),
            ExprKind::Field(fields) => Chain::Dot(names(fields)),
            ExprKind::Variable(variable) => {
                let variable = trees.one(variable);
                match text.slice(&variable.name) {
                    b"$" => Chain::Data(names(&variable.fields)),
                    _ => Chain::Unknown,
                }
            }
            ExprKind::Pipe(pipe) => Chain::of_pipe(trees.one(pipe), template),
            ExprKind::Chain(chain) => {
                let chain = trees.one(chain);
                Chain::of_kind(&trees.one(&chain.node).kind, template).then(&names(&chain.fields))
            }
            _ => Chain::Unknown,
        }
    }

    /// The chain that a pipeline consists of.
    fn of_pipe(pipe: &Pipe, template: &Template) -> Chain {
        match template.trees.many(&pipe.commands) {
            [command] => Chain::of_operand(command, template),
            _ => Chain::Unknown,
        }
    }

    /// The chain that a command without arguments consists of.
    fn of_operand(command: &Command, template: &Template) -> Chain {
        match template.trees.many(&command.args) {
            [only] => Chain::of_kind(&only.kind, template),
            _ => Chain::Unknown,
        }
    }

    /// The chain in the arguments of a call.
    fn of_call(command: &Command, template: &Template) -> Chain {
        let args = template.trees.many(&command.args);
        let mut chains = args.iter().skip(1).map(|arg| Chain::of_kind(&arg.kind, template));
        chains.find(Chain::has_fields).unwrap_or(Chain::Unknown)
    }

    fn has_fields(&self) -> bool {
        matches!(self, Chain::Dot(fields) | Chain::Data(fields) if !fields.is_empty())
    }

    fn then(self, more: &[Str]) -> Chain {
        match self {
            Chain::Unknown | Chain::Root(_) => Chain::Unknown,
            Chain::Dot(mut fields) => {
                fields.extend_from_slice(more);
                Chain::Dot(fields)
            }
            Chain::Data(mut fields) => {
                fields.extend_from_slice(more);
                Chain::Data(fields)
            }
        }
    }
}

impl Failure {
    /// Completes the error for the outside. Chains count when the template's data is the root data.
    pub(super) fn finish(self, at_root: bool) -> Box<ExecError> {
        let mut error = self.error;
        error.reads = match self.chain {
            Chain::Root(fields) => fields,
            Chain::Dot(fields) | Chain::Data(fields) if at_root => fields,
            _ => Vec::new(),
        };
        Box::new(error)
    }

    /// Leaves a template that another one called: the chain counts when the data is the root data.
    pub(super) fn leave_template(mut self: Box<Self>, at_root: bool) -> Box<Self> {
        self.chain = match std::mem::replace(&mut self.chain, Chain::Unknown) {
            Chain::Dot(fields) | Chain::Data(fields) if at_root => Chain::Root(fields),
            Chain::Root(fields) => Chain::Root(fields),
            _ => Chain::Unknown,
        };
        self
    }

    /// Notes that the failure happened where the dot was the value of a `with`.
    pub(super) fn inside_with(mut self: Box<Self>, pipe: &Pipe, template: &Template) -> Box<Self> {
        if let Chain::Dot(fields) = &self.chain {
            self.chain = Chain::of_pipe(pipe, template).then(fields);
        }
        self
    }

    /// Notes that the failure happened where the dot was an element of something.
    pub(super) fn inside_range(mut self: Box<Self>) -> Box<Self> {
        if let Chain::Dot(_) = self.chain {
            self.chain = Chain::Unknown;
        }
        self
    }

    /// Notes the command whose result was piped into the failing one.
    pub(super) fn piped_from(mut self: Box<Self>, command: &Command, template: &Template) -> Box<Self> {
        if self.chain == Chain::Unknown && self.error.cause.is_none() {
            self.chain = Chain::of_operand(command, template);
        }
        self
    }
}

impl<'t> Frame<'_, '_, 't> {
    /// An error at the current node.
    #[cold]
    pub(super) fn fail(&self, message: impl Into<String>) -> Box<Failure> {
        let template = self.template;
        let text = &template.text;
        let mut printer = Printer::new(text, &template.trees);
        let mut chain = Chain::Unknown;
        let pos = match self.at {
            At::Nothing => 0,
            At::Template(call) => {
                printer.template(call);
                call.pos
            }
            At::Pipe(pipe) => {
                printer.pipe(pipe);
                pipe.pos
            }
            At::Command(command) => {
                printer.command(command);
                chain = Chain::of_call(command, template);
                command.pos
            }
            At::Expr(expr) => {
                printer.expr(expr);
                chain = Chain::of_kind(&expr.kind, template);
                expr.pos
            }
        };
        let (line, col) = text.line_col(pos);
        let error = ExecError {
            template: text.name.clone(),
            line,
            col,
            executing: self.template.name.clone(),
            node: printer.finish(),
            message: message.into(),
            cause: None,
            reads: Vec::new(),
            limit: self.run.budget.spent(),
        };
        Box::new(Failure { error, chain })
    }

    /// The error of a function or method called at `node`.
    #[cold]
    pub(super) fn call_failed(&mut self, node: At<'t>, name: &str, error: CallError) -> Box<Failure> {
        self.at = node;
        let (message, cause) = match error {
            CallError::Message(message) => (message, None),
            CallError::Template(cause) => (String::new(), Some(cause)),
            CallError::Wrapped(message, cause) => (message, Some(cause)),
        };
        let mut failure = self.fail(format!("error calling {name}: {message}"));
        failure.error.cause = cause;
        failure
    }
}
