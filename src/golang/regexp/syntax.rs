//! Go's regular expression syntax, read into a tree. Errors are Go's texts.

use std::str::Chars;

use super::tree::{ClassItem, Kind, Node};
use super::unicode_class;

/// Largest count in a repetition, and largest product of nested ones.
const MAX_REPEAT: u64 = 1000;
/// Go's bound on the size of a program, in instructions.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Deeper trees are refused with Go's text for its own bound (1,000).
const MAX_HEIGHT: u32 = 400;

/// Flags of a part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flags {
    /// `i`.
    pub fold: bool,
    /// `m`.
    pub multi_line: bool,
    /// `s`.
    pub dot_newline: bool,
    /// `U`.
    pub swap_greed: bool,
}

/// A parsed pattern.
pub(super) struct Parsed {
    pub node: Node,
    /// Names of the capturing groups, empty for unnamed ones.
    pub names: Vec<String>,
}

/// Parses a pattern as `regexp.Compile` does (Perl flags).
pub(super) fn parse(pattern: &str) -> Result<Parsed, String> {
    let flags = Flags { fold: false, multi_line: false, dot_newline: false, swap_greed: false };
    let outer = Frame { group: Group::Plain, flags, alternatives: Vec::new(), concat: Vec::new() };
    let mut parser = Parser { whole: pattern, rest: pattern, flags, frames: vec![outer], names: Vec::new() };
    parser.run()?;
    if parser.frames.len() != 1 {
        return Err(error("missing closing )", pattern));
    }
    let (node, _) = parser.end_group()?;
    Ok(Parsed { node, names: parser.names })
}

fn error(what: &str, expression: &str) -> String {
    format!("error parsing regexp: {what}: `{expression}`")
}

#[derive(PartialEq)]
enum Group {
    Plain,
    Capture,
}

