//! Text to trees, with Go's checks and messages.
//!
//! Functions must be known and variables declared while parsing. Each variable declaration gets a
//! slot: its place on the executor's variable stack, relative to the template's own part of it.
//! Slots follow the order in which declarations are executed, which is not the order in which
//! names become visible (`{{ $x := ($y := 1) }}` sees `$x` first and declares `$y` first).

mod control;
mod expr;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::golang::{strconv, utf8};
use crate::value::Str;

use super::ast::{Command, Expr, Many, Node, Template, Text, Trees};
use super::builtin::FuncTable;
use super::lex::{Item, Lexer, Token};
use super::stack::StackMark;

/// Go's limit of nested parentheses.
const MAX_PARENS: u32 = 10_000;

/// How much stack nesting may take before the text is refused.
pub(super) const STACK_BYTES: usize = 4 << 20;

/// Template text that is no template. Printed as Go prints it: `template: NAME:LINE: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The name of the text.
    pub name: Arc<str>,
    /// 1-based line.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// The bytes of the text that the parser was looking at.
    pub range: Range<usize>,
    /// Where the trouble may really be: something that began on an earlier line and is not closed.
    pub unclosed: Option<Unclosed>,
}

/// What was open when parsing failed, with the bytes where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclosed {
    /// An action without `}}`.
    Action(Range<usize>),
    /// A `define`, `if` or the like without `{{ end }}`.
    Block(Range<usize>),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.name, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

type Result<T> = std::result::Result<T, Box<ParseError>>;

/// Parses `text` under `name`. The result holds one template per name defined in the text, the
/// text's own among them.
pub(super) fn parse(
    name: &str,
    text: Str,
    functions: &FuncTable,
) -> std::result::Result<Vec<Template>, Box<ParseError>> {
    let name: Arc<str> = Arc::from(name);
    if u32::try_from(text.len()).is_err() {
        let message = "text of 4 GiB or more".to_owned();
        return Err(Box::new(ParseError { name, line: 1, message, range: 0..0, unclosed: None }));
    }
    let text = Arc::new(Text { name: Arc::clone(&name), bytes: text });
    let mut parser = Parser {
        lexer: Lexer::new(
            text.bytes.as_bytes(),
            functions.get(b"break").is_none(),
            functions.get(b"continue").is_none(),
        ),
        text: &text,
        functions,
        drafts: Vec::new(),
        places: HashMap::new(),
        trees: Trees::for_text(text.bytes.len()),
        tree: Tree::default(),
        commands: Vec::new(),
        operands: Vec::new(),
        nodes: Vec::new(),
        stack: StackMark::here(),
    };
    parser.text()?;
    let Parser { trees, drafts, .. } = parser;
    let trees = Arc::new(trees);
    let finish = |draft: Draft| Template {
        name: draft.name,
        text: Arc::clone(&text),
        trees: Arc::clone(&trees),
        root: draft.root,
        blank: draft.blank,
    };
    Ok(drafts.into_iter().map(finish).collect())
}

struct Parser<'t> {
    text: &'t Arc<Text>,
    lexer: Lexer<'t>,
    functions: &'t FuncTable,
    drafts: Vec<Draft>,
    /// Where each template stands in the list.
    places: HashMap<Str, usize>,
    trees: Trees,
    tree: Tree<'t>,
    /// Commands of the pipelines, operands of the commands and nodes of the lists that are being read,
    /// until their number is known.
    commands: Vec<Command>,
    operands: Vec<Expr>,
    nodes: Vec<Node>,
    stack: StackMark,
}

/// A template whose text is not yet read to its end.
struct Draft {
    name: Str,
    root: Many<Node>,
    blank: bool,
}

/// The state that belongs to one template body; a `define` or `block` has its own.
struct Tree<'t> {
    /// Look-ahead; the first is the token read last, the others were pushed back.
    tokens: [Item; 3],
    peeked: usize,
    variables: Vec<Declared<'t>>,
    /// The slot of the next declaration.
    next_slot: u32,
    /// The line of the delimiter that began the current action, 0 between actions.
    action_line: u32,
    /// Where that delimiter is.
    action_start: u32,
    range_depth: u32,
    parens: u32,
}

/// A name that a declaration (or an assignment, which has no slot) made known.
#[derive(Clone, Copy)]
struct Declared<'t> {
    name: &'t [u8],
    /// Where the name stands; `$` stands nowhere and is never declared.
    at: u32,
    slot: Option<u32>,
}

impl Default for Tree<'_> {
    fn default() -> Self {
        let none = Item { token: Token::Eof, start: 0, end: 0, line: 0 };
        Self {
            tokens: [none; 3],
            peeked: 0,
            variables: vec![Declared { name: b"$", at: 0, slot: Some(0) }],
            next_slot: 1,
            action_line: 0,
            action_start: 0,
            range_depth: 0,
            parens: 0,
        }
    }
}

/// What ended a list of nodes.
enum End {
    End,
    Else,
}

impl End {
    fn text(&self) -> &'static str {
        match self {
            End::End => "{{end}}",
            End::Else => "{{else}}",
        }
    }
}

/// A node, or the end of the list that it would stand in.
enum Step {
    Node(Node),
    End(End),
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Item {
        if self.tree.peeked > 0 {
            self.tree.peeked -= 1;
        } else {
            self.tree.tokens[0] = self.lexer.next_item();
        }
        self.tree.tokens[self.tree.peeked]
    }

    fn backup(&mut self) {
        self.tree.peeked += 1;
    }

    /// Pushes back a token before the one read last.
    fn backup2(&mut self, before: Item) {
        self.tree.tokens[1] = before;
        self.tree.peeked = 2;
    }

