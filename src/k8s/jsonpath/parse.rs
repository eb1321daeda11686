use crate::golang::strconv;
use crate::value::Str;

use super::node::{Filter, Node, Slice};

/// How deep conditions and unions may lie in each other; client-go has no bound.
const MAX_DEPTH: u32 = 64;

/// Reads a template at a depth. The error is client-go's text.
pub fn parse(text: &str, depth: u32) -> Result<Vec<Node>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("expressions are nested more than {MAX_DEPTH} deep"));
    }
    let mut parser = Parser { text, at: 0, depth };
    let mut nodes = Vec::new();
    while let Some(begin) = parser.rest().find('{') {
        if begin > 0 {
            nodes.push(Node::Text(Str::from(parser.take(begin))));
        }
        parser.at += 1;
        nodes.push(Node::List(parser.action()?));
    }
    if !parser.rest().is_empty() {
        nodes.push(Node::Text(Str::from(parser.rest())));
    }
    Ok(nodes)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes on by bytes that are there and gives them.
    fn take(&mut self, count: usize) -> &'a str {
        let taken = &self.rest()[..count];
        self.at += count;
        taken
    }

    /// Reads what stands in braces, from behind the left one through the right one.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with('}') {
                self.at += 1;
                return Ok(nodes);
            }
            if rest.starts_with("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if rest.starts_with("..") {
                if matches!(nodes.last(), Some(Node::Recursive)) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                self.at += 2;
                nodes.push(Node::Recursive);
                if self.rest().starts_with(is_alphanumeric) {
                    nodes.push(self.field());
                }
                continue;
            }
            match rest.chars().next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => self.at += 1,
                Some('[') => self.brackets(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => {
                    self.at += 1;
                    nodes.push(self.field());
                }
                Some(char) if matches!(char, '+' | '-') || is_digit(char) => nodes.push(self.number()?),
                Some(char) if is_alphanumeric(char) => nodes.push(self.word()),
                Some(char) => {
                    let code = u32::from(char);
                    let shown = if strconv::is_print(char) { format!(" '{char}'") } else { String::new() };
                    return Err(format!("unrecognized character in action: U+{code:04X}{shown}"));
                }
            }
        }
    }

    /// Reads the text of an action of its own.
    fn inner(&self, text: &str) -> Result<Vec<Node>, String> {
        match parse(&format!("{{{text}}}"), self.depth + 1)?.into_iter().next() {
            Some(Node::List(nodes)) => Ok(nodes),
            _ => Ok(Vec::new()),
        }
    }

    fn word(&mut self) -> Node {
        let end = self.rest().find(is_terminator).unwrap_or(self.rest().len());
        match self.take(end) {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            word => Node::Identifier(word.to_owned()),
        }
    }

    fn number(&mut self) -> Result<Node, String> {
        let rest = self.rest();
        let sign = usize::from(rest.starts_with(['+', '-']));
        let end = rest[sign..].find(|char| char != '.' && !is_digit(char)).map_or(rest.len(), |end| sign + end);
        let text = self.take(end);
        if let Ok(number) = strconv::atoi(text) {
            return Ok(Node::Int(number));
        }
        strconv::parse_float(text).map(Node::Float).map_err(|_| format!("cannot parse number {text}"))
    }

    /// Reads a field's name from behind its dot.
    fn field(&mut self) -> Node {
        let mut chars = self.rest().char_indices();
        let end = loop {
            match chars.next() {
                None => break self.rest().len(),
                Some((_, '\\')) => drop(chars.next()),
                Some((at, char)) if is_terminator(char) => break at,
                Some(_) => {}
            }
        };
        match self.take(end) {
            "*" => Node::Wildcard,
            name => Node::Field(Str::from(name.replace('\\', ""))),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        let bytes = self.rest().as_bytes();
        let is_end = |at: &usize| bytes[*at] == quote as u8 && bytes[at - 1] != b'\\';
        let end = (1..bytes.len()).find(|at| bytes[*at] == b'\n' || is_end(at));
        let Some(end) = end.filter(|end| bytes[*end] != b'\n') else {
            return Err("unterminated quoted string".to_owned());
        };
        let text = self.take(end + 1);
        let body = &text.as_bytes()[1..end];
        let text =
            strconv::unquote_body(body, quote as u8).map_err(|error| format!("unquote string {text} error {error}"))?;
        Ok(Node::Text(Str::from(text)))
    }

    /// Reads places, a slice, a quoted field or several of them in brackets.
    fn brackets(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let end = self.rest().find([']', '\n']).filter(|end| self.rest().as_bytes()[*end] == b']');
        let Some(end) = end else { return Err("unterminated array".to_owned()) };
        let text = self.take(end + 1);
        let text = match &text[1..end] {
            "*" => ":",
            text => text,
        };
        if text.contains(',') {
            let parts = text.split(',').map(|part| self.inner(&format!("[{}]", part.trim_matches(' '))));
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).filter(|key| !key.contains('\''));
        match key {
            Some(key) => nodes.extend(self.inner(&format!(".{key}"))?),
            None => nodes.push(Node::Slice(slice(text)?)),
        }
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        self.at += 3;
        let rest = self.rest();
        // A quote that begins, and whether one like it has ended the text since.
        let (mut begun, mut ended, mut before) = (None, false, '(');
        let mut end = None;
        for (at, char) in rest.char_indices() {
            match char {
                '\n' => break,
                '"' | '\'' => match begun {
                    None => begun = Some(char),
                    Some(quote) => ended |= quote == char && before != '\\',
                },
                ')' if begun.is_some() == ended => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
            before = char;
        }
        let Some(end) = end else { return Err("unterminated filter".to_owned()) };
        if !rest[end + 1..].starts_with(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let text = &self.take(end + 2)[..end];
        let filter = match comparison(text) {
            None => Filter { left: self.inner(text)?, compared: None },
            Some((left, operator, right)) => {
                let left = self.inner(left)?;
                Filter { left, compared: Some((operator.to_owned(), self.inner(right)?)) }
            }
        };
        Ok(Node::Filter(Box::new(filter)))
    }
}

/// The sides of a comparison and its operator: the first run of `!`, `<`, `>` and `=`, that leaves
/// something on either side.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    const SIGNS: [char; 4] = ['!', '<', '>', '='];
    let begin = text.find(SIGNS).filter(|begin| *begin > 0)?;
    let run = text[begin..].find(|char| !SIGNS.contains(&char)).unwrap_or(text.len() - begin - 1);
    (run > 0).then(|| (&text[..begin], &text[begin..begin + run], &text[begin + run..]))
}

/// A place or a slice: up to three numbers, with colons between.
fn slice(text: &str) -> Result<Slice, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |part: &&str| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err(format!("invalid array index {text}"));
    }
    let number = |part: Option<&&str>| match part {
        None | Some(&"") => Ok(None),
        Some(part) => strconv::atoi(part).map(Some).map_err(|_| format!("array index {part} is not a number")),
    };
    let start = number(parts.first())?;
    let is_single = parts.len() < 2;
    let end = if is_single { Some(start.unwrap_or(0).wrapping_add(1)) } else { number(parts.get(1))? };
    Ok(Slice { start, end, is_single, step: number(parts.get(2))? })
}

fn is_terminator(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit()
}

fn is_alphanumeric(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}
