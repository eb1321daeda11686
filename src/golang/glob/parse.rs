use std::iter::Peekable;
use std::str::Chars;

/// Alternatives nested deeper are refused.
const MAX_DEPTH: usize = 100;

/// A piece of a pattern.
#[derive(Debug)]
pub(super) enum Piece {
    Text(Vec<char>),
    /// `*`: any characters but the separator.
    Any,
    /// `**`: any characters.
    Super,
    /// `?`: one character but the separator.
    Single,
    /// `[abc]`, `[!abc]`.
    List {
        chars: Vec<char>,
        not: bool,
    },
    /// `[a-z]`, `[!a-z]`.
    Range {
        low: char,
        high: char,
        not: bool,
    },
    /// `{a,b}`.
    Alternatives(Vec<Vec<Piece>>),
}

/// Reads a pattern. Alternatives may stay open at the end.
pub(super) fn parse(pattern: &str) -> Result<Vec<Piece>, String> {
    if pattern.contains(char::REPLACEMENT_CHARACTER) {
        return Err("could not read rune".to_owned());
    }
    Parser { rest: pattern.chars().peekable(), depth: 0 }.pieces().map(|(pieces, _)| pieces)
}

#[derive(PartialEq)]
enum End {
    Text,
    Comma,
    Brace,
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

impl Parser<'_> {
    fn pieces(&mut self) -> Result<(Vec<Piece>, End), String> {
        let mut pieces = Vec::new();
        while let Some(char) = self.rest.peek().copied() {
            let inside = self.depth > 0;
            let breaks = |char| matches!(char, '?' | '*' | '[' | '{') || (inside && matches!(char, '}' | ','));
            if !breaks(char) {
                let text =
                    self.text(|char| matches!(char, '?' | '*' | '[' | '{') || (inside && matches!(char, '}' | ',')));
                if !text.is_empty() {
                    pieces.push(Piece::Text(text));
                }
                continue;
            }
            self.rest.next();
            match char {
                '{' => pieces.push(self.alternatives()?),
                ',' => return Ok((pieces, End::Comma)),
                '}' => return Ok((pieces, End::Brace)),
                '[' => pieces.push(self.range()?),
                '?' => pieces.push(Piece::Single),
                _ => {
                    let double = self.rest.next_if_eq(&'*').is_some();
                    pieces.push(if double { Piece::Super } else { Piece::Any });
                }
            }
        }
        Ok((pieces, End::Text))
    }

    fn alternatives(&mut self) -> Result<Piece, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("alternatives nest deeper than {MAX_DEPTH}"));
        }
        let mut all = Vec::new();
        loop {
            let (pieces, end) = self.pieces()?;
            all.push(pieces);
            if end != End::Comma {
                self.depth -= 1;
                return Ok(Piece::Alternatives(all));
            }
        }
    }

    /// Takes text up to a breaker; a backslash takes the next character as it is.
    fn text(&mut self, breaks: impl Fn(char) -> bool) -> Vec<char> {
        let mut text = Vec::new();
        while let Some(char) = self.rest.next_if(|char| !breaks(*char)) {
            match char {
                '\\' => text.extend(self.rest.next()),
                _ => text.push(char),
            }
        }
        text
    }

    /// Reads what follows `[`.
    fn range(&mut self) -> Result<Piece, String> {
        let end = || "unexpected end of input".to_owned();
        let not = self.rest.next_if_eq(&'!').is_some();
        let mut ahead = self.rest.clone();
        let low = ahead.next().ok_or_else(end)?;
        if ahead.next() == Some('-') {
            self.rest = ahead;
            let high = self.rest.next().ok_or_else(end)?;
            self.close_range()?;
            if high < low {
                return Err(format!("hi character '{high}' should be greater than lo '{low}'"));
            }
            return Ok(Piece::Range { low, high, not });
        }
        let chars = self.text(|char| char == ']');
        self.close_range()?;
        if chars.is_empty() {
            return Err("could not parse range".to_owned());
        }
        Ok(Piece::List { chars, not })
    }

    fn close_range(&mut self) -> Result<(), String> {
        match self.rest.next() {
            Some(']') => Ok(()),
            Some(_) => Err("expected close range character".to_owned()),
            None => Err("unexpected end of input".to_owned()),
        }
    }
}