    /// Pushes back two tokens before the one read last.
    fn backup3(&mut self, first: Item, second: Item) {
        self.tree.tokens[1] = second;
        self.tree.tokens[2] = first;
        self.tree.peeked = 3;
    }

    fn peek(&mut self) -> Item {
        if self.tree.peeked == 0 {
            self.tree.peeked = 1;
            self.tree.tokens[0] = self.lexer.next_item();
        }
        self.tree.tokens[self.tree.peeked - 1]
    }

    fn next_non_space(&mut self) -> Item {
        loop {
            let item = self.next();
            if item.token != Token::Space {
                return item;
            }
        }
    }

    fn peek_non_space(&mut self) -> Item {
        let item = self.next_non_space();
        self.backup();
        item
    }

    fn bytes(&self, item: Item) -> &'t [u8] {
        self.text.slice(&(item.start..item.end))
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        let item = self.tree.tokens[0];
        Err(Box::new(ParseError {
            name: Arc::clone(&self.text.name),
            line: item.line,
            message: message.into(),
            range: item.start as usize..item.end as usize,
            unclosed: self.unclosed_action(item),
        }))
    }

    /// The current action, if it began on an earlier line.
    fn unclosed_action(&self, item: Item) -> Option<Unclosed> {
        let earlier = self.tree.action_line != 0 && self.tree.action_line < item.line;
        earlier.then(|| Unclosed::Action(delimiter(self.tree.action_start)))
    }

    /// The text ended inside a block whose first action began at `start`.
    fn unexpected_end<T>(&self, start: u32) -> Result<T> {
        self.fail("unexpected EOF").map_err(|mut error: Box<ParseError>| {
            error.unclosed = Some(Unclosed::Block(delimiter(start)));
            error
        })
    }

    fn unexpected<T>(&self, item: Item, context: &str) -> Result<T> {
        if item.token != Token::Error {
            return self.fail(format!("unexpected {} in {context}", self.show(item)));
        }
        let mut message = self.lexer.error.clone();
        let line = self.tree.action_line;
        if line != 0 && line != item.line {
            message += if message.ends_with(" action") { " started at " } else { " in action started at " };
            message += &format!("{}:{line}", self.text.name);
        }
        self.fail(message)
    }

    /// A token as messages show it.
    fn show(&self, item: Item) -> String {
        let text = self.bytes(item);
        match item.token {
            Token::Eof => "EOF".to_owned(),
            Token::Error => self.lexer.error.clone(),
            token if token.is_keyword() => format!("<{}>", String::from_utf8_lossy(text)),
            _ if text.len() > 10 => format!("{}...", strconv::quote(first_runes(text, 10))),
            _ => strconv::quote(text),
        }
    }

    fn expect(&mut self, token: Token, context: &str) -> Result<Item> {
        let item = self.next_non_space();
        if item.token == token { Ok(item) } else { self.unexpected(item, context) }
    }

    /// The bytes that a string token stands for.
    fn unquote(&self, item: Item) -> Result<Str> {
        let literal = self.bytes(item);
        if item.token == Token::RawString {
            let body = &literal[1..literal.len() - 1];
            if !body.contains(&b'\r') {
                return Ok(Str::from(body));
            }
            return Ok(Str::from(body.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>()));
        }
        let body = &literal[1..literal.len() - 1];
        if !body.contains(&b'\\') && body.is_ascii() {
            return Ok(Str::from(body));
        }
        match unquote_bytes(literal) {
            Some(value) => Ok(Str::from(value)),
            None => self.fail("invalid syntax"),
        }
    }

    fn check_stack(&self) -> Result<()> {
        if self.stack.used() > STACK_BYTES { self.fail("max expression depth exceeded") } else { Ok(()) }
    }

    /// Takes a finished template in: a blank body gives way to any other, two others are an error.
    fn add(&mut self, name: Str, root: Many<Node>) -> Result<()> {
        let blank = self.trees.many(&root).iter().all(|node| match node {
            Node::Text(range) => is_blank(self.text.slice(range)),
            _ => false,
        });
        match self.places.get(&name).map(|at| &mut self.drafts[*at]) {
            Some(other) if other.blank => *other = Draft { name, root, blank },
            Some(_) if blank => {}
            Some(_) => {
                let quoted = strconv::quote(name.as_bytes());
                return self.fail(format!("template: multiple definition of template {quoted}"));
            }
            None => {
                self.places.insert(name.clone(), self.drafts.len());
                self.drafts.push(Draft { name, root, blank });
            }
        }
        Ok(())
    }
}

/// Go's `strconv.Unquote` of a double-quoted literal; each invalid byte becomes U+FFFD.
fn unquote_bytes(literal: &[u8]) -> Option<Vec<u8>> {
    match std::str::from_utf8(literal) {
        Ok(literal) => strconv::unquote(literal).ok(),
        Err(_) => strconv::unquote(&utf8::chars(literal).map(|(_, rune)| rune).collect::<String>()).ok(),
    }
}

/// The bytes of a left delimiter.
fn delimiter(start: u32) -> Range<usize> {
    start as usize..start as usize + 2
}

fn first_runes(text: &[u8], count: usize) -> &[u8] {
    let mut end = 0;
    for _ in 0..count {
        match super::lex::decode_rune(&text[end..]) {
            Some((_, width)) => end += width,
            None => break,
        }
    }
    &text[..end]
}

/// Whether there is nothing but white space.
fn is_blank(text: &[u8]) -> bool {
    if text.trim_ascii_start().first().is_some_and(u8::is_ascii_graphic) {
        return false;
    }
    text.utf8_chunks().all(|chunk| chunk.invalid().is_empty() && chunk.valid().trim().is_empty())
}