/// An open group.
struct Frame {
    group: Group,
    /// In force before the group.
    flags: Flags,
    alternatives: Vec<Node>,
    concat: Vec<Node>,
}

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    flags: Flags,
    frames: Vec<Frame>,
    names: Vec<String>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), String> {
        // The text from the last repetition on, while nothing else follows it.
        let mut last_repeat: Option<&'a str> = None;
        while let Some(first) = self.rest.chars().next() {
            let before = self.rest;
            let mut repeat = None;
            match first {
                '(' if before.starts_with("(?") => self.perl_group()?,
                '(' => {
                    self.rest = &before[1..];
                    self.open(Group::Capture, String::new(), self.flags);
                }
                '|' => {
                    self.rest = &before[1..];
                    let node = self.take_concat()?;
                    self.frame().alternatives.push(node);
                }
                ')' => self.close()?,
                '*' | '+' | '?' | '{' => {
                    repeat = self.repetition(first, last_repeat)?.then_some(before);
                }
                _ => self.atom(first)?,
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the outermost frame is never closed")
    }

    fn push(&mut self, kind: Kind) -> Result<(), String> {
        let node = self.node(kind)?;
        self.frame().concat.push(node);
        Ok(())
    }

    /// Measures a node and refuses it when it is beyond a bound.
    fn node(&self, kind: Kind) -> Result<Node, String> {
        let children: &[Node] = match &kind {
            Kind::Capture(node) | Kind::Repeat { node, .. } => std::slice::from_ref(node),
            Kind::Concat(nodes) | Kind::Alternate(nodes) => nodes,
            _ => &[],
        };
        let height = 1 + children.iter().map(|node| node.height).max().unwrap_or(0);
        let mut repeats = children.iter().map(|node| node.repeats).max().unwrap_or(1);
        let inner = children.iter().fold(0u64, |sum, node| sum.saturating_add(node.size));
        let size = match &kind {
            Kind::Capture(_) => inner.saturating_add(2),
            Kind::Alternate(nodes) => inner.saturating_add(nodes.len().saturating_sub(1) as u64),
            Kind::Repeat { min, max, .. } => {
                let (min, max) = (u64::from(*min), max.map(u64::from));
                repeats = match max {
                    Some(0) => 1,
                    _ => repeats.saturating_mul(max.unwrap_or(min).max(1)),
                };
                match max {
                    None if min == 0 => inner.saturating_add(2),
                    None => inner.saturating_mul(min).saturating_add(1),
                    Some(max) => inner.saturating_mul(max).saturating_add(max.saturating_sub(min)),
                }
            }
            _ => inner,
        };
        let size = size.max(1);
        if size > MAX_SIZE {
            return Err(error("expression too large", self.whole));
        }
        if height > MAX_HEIGHT {
            return Err(error("expression nests too deeply", self.whole));
        }
        Ok(Node { kind, height, size, repeats })
    }

    fn open(&mut self, group: Group, name: String, flags: Flags) {
        if group == Group::Capture {
            self.names.push(name);
        }
        self.frames.push(Frame { group, flags, alternatives: Vec::new(), concat: Vec::new() });
    }

    fn take_concat(&mut self) -> Result<Node, String> {
        let mut nodes = std::mem::take(&mut self.frame().concat);
        match nodes.pop() {
            Some(only) if nodes.is_empty() => Ok(only),
            last => {
                nodes.extend(last);
                self.node(Kind::Concat(nodes))
            }
        }
    }

    /// Ends the innermost group and gives what stands in it.
    fn end_group(&mut self) -> Result<(Node, Frame), String> {
        let last = self.take_concat()?;
        let mut frame = self.frames.pop().expect("the outermost frame is closed last");
        if frame.alternatives.is_empty() {
            return Ok((last, frame));
        }
        let mut nodes = std::mem::take(&mut frame.alternatives);
        nodes.push(last);
        Ok((self.node(Kind::Alternate(nodes))?, frame))
    }

    fn close(&mut self) -> Result<(), String> {
        if self.frames.len() == 1 {
            return Err(error("unexpected )", self.whole));
        }
        self.rest = &self.rest[1..];
        let (node, frame) = self.end_group()?;
        self.flags = frame.flags;
        let node = match frame.group {
            Group::Plain => node,
            Group::Capture => self.node(Kind::Capture(Box::new(node)))?,
        };
        self.frame().concat.push(node);
        Ok(())
    }

    /// Reads what begins with `(?`: a named group, or flags for the group or for what follows.
    fn perl_group(&mut self) -> Result<(), String> {
        let text = self.rest;
        let invalid = |what: &str, end: &str| Err(error(what, &text[..text.len() - end.len()]));
        let named = match text.strip_prefix("(?P<") {
            Some(name) if !name.is_empty() => Some(name),
            _ => text.strip_prefix("(?<").filter(|name| !name.is_empty()),
        };
        if let Some(name) = named {
            let Some((name, rest)) = name.split_once('>') else { return invalid("invalid named capture", "") };
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return invalid("invalid named capture", rest);
            }
            self.rest = rest;
            self.open(Group::Capture, name.to_owned(), self.flags);
            return Ok(());
        }
        let mut flags = self.flags;
        let (mut on, mut seen) = (true, false);
        let mut chars = text[2..].chars();
        while let Some(char) = chars.next() {
            match char {
                'i' => flags.fold = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_newline = on,
                'U' => flags.swap_greed = on,
                '-' if on => {
                    (on, seen) = (false, false);
                    continue;
                }
                ':' | ')' if on || seen => {
                    self.rest = chars.as_str();
                    if char == ':' {
                        self.open(Group::Plain, String::new(), self.flags);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            seen = true;
        }
        invalid("invalid or unsupported Perl syntax", chars.as_str())
    }

    /// Reads a repetition; `false` when the brace was a literal.
    fn repetition(&mut self, operator: char, last_repeat: Option<&'a str>) -> Result<bool, String> {
        let before = self.rest;
        let mut after = &before[1..];
        let (min, max) = match operator {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            _ => match counts(before) {
                None => {
                    self.rest = after;
                    let fold = self.flags.fold;
                    self.push(Kind::Literal { char: Some('{'), fold })?;
                    return Ok(false);
                }
                Some((min, max, rest)) => {
                    let largest = max.unwrap_or(min).max(min);
                    if u64::from(largest) > MAX_REPEAT || max.is_some_and(|max| min > max) {
                        return Err(error("invalid repeat count", &before[..before.len() - rest.len()]));
                    }
                    after = rest;
                    (min, max)
                }
            },
        };
        let mut greedy = !self.flags.swap_greed;
        if let Some(rest) = after.strip_prefix('?') {
            after = rest;
            greedy = !greedy;
        }
        let written = |from: &'a str| &from[..from.len() - after.len()];
        if let Some(last) = last_repeat {
            return Err(error("invalid nested repetition operator", written(last)));
        }
        self.rest = after;
        let Some(node) = self.frame().concat.pop() else {
            return Err(error("missing argument to repetition operator", written(before)));
        };
        let node = self.node(Kind::Repeat { node: Box::new(node), min, max, greedy })?;
        if operator == '{' && max.unwrap_or(min) >= 2 && node.repeats > MAX_REPEAT {
            return Err(error("invalid repeat count", written(before)));
        }
        self.frame().concat.push(node);
        Ok(true)
    }

    fn atom(&mut self, first: char) -> Result<(), String> {
        let text = self.rest;
        self.rest = &text[first.len_utf8()..];
        let kind = match first {
            '^' if self.flags.multi_line => Kind::BeginLine,
            '^' => Kind::BeginText,
            '$' if self.flags.multi_line => Kind::EndLine,
            '$' => Kind::EndText,
            '.' => Kind::AnyChar { newline: self.flags.dot_newline },
            '[' => self.class(text)?,
            '\\' => return self.escaped(text),
            char => Kind::Literal { char: Some(char), fold: self.flags.fold },
        };
        self.push(kind)
    }

    /// Reads what a backslash begins, outside a class.
    fn escaped(&mut self, text: &'a str) -> Result<(), String> {
        let fold = self.flags.fold;
        let kind = match text[1..].chars().next() {
            Some('A') => Kind::BeginText,
            Some('z') => Kind::EndText,
            Some('b') => Kind::WordBoundary,
            Some('B') => Kind::NoWordBoundary,
            Some('C') => return Err(error("invalid escape sequence", &text[..2])),
            Some('Q') => {
                let (literal, rest) = text[2..].split_once("\\E").unwrap_or((&text[2..], ""));
                self.rest = rest;
                return literal.chars().try_for_each(|char| self.push(Kind::Literal { char: Some(char), fold }));
            }
            _ => match class_escape(text)? {
                Some((item, rest)) => {
                    self.rest = rest;
                    return self.push(Kind::Class { items: vec![item], negated: false, fold });
                }
                None => {
                    let (code, rest) = escape(text)?;
                    self.rest = rest;
                    return self.push(Kind::Literal { char: char::from_u32(code), fold });
                }
            },
        };
        self.rest = &text[2..];
        self.push(kind)
    }

    /// Reads a class, whose `[` begins `text`.
    fn class(&mut self, text: &'a str) -> Result<Kind, String> {
        let mut rest = &text[1..];
        let negated = rest.starts_with('^');
        rest = &rest[usize::from(negated)..];
        let mut items = Vec::new();
        let mut first = true;
        while first || !rest.starts_with(']') {
            first = false;
            if let Some((name, tail)) = posix_name(rest) {
                items.push(posix(name)?);
                rest = tail;
                continue;
            }
            if let Some((item, tail)) = class_escape(rest)? {
                items.push(item);
                rest = tail;
                continue;
            }
            let from = rest;
            let (low, tail) = class_char(rest, text)?;
            rest = tail;
            let mut high = low;
            if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
                (high, rest) = class_char(&rest[1..], text)?;
                if high < low {
                    return Err(error("invalid character class range", &from[..from.len() - rest.len()]));
                }
            }
            items.push(ClassItem::Range(low, high));
        }
        self.rest = &rest[1..];
        Ok(Kind::Class { items, negated, fold: self.flags.fold })
    }
}

/// Reads `{n}`, `{n,}` or `{n,m}`; counts too large to be read are the largest.
fn counts(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (min, rest) = count(text.strip_prefix('{')?)?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => {
            let (max, rest) = count(rest)?;
            (Some(max), rest)
        }
    };
    Some((min, max, rest.strip_prefix('}')?))
}

fn count(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}

/// Reads `\d`, `\pL` and their like.
fn class_escape(text: &str) -> Result<Option<(ClassItem, &str)>, String> {
    let mut chars = text.chars();
    if chars.next() != Some('\\') {
        return Ok(None);
    }
    let letter = chars.next();
    let ranges: &[(u8, u8)] = match letter {
        Some('d' | 'D') => &[(b'0', b'9')],
        Some('s' | 'S') => &[(b'\t', b'\n'), (0x0C, b'\r'), (b' ', b' ')],
        Some('w' | 'W') => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        Some('p' | 'P') => return unicode(text, letter == Some('P')),
        _ => return Ok(None),
    };
    let negated = letter.is_some_and(|letter| letter.is_ascii_uppercase());
    Ok(Some((ClassItem::Ascii(ranges, negated), chars.as_str())))
}

/// Reads `\pL`, `\p{Greek}`, `\p{^Greek}`.
fn unicode(text: &str, negated: bool) -> Result<Option<(ClassItem, &str)>, String> {
    let invalid = |text: &str| error("invalid character class range", text);
    let mut chars = text[2..].chars();
    let (name, rest) = match chars.next() {
        None => ("", ""),
        Some('{') => text[3..].split_once('}').ok_or_else(|| invalid(text))?,
        Some(char) => (&text[2..2 + char.len_utf8()], chars.as_str()),
    };
    let inverted = name.strip_prefix('^');
    let negated = negated != inverted.is_some();
    match unicode_class::item(inverted.unwrap_or(name), negated) {
        Some(item) => Ok(Some((item, rest))),
        None => Err(invalid(&text[..text.len() - rest.len()])),
    }
}

/// The `[:name:]` that begins a text, and what follows it.
fn posix_name(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with("[:") {
        return None;
    }
    let end = text[2..].find(":]")? + 4;
    Some(text.split_at(end))
}

fn posix(written: &str) -> Result<ClassItem, String> {
    let name = &written[2..written.len() - 2];
    let inverted = name.strip_prefix('^');
    let ranges: &[(u8, u8)] = match inverted.unwrap_or(name) {
        "alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        "alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        "ascii" => &[(0, 0x7F)],
        "blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        "cntrl" => &[(0, 0x1F), (0x7F, 0x7F)],
        "digit" => &[(b'0', b'9')],
        "graph" => &[(b'!', b'~')],
        "lower" => &[(b'a', b'z')],
        "print" => &[(b' ', b'~')],
        "punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        "space" => &[(b'\t', b'\r'), (b' ', b' ')],
        "upper" => &[(b'A', b'Z')],
        "word" => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        "xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return Err(error("invalid character class range", written)),
    };
    Ok(ClassItem::Ascii(ranges, inverted.is_some()))
}

fn class_char<'a>(text: &'a str, whole: &str) -> Result<(u32, &'a str), String> {
    let mut chars = text.chars();
    match chars.next() {
        None => Err(error("missing closing ]", whole)),
        Some('\\') => escape(text),
        Some(char) => Ok((u32::from(char), chars.as_str())),
    }
}

