use std::collections::{HashMap, HashSet};

use crate::value::Value;

use super::super::strconv::quote;
use super::cursor::{Cursor, Problem};
use super::encode::key_text;
use super::lex::{self, KeyEnd, Kind, Lexeme, is_newline, is_space, quoted};
use super::scalar::{scalar, text};
use super::tree::{Node, Table, finish};

/// Arrays and inline tables nested deeper are refused.
const MAX_DEPTH: usize = 100;
/// Tables nested deeper are refused.
const MAX_TABLES: usize = 500;

/// BurntSushi's decoder into `map[string]interface {}`: integers are int64, dates and times are
/// strings. The error is the library's text.
pub fn unmarshal(input: &[u8]) -> Result<Value, String> {
    let input = match input {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] => rest,
        _ => input,
    };
    if input.iter().take(6).any(|byte| *byte == 0) {
        let what = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(format!("toml: line 1: {what}"));
    }
    let mut parser = Parser {
        cursor: Cursor::new(input),
        root: Table::new(),
        context: Vec::new(),
        current: String::new(),
        line: 0,
        arrays: HashMap::new(),
        implicit: HashSet::new(),
        depth: 0,
    };
    match parser.run() {
        Ok(()) => Ok(finish(parser.root)),
        Err(Problem { line, message }) => Err(match parser.place() {
            place if place.is_empty() => format!("toml: line {line}: {message}"),
            place => format!("toml: line {line} (last key {}): {message}", quote(place.as_bytes())),
        }),
    }
}

/// The keys down to a table or value.
type Key = Vec<String>;

struct Parser<'a> {
    cursor: Cursor<'a>,
    root: Table,
    /// The table that keys belong to.
    context: Key,
    /// The key whose value is being read.
    current: String,
    /// Where the last key began.
    line: i64,
    /// Whether the last type noted for a key is that of an array.
    arrays: HashMap<String, bool>,
    /// Tables that exist only because something below them does.
    implicit: HashSet<String>,
    depth: usize,
}

/// A key as errors show it.
fn joined(key: &[String]) -> String {
    key.iter().map(|part| key_text(part)).collect::<Vec<_>>().join(".")
}

impl<'a> Parser<'a> {
    /// The key that errors name.
    fn place(&self) -> String {
        match (self.context.is_empty(), self.current.is_empty()) {
            (_, true) => joined(&self.context),
            (true, false) => self.current.clone(),
            (false, false) => format!("{}.{}", joined(&self.context), self.current),
        }
    }

    fn problem(&self, message: String) -> Problem {
        Problem { line: self.line, message }
    }

    fn already_defined(&self, key: &[String]) -> Problem {
        self.problem(format!("Key '{}' has already been defined.", joined(key)))
    }

    fn run(&mut self) -> Result<(), Problem> {
        loop {
            self.cursor.skip(|char| is_space(char) || is_newline(char))?;
            self.cursor.mark();
            match self.cursor.next()? {
                None => return Ok(()),
                Some('#') => {
                    lex::comment(&mut self.cursor)?;
                    continue;
                }
                Some('[') => self.header()?,
                Some(_) => {
                    self.cursor.back();
                    let outer = self.context.clone();
                    self.key_value(&mut None)?;
                    self.context = outer;
                    self.current.clear();
                }
            }
            self.end_of_item()?;
        }
    }

    fn end_of_item(&mut self) -> Result<(), Problem> {
        self.cursor.skip(is_space)?;
        match self.cursor.next()? {
            Some('#') => lex::comment(&mut self.cursor),
            None => {
                self.cursor.back();
                Ok(())
            }
            Some(char) if is_newline(char) => {
                self.cursor.mark();
                Ok(())
            }
            other => Err(self.cursor.problem(format!(
                "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                quoted(other)
            ))),
        }
    }

