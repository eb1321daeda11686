//! Prints nodes as Go does: normalised spacing, constants as written.

use crate::golang::strconv;
use crate::value::Str;

use super::ast::{Command, Expr, ExprKind, Pipe, TemplateCall, Text};

pub(super) struct Printer<'a> {
    text: &'a Text,
    out: Vec<u8>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(text: &'a Text) -> Self {
        Self { text, out: Vec::new() }
    }

    /// What was printed, with invalid bytes replaced.
    pub(super) fn finish(self) -> String {
        String::from_utf8(self.out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    pub(super) fn template(&mut self, call: &TemplateCall) {
        self.push("{{template ");
        self.push(&strconv::quote(call.name.as_bytes()));
        if let Some(pipe) = &call.pipe {
            self.push(" ");
            self.pipe(pipe);
        }
        self.push("}}");
    }

    pub(super) fn pipe(&mut self, pipe: &Pipe) {
        for (index, declaration) in pipe.declarations.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bytes(&declaration.name);
        }
        if !pipe.declarations.is_empty() {
            self.push(if pipe.assign { " = " } else { " := " });
        }
        for (index, command) in pipe.commands.iter().enumerate() {
            if index > 0 {
                self.push(" | ");
            }
            self.command(command);
        }
    }

    pub(super) fn command(&mut self, command: &Command) {
        for (index, arg) in command.args.iter().enumerate() {
            if index > 0 {
                self.push(" ");
            }
            self.operand(arg);
        }
    }

    /// An expression as part of another one: pipelines are in parentheses.
    fn operand(&mut self, expr: &Expr) {
        if let ExprKind::Pipe(pipe) = &expr.kind {
            self.push("(");
            self.pipe(pipe);
            self.push(")");
        } else {
            self.expr(expr);
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Dot => self.push("."),
            ExprKind::Nil => self.push("nil"),
            ExprKind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            ExprKind::Number(number) => self.out.extend_from_slice(self.text.slice(&number.text)),
            ExprKind::String { quoted, .. } => self.out.extend_from_slice(self.text.slice(quoted)),
            ExprKind::Field(fields) => self.fields(fields),
            ExprKind::Variable(variable) => {
                self.bytes(&variable.name);
                self.fields(&variable.fields);
            }
            ExprKind::Function(function) => self.push(function.callee.name()),
            ExprKind::Chain(chain) => {
                self.operand(&chain.node);
                self.fields(&chain.fields);
            }
            ExprKind::Pipe(pipe) => self.pipe(pipe),
        }
    }

    fn fields(&mut self, fields: &[Str]) {
        for field in fields {
            self.push(".");
            self.bytes(field);
        }
    }

    fn bytes(&mut self, text: &Str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}
