//! Nodes that write or control: text, actions, `if`, `with`, `range`, `template`.

use crate::golang::{fmt, strconv};
use crate::value::{Kind, Value};

use super::super::ast::{Branch, BranchKind, Many, Node, TemplateCall};
use super::failure::Outcome;
use super::{At, Frame, Val, container, element_of_list, element_of_map};

/// How the rest of a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl<'t> Frame<'_, '_, 't> {
    pub(super) fn walk(&mut self, dot: &Val, nodes: &'t Many<Node>) -> Outcome<Flow> {
        let trees = &self.template.trees;
        for node in trees.many(nodes) {
            match node {
                Node::Text(range) => {
                    let text = self.template.text.slice(range);
                    self.run.out.extend_from_slice(text);
                    self.written(text.len())?;
                }
                Node::Action(pipe) => {
                    self.step()?;
                    let pipe = trees.one(pipe);
                    let value = self.pipe(dot, pipe)?;
                    if pipe.declarations.is_empty() {
                        self.print(&value)?;
                    }
                }
                Node::Branch(branch) => match self.branch(dot, trees.one(branch))? {
                    Flow::Next => {}
                    flow => return Ok(flow),
                },
                Node::Template(call) => self.template(dot, trees.one(call))?,
                Node::Break => return Ok(Flow::Break),
                Node::Continue => return Ok(Flow::Continue),
            }
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, value: &Val) -> Outcome<()> {
        let start = self.run.out.len();
        fmt::print_action(&mut self.run.out, value.value());
        self.written(self.run.out.len() - start)
    }

    fn branch(&mut self, dot: &Val, branch: &'t Branch) -> Outcome<Flow> {
        self.step()?;
        self.check_stack()?;
        let mark = self.run.variables.len();
        let flow = match branch.kind {
            BranchKind::Range => self.range(dot, branch),
            BranchKind::If | BranchKind::With => self.if_or_with(dot, branch),
        };
        self.run.variables.truncate(mark);
        flow
    }

    fn if_or_with(&mut self, dot: &Val, branch: &'t Branch) -> Outcome<Flow> {
        let pipe = self.template.trees.one(&branch.pipe);
        let value = self.pipe(dot, pipe)?;
        if value.truth() {
            if branch.kind == BranchKind::With {
                let template = self.template;
                return self.walk(&value, &branch.list).map_err(|failure| failure.inside_with(pipe, template));
            }
            return self.walk(dot, &branch.list);
        }
        self.otherwise(dot, branch)
    }

    fn otherwise(&mut self, dot: &Val, branch: &'t Branch) -> Outcome<Flow> {
        match &branch.otherwise {
            Some(list) => self.walk(dot, list),
            None => Ok(Flow::Next),
        }
    }

    fn range(&mut self, dot: &Val, branch: &'t Branch) -> Outcome<Flow> {
        let pipe = self.template.trees.one(&branch.pipe);
        let value = self.pipe(dot, pipe)?;
        let ended = match container(value.value()).as_ref() {
            Value::Nil => None,
            Value::Int(kind, count) => {
                if pipe.declarations.len() > 1 {
                    return Err(self.fail(format!("can't use {count} to iterate over more than one variable")));
                }
                let count = if kind.is_signed() { (*count).max(0).cast_unsigned() } else { count.cast_unsigned() };
                let elements = (0..count).map(|at| Val::Of(Value::Int(*kind, at.cast_signed())));
                self.iterate(branch, elements.map(|element| (Val::Invalid, element)))?
            }
            Value::List(list) => {
                let elements = list.items().iter().map(|item| element_of_list(list, item)).enumerate();
                self.iterate(branch, elements.map(|(at, element)| (Val::Of(Value::int(at as i64)), element)))?
            }
            Value::Map(map) => {
                // The loop goes over a copy, even if it ends after the first entry.
                let entries = map.entries();
                if !self.run.budget.borrow_entries(entries.len()) {
                    return Err(self.spent());
                }
                let count = entries.len();
                let element = |(key, value)| (Val::Of(Value::Str(key)), element_of_map(map, value));
                let ended = self.iterate(branch, entries.into_iter().map(element))?;
                self.run.budget.give_back_entries(count);
                ended
            }
            other => {
                let mut shown = Vec::new();
                match other {
                    Value::Object(object) if object.kind() == Kind::Ptr => shown = object.print(),
                    _ => fmt::print_v(&mut shown, other),
                }
                return Err(self.fail(format!("range can't iterate over {}", String::from_utf8_lossy(&shown))));
            }
        };
        match ended {
            Some(()) => Ok(Flow::Next),
            None => self.otherwise(dot, branch),
        }
    }

    /// Executes the body once per element; `None` when there was none.
    fn iterate(&mut self, branch: &'t Branch, elements: impl Iterator<Item = (Val, Val)>) -> Outcome<Option<()>> {
        let mark = self.run.variables.len();
        let trees = &self.template.trees;
        let pipe = trees.one(&branch.pipe);
        let mut ran = None;
        for (index, element) in elements {
            ran = Some(());
            self.step()?;
            match trees.many(&pipe.declarations) {
                [] => {}
                [only] => self.set_loop_variable(pipe, only, element.clone())?,
                [first, second, ..] if pipe.assign => {
                    self.set_loop_variable(pipe, first, index)?;
                    self.set_loop_variable(pipe, second, element.clone())?;
                }
                [first, second, ..] => {
                    self.set_loop_variable(pipe, second, element.clone())?;
                    self.set_loop_variable(pipe, first, index)?;
                }
            }
            let flow = self.walk(&element, &branch.list).map_err(|failure| failure.inside_range())?;
            self.run.variables.truncate(mark);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(ran)
    }

    fn template(&mut self, dot: &Val, call: &'t TemplateCall) -> Outcome<()> {
        self.step()?;
        self.at = At::Template(call);
        let Some(template) = self.lookup(&call.name) else {
            let name = strconv::quote(call.name.as_bytes());
            return Err(self.fail(format!("template {name} not defined")));
        };
        if !self.run.budget.enter() {
            return Err(self.spent());
        }
        let data = match &call.pipe {
            Some(pipe) => self.pipe(dot, self.template.trees.one(pipe))?,
            None => Val::Invalid,
        };
        let mut frame = Frame::new(&mut *self.run, self.scope, template, data.clone());
        let result = frame.nested(&data);
        self.run.budget.leave();
        result
    }

    /// Executes a template called by `template`; its errors stand for themselves.
    fn nested(&mut self, data: &Val) -> Outcome<()> {
        let result = self.walk(data, &self.template.root);
        self.run.variables.truncate(self.base);
        match result {
            Ok(_) => Ok(()),
            Err(failure) => Err(failure.leave_template(self.is_root(data))),
        }
    }
}
