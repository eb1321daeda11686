//! Prints nodes as Go does: normalised spacing, constants as written.

use std::ops::Range;

use crate::golang::strconv;

use super::ast::{Command, Expr, ExprKind, Pipe, TemplateCall, Text, Trees};

pub(super) struct Printer<'a> {
    text: &'a Text,
    trees: &'a Trees,
    out: Vec<u8>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(text: &'a Text, trees: &'a Trees) -> Self {
        Self { text, trees, out: Vec::new() }
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
            self.pipe(self.trees.one(pipe));
        }
        self.push("}}");
    }

    pub(super) fn pipe(&mut self, pipe: &Pipe) {
        for (index, declaration) in self.trees.many(&pipe.declarations).iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.slice(&declaration.name);
        }
        if !pipe.declarations.is_empty() {
            self.push(if pipe.assign { " = " } else { " := " });
        }
        for (index, command) in self.trees.many(&pipe.commands).iter().enumerate() {
            if index > 0 {
                self.push(" | ");
            }
            self.command(command);
        }
    }

    pub(super) fn command(&mut self, command: &Command) {
        for (index, arg) in self.trees.many(&command.args).iter().enumerate() {
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
            self.pipe(self.trees.one(pipe));
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
            ExprKind::Number(number) => self.slice(&self.trees.one(number).text),
            ExprKind::String(literal) => self.slice(&self.trees.one(literal).quoted),
            ExprKind::Field(fields) => self.slice(&fields.0),
            ExprKind::Variable(variable) => {
                let variable = self.trees.one(variable);
                self.slice(&variable.name);
                self.slice(&variable.fields.0);
            }
            ExprKind::Function(callee) => self.push(self.trees.one(callee).name()),
            ExprKind::Chain(chain) => {
                let chain = self.trees.one(chain);
                self.operand(self.trees.one(&chain.node));
                self.slice(&chain.fields.0);
            }
            ExprKind::Pipe(pipe) => self.pipe(self.trees.one(pipe)),
        }
    }

    /// What is printed as it is written.
    fn slice(&mut self, range: &Range<u32>) {
        self.out.extend_from_slice(self.text.slice(range));
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}
