//! Pipelines, commands and operands.

use super::super::ast::{Chain, Command, Declaration, Expr, ExprKind, Fields, Literal, Pipe, Slots, Variable};
use super::super::lex::{Item, Token};
use super::super::number::Number;
use super::super::print::Printer;
use super::{Declared, MAX_PARENS, Parser, Result};
use crate::golang::strconv;

impl<'t> Parser<'t> {
    pub(super) fn pipeline(&mut self, context: &str, end: Token) -> Result<Pipe> {
        let pos = self.peek_non_space().start;
        let mut declared = Vec::new();
        let assign = self.declarations(context, &mut declared)?;
        let first = self.commands.len();
        loop {
            let item = self.next_non_space();
            match item.token {
                token if token == end => break,
                Token::Bool
                | Token::CharConstant
                | Token::Complex
                | Token::Dot
                | Token::Field
                | Token::Identifier
                | Token::Number
                | Token::Nil
                | Token::RawString
                | Token::String
                | Token::Variable
                | Token::LeftParen => {
                    self.backup();
                    let command = self.command()?;
                    self.commands.push(command);
                }
                _ => return self.unexpected(item, context),
            }
        }
        if self.commands.len() == first {
            return self.fail(format!("missing value for {context}"));
        }
        for (index, command) in self.commands[first..].iter().enumerate().skip(1) {
            if matches!(
                self.trees.many(&command.args)[0].kind,
                ExprKind::Bool(_) | ExprKind::Dot | ExprKind::Nil | ExprKind::Number(_) | ExprKind::String(_)
            ) {
                return self.fail(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        let commands = self.trees.keep_all(self.commands.drain(first..));
        let declarations: Vec<Declaration> = declared.into_iter().map(|at| self.declaration(at, assign)).collect();
        let declarations = self.trees.keep_all(declarations);
        Ok(Pipe { pos, assign, declarations, commands })
    }

    /// Reads `$x :=`, `$x =` and, for `range`, `$x, $y :=`; gives whether it is an assignment.
    /// Pushes the indices of the new names.
    fn declarations(&mut self, context: &str, declared: &mut Vec<usize>) -> Result<bool> {
        loop {
            let variable = self.peek_non_space();
            if variable.token != Token::Variable {
                return Ok(false);
            }
            self.next();
            // A space after the variable must not be lost if the variable is an argument.
            let after = self.peek();
            let next = self.peek_non_space();
            match next.token {
                Token::Assign | Token::Declare => {
                    self.next_non_space();
                    declared.push(self.declare(variable));
                    return Ok(next.token == Token::Assign);
                }
                Token::Char if self.bytes(next) == b"," => {
                    self.next_non_space();
                    declared.push(self.declare(variable));
                    if context != "range" || declared.len() >= 2 {
                        return self.fail(format!("too many declarations in {context}"));
                    }
                    if !matches!(self.peek_non_space().token, Token::Variable | Token::RightDelim | Token::RightParen) {
                        return self.fail("range can only initialize variables");
                    }
                }
                _ => {
                    if after.token == Token::Space {
                        self.backup3(variable, after);
                    } else {
                        self.backup2(variable);
                    }
                    return Ok(false);
                }
            }
        }
    }

    fn declare(&mut self, item: Item) -> usize {
        let name = self.bytes(item);
        self.tree.variables.push(Declared { name, at: item.start, slot: None });
        self.tree.variables.len() - 1
    }

    fn declaration(&mut self, at: usize, assign: bool) -> Declaration {
        let Declared { name, at: start, .. } = self.tree.variables[at];
        let range = start..start + name.len() as u32;
        if assign {
            let slots = self.slots(name).unwrap_or_default();
            return Declaration { name: range, slots };
        }
        let slot = self.tree.next_slot;
        self.tree.next_slot += 1;
        self.tree.variables[at].slot = Some(slot);
        Declaration { name: range, slots: Slots { newest: Some(slot), older: Box::default() } }
    }

    /// The slots that a name may mean here; `None` for a name that nothing made known.
    fn slots(&self, name: &[u8]) -> Option<Slots> {
        let mut known = self.tree.variables.iter().filter(|known| known.name == name).peekable();
        known.peek()?;
        let mut newest = None;
        let mut older: Vec<u32> = Vec::new();
        for slot in known.filter_map(|known| known.slot) {
            older.extend(newest.replace(slot));
        }
        // Most come in the order of their slots.
        if let Some(newest) = &mut newest
            && !older.is_empty()
        {
            older.push(*newest);
            older.sort_unstable_by(|a, b| b.cmp(a));
            *newest = older.remove(0);
        }
        Some(Slots { newest, older: older.into() })
    }

    fn command(&mut self) -> Result<Command> {
        let pos = self.peek_non_space().start;
        let first = self.operands.len();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                self.operands.push(operand);
            }
            let item = self.next();
            match item.token {
                Token::Space => continue,
                Token::RightDelim | Token::RightParen => self.backup(),
                Token::Pipe => {}
                _ => return self.unexpected(item, "operand"),
            }
            break;
        }
        if self.operands.len() == first {
            return self.fail("empty command");
        }
        Ok(Command { pos, args: self.trees.keep_all(self.operands.drain(first..)) })
    }

    /// A term with the field accesses that follow it, or nothing.
    fn operand(&mut self) -> Result<Option<Expr>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.token != Token::Field {
            return Ok(Some(term));
        }
        // No space is between them, so they are one piece of the text.
        let mut end = first.end;
        while self.peek().token == Token::Field {
            end = self.next().end;
        }
        // Go reports the position of the second field for these two.
        let pos = first.start;
        let kind = match term.kind {
            ExprKind::Field(own) => ExprKind::Field(Fields(own.0.start..end)),
            ExprKind::Variable(variable) => {
                self.trees.one_mut(&variable).fields = Fields(pos..end);
                ExprKind::Variable(variable)
            }
            ExprKind::Bool(_) | ExprKind::String(_) | ExprKind::Number(_) | ExprKind::Nil | ExprKind::Dot => {
                let mut printer = Printer::new(self.text, &self.trees);
                printer.expr(&term);
                let shown = strconv::quote(printer.finish().as_bytes());
                return self.fail(format!("unexpected . after term {shown}"));
            }
            _ => {
                let node = self.trees.keep(term);
                ExprKind::Chain(self.trees.keep(Chain { node, fields: Fields(pos..end) }))
            }
        };
        Ok(Some(Expr { pos, kind }))
    }

