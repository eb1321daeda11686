//! Arguments: their evaluation for a parameter type, and Go's checks.

use crate::golang::time::Duration;
use crate::value::{IntKind, Kind, List, ListType, Map, MapType, Param, Signature, Value};

use super::super::ast::{Expr, ExprKind};
use super::super::print::Printer;
use super::failure::Outcome;
use super::{At, Failure, Frame, Val};

/// Whether Go's nil can be of a type.
fn can_be_nil(param: Param) -> bool {
    match param {
        Param::Any | Param::Map | Param::StrMap | Param::List | Param::StrList | Param::Bytes | Param::Reflect => true,
        Param::Named(name) => name.starts_with(['*', '[']) || name.starts_with("map["),
        Param::Str | Param::Bool | Param::Int | Param::Int64 | Param::Uint32 | Param::Float64 => false,
    }
}

/// The zero value of a type that can be nil.
fn nil_of(param: Param) -> Val {
    match param {
        Param::Map => Val::Of(Value::Map(Map::nil(MapType::Any))),
        Param::StrMap => Val::Of(Value::Map(Map::nil(MapType::Str))),
        Param::List => Val::Of(Value::List(List::nil(ListType::Any))),
        Param::StrList => Val::Of(Value::List(List::nil(ListType::Str))),
        Param::Bytes => Val::Of(Value::List(List::nil(ListType::Bytes))),
        _ => Val::Invalid,
    }
}

/// The value as one of the type, if it can be assigned to it.
fn assigned(value: &Value, param: Param) -> Option<Value> {
    let fits = match (param, value) {
        (Param::Str, Value::Str(_))
        | (Param::Bool, Value::Bool(_))
        | (Param::Int, Value::Int(IntKind::Int, _))
        | (Param::Int64, Value::Int(IntKind::Int64, _))
        | (Param::Uint32, Value::Int(IntKind::Uint32, _))
        | (Param::Float64, Value::Float(_)) => true,
        (Param::Map, Value::Map(map)) => match map.ty() {
            MapType::Any => true,
            MapType::Values(_) => return Some(Value::Map(map.with_type(MapType::Any))),
            MapType::Str | MapType::Files | MapType::Other(_) => false,
        },
        (Param::StrMap, Value::Map(map)) => map.ty() == MapType::Str,
        (Param::List, Value::List(list)) => list.ty() == ListType::Any,
        (Param::StrList, Value::List(list)) => list.ty() == ListType::Str,
        (Param::Bytes, Value::List(list)) => list.ty() == ListType::Bytes,
        (Param::Named(name), value) => {
            let own = value.type_name();
            own == name || own.strip_prefix('*') == Some(name)
        }
        // A named map or slice type is assignable to the type that it stands for.
        (_, Value::Object(object)) if matches!(object.kind(), Kind::Map | Kind::Slice) => {
            return object.container().and_then(|inner| assigned(&inner, param));
        }
        _ => false,
    };
    fits.then(|| value.clone())
}

impl<'t> Frame<'_, '_, 't> {
    /// Evaluates the arguments of a call for its signature, after checking their number, and puts
    /// them into `values`.
    pub(super) fn arguments<T: From<Val>>(
        &mut self,
        dot: &Val,
        (name, signature): (&str, &Signature),
        args: &'t [Expr],
        last: Option<Val>,
        mut values: Vec<T>,
    ) -> Outcome<Vec<T>> {
        let count = args.len() + usize::from(last.is_some());
        self.check_count(name, signature, args.len(), count)?;
        let param = |at: usize| {
            signature.params.get(at).copied().or(signature.variadic).expect("the number of arguments was checked")
        };
        for (at, arg) in args.iter().enumerate() {
            values.push(T::from(self.argument(dot, param(at), arg)?));
        }
        if let Some(last) = last {
            values.push(T::from(self.fit(last, param(count - 1))?));
        }
        Ok(values)
    }

    pub(super) fn check_count(&self, name: &str, signature: &Signature, given: usize, count: usize) -> Outcome<()> {
        let want = signature.params.len();
        if signature.variadic.is_some() {
            if count < want {
                return Err(self.fail(format!("wrong number of args for {name}: want at least {want} got {given}")));
            }
        } else if count != want {
            return Err(self.fail(format!("wrong number of args for {name}: want {want} got {count}")));
        }
        Ok(())
    }