/// Reads an escaped character, whose backslash begins the text.
fn escape(text: &str) -> Result<(u32, &str), String> {
    let mut chars = text[1..].chars();
    let Some(char) = chars.next() else { return Err(error("trailing backslash at end of expression", "")) };
    let code = match char {
        '0'..='7' if char == '0' || matches!(chars.as_str().bytes().next(), Some(b'0'..=b'7')) => {
            let mut code = u32::from(char) - u32::from('0');
            for _ in 0..2 {
                let Some(digit) = chars.clone().next().and_then(|digit| digit.to_digit(8)) else { break };
                code = code * 8 + digit;
                chars.next();
            }
            Some(code)
        }
        'x' => hexadecimal(&mut chars),
        'a' => Some(7),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        _ if char.is_ascii() && !char.is_ascii_alphanumeric() => Some(u32::from(char)),
        _ => None,
    };
    match code {
        Some(code) => Ok((code, chars.as_str())),
        None => Err(error("invalid escape sequence", &text[..text.len() - chars.as_str().len()])),
    }
}

/// Reads what follows `\x`: two digits, or any number of them in braces.
fn hexadecimal(chars: &mut Chars<'_>) -> Option<u32> {
    let first = chars.next()?;
    if first != '{' {
        let second = chars.next();
        return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
    }
    let mut code = None;
    loop {
        match chars.next()? {
            '}' => return code,
            digit => {
                let value = code.unwrap_or(0) * 16 + digit.to_digit(16)?;
                code = (value <= 0x10_FFFF).then_some(value);
                code?;
            }
        }
    }
}