    fn term(&mut self) -> Result<Option<Expr>> {
        let item = self.next_non_space();
        let kind = match item.token {
            Token::Identifier => {
                let name = self.bytes(item);
                let Some(callee) = self.functions.get(name) else {
                    return self.fail(format!("function {} not defined", strconv::quote(name)));
                };
                ExprKind::Function(self.trees.keep(callee))
            }
            Token::Dot => ExprKind::Dot,
            Token::Nil => ExprKind::Nil,
            Token::Variable => {
                let name = self.bytes(item);
                let Some(slots) = self.slots(name) else {
                    return self.fail(format!("undefined variable {}", strconv::quote(name)));
                };
                let name = item.start..item.end;
                ExprKind::Variable(self.trees.keep(Variable { name, slots, fields: Fields::default() }))
            }
            Token::Field => ExprKind::Field(Fields(item.start..item.end)),
            Token::Bool => ExprKind::Bool(self.bytes(item) == b"true"),
            Token::CharConstant | Token::Complex | Token::Number => {
                match Number::parse(item.token, self.bytes(item), item.start..item.end) {
                    Ok(number) => ExprKind::Number(self.trees.keep(number)),
                    Err(message) => return self.fail(message),
                }
            }
            Token::LeftParen => {
                if self.tree.parens >= MAX_PARENS {
                    return self.fail("max expression depth exceeded");
                }
                self.check_stack()?;
                self.tree.parens += 1;
                let pipe = self.pipeline("parenthesized pipeline", Token::RightParen)?;
                self.tree.parens -= 1;
                // Go gives a parenthesised pipeline the position of its first command.
                return Ok(Some(Expr { pos: pipe.pos, kind: ExprKind::Pipe(self.trees.keep(pipe)) }));
            }
            Token::String | Token::RawString => {
                let literal = Literal { value: self.unquote(item)?, quoted: item.start..item.end };
                ExprKind::String(self.trees.keep(literal))
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(Expr { pos: item.start, kind }))
    }
}