    /// Evaluates one argument for a parameter.
    pub(super) fn argument(&mut self, dot: &Val, param: Param, arg: &'t Expr) -> Outcome<Val> {
        self.at = At::Expr(arg);
        let trees = &self.template.trees;
        let value = match &arg.kind {
            ExprKind::Dot => dot.clone(),
            ExprKind::Nil if can_be_nil(param) => return Ok(nil_of(param)),
            ExprKind::Nil => return Err(self.fail(format!("cannot assign nil to {}", param.name()))),
            ExprKind::Field(fields) => self.fields(dot, dot, arg, fields, &[], None)?,
            ExprKind::Variable(variable) => self.variable(dot, arg, trees.one(variable), &[], None)?,
            ExprKind::Pipe(pipe) => {
                self.check_stack()?;
                self.pipe(dot, trees.one(pipe))?
            }
            ExprKind::Function(callee) => self.call(dot, (*trees.one(callee), arg.pos), At::Expr(arg), &[], None)?,
            ExprKind::Chain(chain) => {
                let chain = trees.one(chain);
                let receiver = self.chain_receiver(dot, trees.one(&chain.node))?;
                self.fields(dot, &receiver, arg, &chain.fields, &[], None)?
            }
            ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {
                return self.literal(dot, param, arg);
            }
        };
        self.fit(value, param)
    }

    /// A literal as a value of the parameter's type.
    fn literal(&mut self, dot: &Val, param: Param, arg: &'t Expr) -> Outcome<Val> {
        let trees = &self.template.trees;
        let number = match &arg.kind {
            ExprKind::Number(number) => Some(trees.one(number)),
            _ => None,
        };
        let (value, expected) = match param {
            Param::Any | Param::Reflect => return self.constant(dot, arg),
            Param::Bool => match &arg.kind {
                ExprKind::Bool(value) => (Some(Value::Bool(*value)), "bool"),
                _ => (None, "bool"),
            },
            Param::Str => match &arg.kind {
                ExprKind::String(literal) => (Some(Value::Str(trees.one(literal).value.clone())), "string"),
                _ => (None, "string"),
            },
            Param::Int => (number.and_then(|number| number.int).map(Value::int), "integer"),
            Param::Int64 => (number.and_then(|number| number.int).map(Value::int64), "integer"),
            Param::Uint32 => {
                let uint = |value: u64| Value::Int(IntKind::Uint32, i64::from(value as u32));
                (number.and_then(|number| number.uint).map(uint), "unsigned integer")
            }
            Param::Float64 => (number.and_then(|number| number.float).map(Value::Float), "float"),
            Param::Named("time.Duration") => {
                (number.and_then(|number| number.int).map(|number| Duration(number).into()), "integer")
            }
            Param::Map | Param::StrMap | Param::List | Param::StrList | Param::Bytes | Param::Named(_) => {
                let shown = self.shown(arg);
                return Err(self.fail(format!("can't handle {shown} for arg of type {}", param.name())));
            }
        };
        match value {
            Some(value) => Ok(Val::Of(value)),
            None => Err(self.fail(format!("expected {expected}; found {}", self.shown(arg)))),
        }
    }

    pub(super) fn shown(&self, expr: &Expr) -> String {
        let mut printer = Printer::new(&self.template.text, &self.template.trees);
        printer.expr(expr);
        printer.finish()
    }

    /// Checks that a value can be passed to a parameter.
    pub(super) fn fit(&self, value: Val, param: Param) -> Outcome<Val> {
        let inner = match &value {
            _ if param == Param::Reflect => return Ok(value),
            Val::Invalid if can_be_nil(param) => return Ok(nil_of(param)),
            Val::Invalid => return Err(self.fail(format!("invalid value; expected {}", param.name()))),
            Val::Of(Value::Object(object)) if param == Param::Any => {
                return Ok(object.copied().map_or(value, Val::Of));
            }
            _ if param == Param::Any => return Ok(value),
            Val::Interface(inner) | Val::Of(inner) => inner,
        };
        match assigned(inner, param) {
            Some(fitting) => Ok(Val::Of(fitting)),
            None => Err(self.wrong_type(&value, param)),
        }
    }

    #[cold]
    fn wrong_type(&self, value: &Val, param: Param) -> Box<Failure> {
        let got = match value {
            Val::Interface(Value::Nil) => value.type_name(),
            _ => value.value().type_name(),
        };
        self.fail(format!("wrong type for value; expected {}; got {got}", param.name()))
    }
}
