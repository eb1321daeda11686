//! Pipelines, commands and operands.

use crate::golang::strconv;
use crate::value::Str;

use super::super::ast::{Chain, Command, Declaration, Expr, ExprKind, Function, Pipe, Variable};
use super::super::lex::{Item, Token};
use super::super::number::Number;
use super::super::print::Printer;
use super::{Declared, MAX_PARENS, Parser, Result};

impl<'t> Parser<'t> {
    pub(super) fn pipeline(&mut self, context: &str, end: Token) -> Result<Pipe> {
        let pos = self.peek_non_space().start;
        let mut declared = Vec::new();
        let assign = self.declarations(context, &mut declared)?;
        let mut commands: Vec<Command> = Vec::new();
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
                    commands.push(self.command()?);
                }
                _ => return self.unexpected(item, context),
            }
        }
        if commands.is_empty() {
            return self.fail(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            if matches!(
                command.args[0].kind,
                ExprKind::Bool(_) | ExprKind::Dot | ExprKind::Nil | ExprKind::Number(_) | ExprKind::String { .. }
            ) {
                return self.fail(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        let declarations = declared.into_iter().map(|at| self.declaration(at, assign)).collect();
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
        self.tree.variables.push(Declared { name, slot: None });
        self.tree.variables.len() - 1
    }

    fn declaration(&mut self, at: usize, assign: bool) -> Declaration {
        let name = self.tree.variables[at].name;
        if assign {
            return Declaration { name: Str::from(name), slots: self.slots(name) };
        }
        let slot = self.tree.next_slot;
        self.tree.next_slot += 1;
        self.tree.variables[at].slot = Some(slot);
        Declaration { name: Str::from(name), slots: Box::new([slot]) }
    }

    /// The slots that a name may mean here, newest first.
    fn slots(&self, name: &[u8]) -> Box<[u32]> {
        let mut slots: Vec<u32> =
            self.tree.variables.iter().filter(|known| known.name == name).filter_map(|known| known.slot).collect();
        slots.sort_unstable_by(|a, b| b.cmp(a));
        slots.into()
    }

    fn command(&mut self) -> Result<Command> {
        let pos = self.peek_non_space().start;
        let mut args = Vec::new();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                args.push(operand);
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
        if args.is_empty() {
            return self.fail("empty command");
        }
        Ok(Command { pos, args })
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
        let mut fields = Vec::new();
        while self.peek().token == Token::Field {
            let item = self.next();
            fields.push(Str::from(&self.bytes(item)[1..]));
        }
        // Go reports the position of the second field for these two.
        let pos = first.start;
        let kind = match term.kind {
            ExprKind::Field(own) => ExprKind::Field(own.into_iter().chain(fields).collect()),
            ExprKind::Variable(mut variable) => {
                variable.fields = fields.into();
                ExprKind::Variable(variable)
            }
            ExprKind::Bool(_) | ExprKind::String { .. } | ExprKind::Number(_) | ExprKind::Nil | ExprKind::Dot => {
                let mut printer = Printer::new(self.text);
                printer.expr(&term);
                let shown = strconv::quote(printer.finish().as_bytes());
                return self.fail(format!("unexpected . after term {shown}"));
            }
            _ => ExprKind::Chain(Box::new(Chain { node: term, fields: fields.into() })),
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
                let col = self.text.col(item.start);
                ExprKind::Function(Function { callee, line: item.line, col })
            }
            Token::Dot => ExprKind::Dot,
            Token::Nil => ExprKind::Nil,
            Token::Variable => {
                let name = self.bytes(item);
                if !self.tree.variables.iter().any(|known| known.name == name) {
                    return self.fail(format!("undefined variable {}", strconv::quote(name)));
                }
                let slots = self.slots(name);
                ExprKind::Variable(Box::new(Variable { name: Str::from(name), slots, fields: Box::default() }))
            }
            Token::Field => ExprKind::Field(Box::new([Str::from(&self.bytes(item)[1..])])),
            Token::Bool => ExprKind::Bool(self.bytes(item) == b"true"),
            Token::CharConstant | Token::Complex | Token::Number => {
                match Number::parse(item.token, self.bytes(item), item.start..item.end) {
                    Ok(number) => ExprKind::Number(Box::new(number)),
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
                return Ok(Some(Expr { pos: pipe.pos, kind: ExprKind::Pipe(Box::new(pipe)) }));
            }
            Token::String | Token::RawString => {
                ExprKind::String { value: self.unquote(item)?, quoted: item.start..item.end }
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(Expr { pos: item.start, kind }))
    }
}
