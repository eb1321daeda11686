//! Calls of functions and methods.

use crate::value::{ObjectRef, Param, Signature, Value};

use super::super::ast::Expr;
use super::super::builtin::{Builtin, Callee};
use super::super::func::{Call, CallError, Func};
use super::failure::Outcome;
use super::{At, Frame, Val};

/// The longest text that one call may make, in bytes.
const MAX_TEXT: usize = 64 << 20;

impl<'t> Frame<'_, '_, 't> {
    /// Calls a function that is named at a place; errors of the function itself name `node`.
    pub(super) fn call(
        &mut self,
        dot: &Val,
        (callee, pos): (Callee, u32),
        node: At<'t>,
        args: &'t [Expr],
        last: Option<Val>,
    ) -> Outcome<Val> {
        self.step()?;
        match callee {
            Callee::Func(func) => self.call_func(dot, (func, pos), node, args, last),
            Callee::Builtin(Builtin::And) => self.and_or(dot, Builtin::And, args, last),
            Callee::Builtin(Builtin::Or) => self.and_or(dot, Builtin::Or, args, last),
            Callee::Builtin(Builtin::Call) => self.call_value(dot, node, args, last),
            Callee::Builtin(builtin) => {
                let values = self.run.spare.vals.pop().unwrap_or_default();
                let mut values = self.arguments(dot, (builtin.name(), builtin.signature()), args, last, values)?;
                let prints = builtin.makes_text() && !self.run.budget.print(values.iter().map(Val::value));
                if prints || !self.run.budget.read(values.iter().map(Val::value)) {
                    return Err(self.spent());
                }
                let result = builtin.run(&values);
                values.clear();
                self.run.spare.vals.push(values);
                let result = match result {
                    Ok(value) if !builtin.makes_text() => return Ok(value),
                    Ok(value) => match outsized(value.value()) {
                        Some(refusal) => Err(refusal),
                        None if self.run.budget.made(value.value()) => return Ok(value),
                        None => return Err(self.spent()),
                    },
                    Err(message) => Err(message),
                };
                result.map_err(|message| self.call_failed(node, builtin.name(), message.into()))
            }
        }
    }

    fn call_func(
        &mut self,
        dot: &Val,
        (func, pos): (&'static Func, u32),
        node: At<'t>,
        args: &'t [Expr],
        last: Option<Val>,
    ) -> Outcome<Val> {
        let values = self.run.spare.values.pop().unwrap_or_default();
        let mut values = self.arguments(dot, (func.name, &func.signature), args, last, values)?;
        if !self.run.budget.read(values.iter()) {
            return Err(self.spent());
        }
        let result = (func.run)(&mut Call::within(func.name, &self.template.text, pos, &mut *self), &values);
        values.clear();
        self.run.spare.values.push(values);
        match result {
            Ok(value) => match outsized(&value) {
                Some(refusal) => Err(self.call_failed(node, func.name, refusal.into())),
                None if self.run.budget.made(&value) => Ok(Val::from_any(value)),
                None => Err(self.spent()),
            },
            Err(error) => Err(self.call_failed(node, func.name, error)),
        }
    }

    pub(super) fn call_method(
        &mut self,
        dot: &Val,
        method: (&ObjectRef, &str, &Signature),
        node: At<'t>,
        args: &'t [Expr],
        last: Option<Val>,
    ) -> Outcome<Val> {
        self.step()?;
        let (object, name, signature) = method;
        let values: Vec<Value> = self.arguments(dot, (name, signature), args, last, Vec::new())?;
        if !self.run.budget.read(values.iter()) || !self.run.budget.burn(object.work(name, &values)) {
            return Err(self.spent());
        }
        match object.call(name, &values) {
            Ok(value) if self.run.budget.made(&value) => Ok(Val::from_any(value)),
            Ok(_) => Err(self.spent()),
            Err(message) => Err(self.call_failed(node, name, CallError::Message(message))),
        }
    }

    /// `and` and `or` evaluate no argument after the one that decides.
    fn and_or(&mut self, dot: &Val, builtin: Builtin, args: &'t [Expr], last: Option<Val>) -> Outcome<Val> {
        let count = args.len() + usize::from(last.is_some());
        self.check_count(builtin.name(), builtin.signature(), args.len(), count)?;
        let mut value = Val::Invalid;
        for arg in args {
            value = self.argument(dot, Param::Reflect, arg)?;
            if value.truth() == (builtin == Builtin::Or) {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// The `call` builtin. No value of ours is a function, so it always fails, after evaluating its
    /// arguments.
    fn call_value(&mut self, dot: &Val, node: At<'t>, args: &'t [Expr], last: Option<Val>) -> Outcome<Val> {
        let callee = match (args.first(), &last) {
            (Some(first), _) => self.shown(first),
            (None, Some(last)) => reflect_string(last),
            (None, None) => String::new(),
        };
        let name = Builtin::Call.name();
        let signature = Builtin::Call.signature();
        let values: Vec<Val> = self.arguments(dot, (name, signature), args, last, Vec::new())?;
        let message = match values.first().map(Val::value) {
            None | Some(Value::Nil) => "call of nil".to_owned(),
            Some(value) => format!("non-function {callee} of type {}", value.type_name()),
        };
        Err(self.call_failed(node, name, CallError::Message(message)))
    }
}

/// The refusal of a text longer than any function may make.
fn outsized(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) if text.len() > MAX_TEXT => Some(format!("result is too large: more than {MAX_TEXT} bytes")),
        _ => None,
    }
}

/// Go's `reflect.Value.String`: the text of a string, the type of anything else.
fn reflect_string(value: &Val) -> String {
    match value.value() {
        Value::Str(text) => text.to_string(),
        Value::Nil => "<invalid Value>".to_owned(),
        other => format!("<{} Value>", other.type_name()),
    }
}
