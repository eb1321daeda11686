//! Pipelines, commands and operands.

use std::ops::Range;

use crate::value::Value;

use super::super::ast::{Command, Declaration, Expr, ExprKind, Pipe, Variable};
use super::super::number::{Complex, Ideal, Number};
use super::super::print::Printer;
use super::failure::Outcome;
use super::{At, Failure, Frame, Val};

impl<'t> Frame<'_, '_, 't> {
    /// Evaluates a pipeline and sets the variables that it declares.
    pub(super) fn pipe(&mut self, dot: &Val, pipe: &'t Pipe) -> Outcome<Val> {
        self.at = At::Pipe(pipe);
        let mut value = None;
        let template = self.template;
        let commands = template.trees.many(&pipe.commands);
        for (index, command) in commands.iter().enumerate() {
            let result = self.command(dot, command, value.take());
            value = match result {
                Ok(value) => Some(value.settle()),
                Err(failure) if index > 0 => {
                    return Err(failure.piped_from(&commands[index - 1], template));
                }
                Err(failure) => return Err(failure),
            };
        }
        let value = value.unwrap_or(Val::Invalid);
        for declaration in template.trees.many(&pipe.declarations) {
            if pipe.assign {
                self.assign(declaration, value.clone())?;
            } else {
                self.declare(declaration, value.clone());
            }
        }
        Ok(value)
    }

    fn declare(&mut self, declaration: &Declaration, value: Val) {
        for slot in declaration.slots.iter() {
            let at = self.base + slot as usize;
            if at >= self.run.variables.len() {
                self.run.variables.resize(at + 1, None);
            }
            self.run.variables[at] = Some(value.clone());
        }
    }

    fn assign(&mut self, declaration: &Declaration, value: Val) -> Outcome<()> {
        let mut places = declaration.slots.iter().map(|slot| self.base + slot as usize);
        let found = places.find(|at| self.run.variables.get(*at).is_some_and(Option::is_some));
        match found {
            Some(at) => {
                self.run.variables[at] = Some(value);
                Ok(())
            }
            None => Err(self.undefined(&declaration.name)),
        }
    }

    /// Sets a variable of `range` for one round.
    pub(super) fn set_loop_variable(&mut self, pipe: &Pipe, declaration: &Declaration, value: Val) -> Outcome<()> {
        if pipe.assign {
            return self.assign(declaration, value);
        }
        self.declare(declaration, value);
        Ok(())
    }

    fn command(&mut self, dot: &Val, command: &'t Command, last: Option<Val>) -> Outcome<Val> {
        let trees = &self.template.trees;
        let args = trees.many(&command.args);
        let (first, args) = (&args[0], &args[1..]);
        match &first.kind {
            ExprKind::Field(fields) => {
                self.at = At::Expr(first);
                self.fields(dot, dot, first, fields, args, last)
            }
            ExprKind::Chain(chain) => {
                self.at = At::Expr(first);
                let chain = trees.one(chain);
                let receiver = self.chain_receiver(dot, trees.one(&chain.node))?;
                self.fields(dot, &receiver, first, &chain.fields, args, last)
            }
            ExprKind::Function(callee) => {
                self.at = At::Expr(first);
                self.call(dot, (*trees.one(callee), first.pos), At::Command(command), args, last)
            }
            ExprKind::Pipe(pipe) => {
                self.not_a_function(first, args, &last)?;
                self.check_stack()?;
                self.pipe(dot, trees.one(pipe))
            }
            ExprKind::Variable(variable) => {
                self.at = At::Expr(first);
                self.variable(dot, first, trees.one(variable), args, last)
            }
            _ => {
                self.at = At::Expr(first);
                self.not_a_function(first, args, &last)?;
                self.constant(dot, first)
            }
        }
    }

    /// What stands before the fields of a chain.
    pub(super) fn chain_receiver(&mut self, dot: &Val, node: &'t Expr) -> Outcome<Val> {
        self.at = At::Expr(node);
        let trees = &self.template.trees;
        match &node.kind {
            ExprKind::Pipe(pipe) => {
                self.check_stack()?;
                self.pipe(dot, trees.one(pipe))
            }
            ExprKind::Function(callee) => self.call(dot, (*trees.one(callee), node.pos), At::Expr(node), &[], None),
            _ => self.constant(dot, node),
        }
    }

    pub(super) fn variable(
        &mut self,
        dot: &Val,
        node: &'t Expr,
        variable: &'t Variable,
        args: &'t [Expr],
        last: Option<Val>,
    ) -> Outcome<Val> {
        let mut slots = variable.slots.iter();
        let found = slots.find_map(|slot| self.run.variables.get(self.base + slot as usize)?.as_ref());
        let Some(value) = found.cloned() else { return Err(self.undefined(&variable.name)) };
        if variable.fields.is_empty() {
            self.not_a_function(node, args, &last)?;
            return Ok(value);
        }
        self.fields(dot, &value, node, &variable.fields, args, last)
    }

    #[cold]
    fn undefined(&self, name: &Range<u32>) -> Box<Failure> {
        let name = String::from_utf8_lossy(self.template.text.slice(name));
        self.fail(format!("undefined variable: {name}"))
    }

    fn not_a_function(&self, first: &'t Expr, args: &[Expr], last: &Option<Val>) -> Outcome<()> {
        if args.is_empty() && last.is_none() {
            return Ok(());
        }
        let mut printer = Printer::new(&self.template.text, &self.template.trees);
        printer.expr(first);
        Err(self.fail(format!("can't give argument to non-function {}", printer.finish())))
    }

    /// The value of an operand that needs no evaluation.
    pub(super) fn constant(&mut self, dot: &Val, node: &'t Expr) -> Outcome<Val> {
        match &node.kind {
            ExprKind::Dot => Ok(dot.clone()),
            ExprKind::Bool(value) => Ok(Val::Of(Value::Bool(*value))),
            ExprKind::String(literal) => Ok(Val::Of(Value::Str(self.template.trees.one(literal).value.clone()))),
            ExprKind::Number(number) => self.number(self.template.trees.one(number)),
            _ => Err(self.fail("nil is not a command")),
        }
    }

    fn number(&self, number: &Number) -> Outcome<Val> {
        Ok(Val::Of(match number.ideal {
            Ideal::Int(value) => Value::int(value),
            Ideal::Float(value) => Value::Float(value),
            Ideal::Complex(real, imaginary) => Value::from(Complex { real, imaginary }),
            Ideal::Overflow => {
                let text = String::from_utf8_lossy(self.template.text.slice(&number.text)).into_owned();
                return Err(self.fail(format!("{text} overflows int")));
            }
        }))
    }
}
