//! Text, definitions and control actions.

use std::mem;

use crate::value::Str;

use super::super::ast::{Branch, BranchKind, Many, Node, TemplateCall};
use super::super::lex::{Item, Token};
use super::{End, Parser, Result, Step};

impl<'t> Parser<'t> {
    /// The whole text, with the definitions that only stand at its top.
    pub(super) fn text(&mut self) -> Result<()> {
        let first = self.nodes.len();
        while self.peek().token != Token::Eof {
            if self.peek().token == Token::LeftDelim {
                let delim = self.next();
                if self.next_non_space().token == Token::Define {
                    let outer = mem::take(&mut self.tree);
                    self.definition(delim.start)?;
                    self.tree = outer;
                    continue;
                }
                self.backup2(delim);
            }
            match self.text_or_action()? {
                Step::Node(node) => self.nodes.push(node),
                Step::End(end) => return self.fail(format!("unexpected {}", end.text())),
            }
        }
        let root = self.trees.keep_all(self.nodes.drain(first..));
        self.add(Str::from(&*self.text.name), root)
    }

    fn definition(&mut self, start: u32) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let item = self.next_non_space();
        if !matches!(item.token, Token::String | Token::RawString) {
            return self.unexpected(item, CONTEXT);
        }
        let name = self.unquote(item)?;
        self.expect(Token::RightDelim, CONTEXT)?;
        match self.list(start)? {
            (root, End::End) => self.add(name, root),
            (_, end) => self.fail(format!("unexpected {} in {CONTEXT}", end.text())),
        }
    }

    /// The nodes of a block that began at `start`, up to `{{end}}` or `{{else}}`.
    fn list(&mut self, start: u32) -> Result<(Many<Node>, End)> {
        let first = self.nodes.len();
        while self.peek_non_space().token != Token::Eof {
            match self.text_or_action()? {
                Step::Node(node) => self.nodes.push(node),
                Step::End(end) => return Ok((self.trees.keep_all(self.nodes.drain(first..)), end)),
            }
        }
        self.unexpected_end(start)
    }

    fn text_or_action(&mut self) -> Result<Step> {
        let item = self.next_non_space();
        match item.token {
            Token::Text => Ok(Step::Node(Node::Text(item.start..item.end))),
            Token::LeftDelim => {
                self.tree.action_line = item.line;
                self.tree.action_start = item.start;
                let step = self.action()?;
                self.tree.action_line = 0;
                Ok(step)
            }
            _ => self.unexpected(item, "input"),
        }
    }

    fn action(&mut self) -> Result<Step> {
        let item = self.next_non_space();
        let node = match item.token {
            Token::Block => self.block()?,
            Token::Break => self.loop_control("{{break}}", Node::Break)?,
            Token::Continue => self.loop_control("{{continue}}", Node::Continue)?,
            Token::Else => return self.else_control().map(Step::End),
            Token::End => {
                self.expect(Token::RightDelim, "end")?;
                return Ok(Step::End(End::End));
            }
            Token::If => self.branch(BranchKind::If)?,
            Token::Range => self.branch(BranchKind::Range)?,
            Token::With => self.branch(BranchKind::With)?,
            Token::Template => self.template()?,
            _ => {
                self.backup();
                let pipe = self.pipeline("command", Token::RightDelim)?;
                Node::Action(self.trees.keep(pipe))
            }
        };
        Ok(Step::Node(node))
    }

    fn loop_control(&mut self, shown: &str, node: Node) -> Result<Node> {
        let item = self.next_non_space();
        if item.token != Token::RightDelim {
            return self.unexpected(item, shown);
        }
        if self.tree.range_depth == 0 {
            return self.fail(format!("{shown} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    /// `{{else}}`; the `if` or `with` of `{{else if …}}` stays to be read.
    fn else_control(&mut self) -> Result<End> {
        if !matches!(self.peek_non_space().token, Token::If | Token::With) {
            self.expect(Token::RightDelim, "else")?;
        }
        Ok(End::Else)
    }

    fn branch(&mut self, kind: BranchKind) -> Result<Node> {
        self.check_stack()?;
        let start = self.tree.action_start;
        let variables = self.tree.variables.len();
        let slots = self.tree.next_slot;
        let context = match kind {
            BranchKind::If => "if",
            BranchKind::With => "with",
            BranchKind::Range => "range",
        };
        let pipe = self.pipeline(context, Token::RightDelim)?;
        let pipe = self.trees.keep(pipe);
        let looping = u32::from(kind == BranchKind::Range);
        self.tree.range_depth += looping;
        let (list, end) = self.list(start)?;
        self.tree.range_depth -= looping;
        let otherwise = match end {
            End::End => None,
            End::Else => Some(self.otherwise(kind, start)?),
        };
        self.tree.variables.truncate(variables);
        self.tree.next_slot = slots;
        Ok(Node::Branch(self.trees.keep(Branch { kind, pipe, list, otherwise })))
    }

    fn otherwise(&mut self, kind: BranchKind, start: u32) -> Result<Many<Node>> {
        // `{{else if}}` is an `if` in the else list whose `{{end}}` ends both.
        let chained = match kind {
            BranchKind::If => Token::If,
            BranchKind::With => Token::With,
            BranchKind::Range => Token::Error,
        };
        if chained != Token::Error && self.peek().token == chained {
            self.next();
            let branch = self.branch(kind)?;
            return Ok(self.trees.keep_all([branch]));
        }
        match self.list(start)? {
            (nodes, End::End) => Ok(nodes),
            (_, end) => self.fail(format!("expected end; found {}", end.text())),
        }
    }

    fn block(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        self.check_stack()?;
        let start = self.tree.action_start;
        let item = self.next_non_space();
        let name = self.template_name(item, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Token::RightDelim)?;
        let pipe = Some(self.trees.keep(pipe));
        let outer = mem::take(&mut self.tree);
        let ended = self.list(start)?;
        if let (_, End::Else) = ended {
            self.tree = outer;
            return self.fail(format!("unexpected {} in {CONTEXT}", End::Else.text()));
        }
        self.add(name.clone(), ended.0)?;
        self.tree = outer;
        Ok(Node::Template(self.trees.keep(TemplateCall { pos: item.start, name, pipe })))
    }

    fn template(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let item = self.next_non_space();
        let name = self.template_name(item, CONTEXT)?;
        let pipe = if self.next_non_space().token == Token::RightDelim {
            None
        } else {
            self.backup();
            let pipe = self.pipeline(CONTEXT, Token::RightDelim)?;
            Some(self.trees.keep(pipe))
        };
        Ok(Node::Template(self.trees.keep(TemplateCall { pos: item.start, name, pipe })))
    }

    fn template_name(&mut self, item: Item, context: &str) -> Result<Str> {
        match item.token {
            Token::String | Token::RawString => self.unquote(item),
            _ => self.unexpected(item, context),
        }
    }
}