    /// Reads `[name]` or `[[name]]`, whose first bracket has been read.
    fn header(&mut self) -> Result<(), Problem> {
        let array = self.cursor.accept('[')?;
        let mut key = Key::new();
        loop {
            let part = lex::table_name_part(&mut self.cursor)?;
            self.add_part(&mut key, &part)?;
            if lex::table_name_end(&mut self.cursor)? == KeyEnd::End {
                break;
            }
        }
        if array {
            let next = self.cursor.next()?;
            if next != Some(']') {
                let message =
                    format!("expected end of table array name delimiter ']', but got {} instead", quoted(next));
                return Err(self.cursor.problem(message));
            }
        }
        self.add_context(&key, array)?;
        self.arrays.insert(joined(&self.context), false);
        Ok(())
    }

    fn add_part(&mut self, key: &mut Key, part: &Lexeme<'a>) -> Result<(), Problem> {
        if key.is_empty() {
            self.line = part.line;
        }
        key.push(text(part)?);
        Ok(())
    }

    /// Reads `key = value`. In an inline table the value goes into its data too.
    fn key_value(&mut self, inline: &mut Option<&mut Table>) -> Result<(), Problem> {
        lex::key_start(&mut self.cursor)?;
        let mut key = Key::new();
        loop {
            let part = lex::key_part(&mut self.cursor)?;
            self.add_part(&mut key, &part)?;
            if lex::key_end(&mut self.cursor)? == KeyEnd::End {
                break;
            }
        }
        let last = key.pop().unwrap_or_default();
        self.current = last.clone();
        for part in &key {
            let mut context = self.context.clone();
            context.push(part.clone());
            self.implicit.insert(joined(&context));
            self.add_context(&context, false)?;
        }
        let lexeme = lex::value(&mut self.cursor)?;
        let value = self.value(&lexeme, false)?;
        let is_array = matches!(value, Node::Array(_));
        let data = inline.is_some().then(|| value.clone());
        self.set_value(&last, value)?;
        self.note_type(&last, is_array);
        if let (Some(data), Some(table)) = (data, inline) {
            let mut table: &mut Table = table;
            for part in &key {
                match table.entry(part.clone()).or_insert_with(|| Node::Table(Table::new())) {
                    Node::Table(inner) => table = inner,
                    _ => {
                        let context = format!("[{}]", self.context.join(" "));
                        return Err(self.problem(format!("{} is not a table", quote(context.as_bytes()))));
                    }
                }
            }
            table.insert(last, data);
        }
        Ok(())
    }

    fn note_type(&mut self, key: &str, is_array: bool) {
        let mut context = self.context.clone();
        if !key.is_empty() || context.is_empty() {
            context.push(key.to_owned());
        }
        self.arrays.insert(joined(&context), is_array);
    }

    fn value(&mut self, lexeme: &Lexeme<'a>, in_array: bool) -> Result<Node, Problem> {
        match lexeme.kind {
            Kind::Array | Kind::Table if self.depth == MAX_DEPTH => {
                let message = format!("arrays and inline tables nest deeper than {MAX_DEPTH}");
                Err(Problem { line: lexeme.line, message })
            }
            Kind::Array => {
                self.depth += 1;
                let array = self.array()?;
                self.depth -= 1;
                Ok(array)
            }
            Kind::Table => {
                self.depth += 1;
                let table = self.inline_table(in_array)?;
                self.depth -= 1;
                Ok(table)
            }
            _ => scalar(lexeme).map(Node::Scalar),
        }
    }

    /// Steps over white space, newlines and comments.
    fn skip_blank(&mut self) -> Result<(), Problem> {
        loop {
            self.cursor.skip(|char| is_space(char) || is_newline(char))?;
            self.cursor.mark();
            if !self.cursor.accept('#')? {
                return Ok(());
            }
            lex::comment(&mut self.cursor)?;
        }
    }

    fn array(&mut self) -> Result<Node, Problem> {
        let current = self.current.clone();
        self.note_type(&current, true);
        let mut items = Vec::new();
        loop {
            self.skip_blank()?;
            match self.cursor.next()? {
                Some(',') => return Err(self.cursor.problem("unexpected comma")),
                Some(']') => break,
                _ => self.cursor.back(),
            }
            let lexeme = lex::value(&mut self.cursor)?;
            items.push(self.value(&lexeme, true)?);
            self.skip_blank()?;
            match self.cursor.next()? {
                Some(',') => {}
                Some(']') => break,
                other => {
                    let found = shown(other);
                    let message = format!("expected a comma (',') or array terminator (']'), but got {found}");
                    return Err(self.cursor.problem(message));
                }
            }
        }
        self.cursor.mark();
        Ok(Node::Array(items))
    }

    fn inline_table(&mut self, in_array: bool) -> Result<Node, Problem> {
        let mut data = Table::new();
        let (outer, outer_current) = (self.context.clone(), std::mem::take(&mut self.current));
        self.context.push(outer_current.clone());
        let own = self.context.clone();
        self.implicit.insert(joined(&own));
        self.add_context(&own, in_array)?;
        loop {
            self.skip_blank()?;
            match self.cursor.next()? {
                Some(',') => return Err(self.cursor.problem("unexpected comma")),
                Some('}') => break,
                _ => self.cursor.back(),
            }
            self.key_value(&mut Some(&mut data))?;
            self.context.clone_from(&own);
            if self.end_of_pair()? {
                break;
            }
        }
        self.cursor.mark();
        self.context = outer;
        self.current = outer_current;
        Ok(Node::Table(data))
    }

    /// Reads what follows a pair of an inline table; whether it was the last.
    fn end_of_pair(&mut self) -> Result<bool, Problem> {
        loop {
            self.skip_blank()?;
            match self.cursor.next()? {
                Some('}') => return Ok(true),
                Some(',') => {
                    self.cursor.mark();
                    self.cursor.skip(is_space)?;
                    if self.cursor.peek()? != Some('}') {
                        return Ok(false);
                    }
                }
                other => {
                    let found = shown(other);
                    let message =
                        format!("expected a comma or an inline table terminator '}}', but got {found} instead");
                    return Err(self.cursor.problem(message));
                }
            }
        }
    }

    /// Makes a table, or another one of an array of tables, the one that keys belong to.
    fn add_context(&mut self, key: &[String], array: bool) -> Result<(), Problem> {
        let Some((last, parents)) = key.split_last() else { return Ok(()) };
        if key.len() > MAX_TABLES {
            return Err(self.problem(format!("tables nest deeper than {MAX_TABLES}")));
        }
        let mut table = &mut self.root;
        for (at, part) in parents.iter().enumerate() {
            if !table.contains_key(part) {
                self.implicit.insert(joined(&parents[..=at]));
            }
            table = match table.entry(part.clone()).or_insert_with(|| Node::Table(Table::new())) {
                Node::Table(inner) => inner,
                Node::Tables(all) if !all.is_empty() => all.last_mut().expect("checked to have one"),
                _ => {
                    let message = format!("Key '{}' was already created as a hash.", joined(&parents[..=at]));
                    return Err(self.problem(message));
                }
            };
        }
        self.context = parents.to_vec();
        if array {
            match table.entry(last.clone()).or_insert_with(|| Node::Tables(Vec::new())) {
                Node::Tables(all) => all.push(Table::new()),
                _ => {
                    let message = format!("Key '{}' was already created and cannot be used as an array.", joined(key));
                    return Err(self.problem(message));
                }
            }
        } else {
            self.set_value(last, Node::Table(Table::new()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Sets a key of the current table. A table that something below it has made may be made again.
    fn set_value(&mut self, key: &str, value: Node) -> Result<(), Problem> {
        let mut path = self.context.clone();
        let mut table = &mut self.root;
        for (at, part) in self.context.iter().enumerate() {
            table = match table.get_mut(part) {
                Some(Node::Table(inner)) => inner,
                Some(Node::Tables(all)) if !all.is_empty() => all.last_mut().expect("checked to have one"),
                _ => return Err(self.already_defined(&path[..=at])),
            };
        }
        path.push(key.to_owned());
        if table.contains_key(key) {
            let name = joined(&path);
            if !self.implicit.remove(&name) {
                return Err(self.already_defined(&path));
            }
            if self.arrays.get(&name) != Some(&true) {
                return Ok(());
            }
        }
        table.insert(key.to_owned(), value);
        Ok(())
    }
}

fn shown(char: Option<char>) -> String {
    char.map_or_else(|| "end of file".to_owned(), |char| format!("'{char}'"))
}
