//! Keys and values as written. What a value means is for [`scalar`](super::scalar) to say.

use super::super::strconv;
use super::cursor::{Cursor, Problem};

/// A value as written, and the line where it ends.
pub(super) struct Lexeme<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub line: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A string without escapes.
    Str,
    /// A string with escapes.
    EscapedStr,
    MultilineStr,
    RawStr,
    MultilineRawStr,
    Integer,
    Float,
    Bool,
    Datetime,
    /// Its `[` has been read.
    Array,
    /// Its `{` has been read.
    Table,
}

/// What follows a part of a key.
#[derive(PartialEq)]
pub(super) enum KeyEnd {
    Dot,
    End,
}

pub(super) fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t')
}

pub(super) fn is_newline(char: char) -> bool {
    matches!(char, '\n' | '\r')
}

/// A character as Go quotes it; the end is the character 0.
pub(super) fn quoted(char: Option<char>) -> String {
    let mut out = Vec::new();
    strconv::append_quote_rune(&mut out, char.unwrap_or('\0'), false);
    String::from_utf8(out).unwrap_or_default()
}

/// Reads a comment behind its `#`, up to the newline.
pub(super) fn comment(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    while cursor.next()?.is_some_and(|char| !is_newline(char)) {}
    cursor.back();
    cursor.mark();
    Ok(())
}

/// Checks the beginning of a key.
pub(super) fn key_start(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    cursor.skip(is_space)?;
    cursor.mark();
    match cursor.peek()? {
        Some('=') | None => Err(cursor.problem("unexpected '=': key name appears blank")),
        Some('.') => Err(cursor.problem("unexpected '.': keys cannot start with a '.'")),
        Some(_) => Ok(()),
    }
}

/// Reads one part of a key.
pub(super) fn key_part<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.skip(is_space)?;
    cursor.mark();
    match cursor.peek()? {
        Some('=') | None => Err(cursor.problem("unexpected '='")),
        Some('.') => Err(cursor.problem("unexpected '.'")),
        Some(_) => name(cursor),
    }
}

/// Reads what follows a part of a key, including the `=`.
pub(super) fn key_end(cursor: &mut Cursor<'_>) -> Result<KeyEnd, Problem> {
    cursor.skip(is_space)?;
    cursor.mark();
    let end = match cursor.next()? {
        Some('.') => KeyEnd::Dot,
        Some('=') => KeyEnd::End,
        None => return Err(cursor.problem("unexpected EOF; expected key separator '='")),
        other => {
            let message = format!("expected '.' or '=', but got {} instead", quoted(other));
            return Err(if other == Some('\n') { cursor.problem_before(message) } else { cursor.problem(message) });
        }
    };
    cursor.mark();
    Ok(end)
}

/// Reads one part of a table's name.
pub(super) fn table_name_part<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.skip(is_space)?;
    cursor.mark();
    match cursor.peek()? {
        Some(']') | None => Err(cursor.problem("unexpected end of table name (table names cannot be empty)")),
        Some('.') => Err(cursor.problem("unexpected table separator (table names cannot be empty)")),
        Some(_) => name(cursor),
    }
}

/// Reads what follows a part of a table's name, including the `]`.
pub(super) fn table_name_end(cursor: &mut Cursor<'_>) -> Result<KeyEnd, Problem> {
    cursor.skip(is_space)?;
    cursor.mark();
    match cursor.next()? {
        Some('.') => Ok(KeyEnd::Dot),
        Some(']') => Ok(KeyEnd::End),
        other => {
            Err(cursor.problem(format!("expected '.' or ']' to end table name, but got {} instead", quoted(other))))
        }
    }
}

/// A bare or quoted name; a bare one may be empty, which what follows it then shows.
fn name<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    match cursor.next()? {
        Some('"') => string(cursor),
        Some('\'') => raw_string(cursor),
        _ => {
            cursor.back();
            while cursor.next()?.is_some_and(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-')) {}
            cursor.back();
            Ok(take(cursor, Kind::RawStr))
        }
    }
}

/// Ends the current piece.
fn take<'a>(cursor: &mut Cursor<'a>, kind: Kind) -> Lexeme<'a> {
    let lexeme = Lexeme { kind, text: cursor.piece(), line: cursor.line() };
    cursor.mark();
    lexeme
}

/// Reads a value up to its end, or up to the beginning of the first element.
pub(super) fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.skip(is_space)?;
    cursor.mark();
    let first = cursor.next()?;
    match first {
        Some('0') => return zero(cursor),
        Some('1'..='9') => return number_or_date(cursor),
        Some('[') => return Ok(bracket(cursor, Kind::Array)),
        Some('{') => return Ok(bracket(cursor, Kind::Table)),
        Some(quote @ ('"' | '\'')) => {
            if cursor.accept(quote)? {
                if cursor.accept(quote)? {
                    cursor.mark();
                    return multiline(cursor, quote);
                }
                cursor.back();
            }
            cursor.mark();
            return if quote == '"' { string_body(cursor) } else { raw_string_body(cursor) };
        }
        Some('.') => return Err(cursor.problem("floats must start with a digit, not '.'")),
        Some('-' | '+') => return signed(cursor),
        Some('i' | 'n')
            if (cursor.accept('n')? && cursor.accept('f')?) || (cursor.accept('a')? && cursor.accept('n')?) =>
        {
            return Ok(take(cursor, Kind::Float));
        }
        _ => {}
    }
    match first {
        Some(letter) if letter.is_alphabetic() => {
            cursor.back();
            word(cursor)
        }
        None => Err(cursor.problem("unexpected EOF; expected value")),
        Some('\n') => Err(cursor.problem_before("expected value but found '\\n' instead")),
        other => Err(cursor.problem(format!("expected value but found {} instead", quoted(other)))),
    }
}

fn bracket<'a>(cursor: &mut Cursor<'a>, kind: Kind) -> Lexeme<'a> {
    cursor.mark();
    take(cursor, kind)
}

fn word<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    let mut word = String::new();
    while let Some(letter) = cursor.next()?.filter(|char| char.is_alphabetic()) {
        word.push(letter);
    }
    cursor.back();
    if matches!(word.as_str(), "true" | "false") {
        return Ok(take(cursor, Kind::Bool));
    }
    Err(cursor.problem(format!("expected value but found {} instead", strconv::quote(word.as_bytes()))))
}

fn string<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.mark();
    string_body(cursor)
}

fn string_body<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    let mut kind = Kind::Str;
    loop {
        match cursor.next()? {
            None => return Err(cursor.problem("unexpected EOF; expected '\"'")),
            Some('\n' | '\r') => return Err(cursor.problem_before("strings cannot contain newlines")),
            Some('\\') => {
                kind = Kind::EscapedStr;
                escape(cursor)?;
            }
            Some('"') => return closed(cursor, kind, 1),
            Some(_) => {}
        }
    }
}

fn raw_string<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.mark();
    raw_string_body(cursor)
}

fn raw_string_body<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    loop {
        match cursor.next()? {
            None => return Err(cursor.problem("unexpected EOF; expected \"'\"")),
            Some('\n' | '\r') => return Err(cursor.problem_before("strings cannot contain newlines")),
            Some('\'') => return closed(cursor, Kind::RawStr, 1),
            Some(_) => {}
        }
    }
}

/// Ends a string before the closing quotes that have been read.
fn closed<'a>(cursor: &mut Cursor<'a>, kind: Kind, quotes: usize) -> Result<Lexeme<'a>, Problem> {
    (0..quotes).for_each(|_| cursor.back());
    let lexeme = take(cursor, kind);
    for _ in 0..quotes {
        cursor.next()?;
    }
    cursor.mark();
    Ok(lexeme)
}

/// Reads a string in triple quotes, which may end in up to two more.
fn multiline<'a>(cursor: &mut Cursor<'a>, quote: char) -> Result<Lexeme<'a>, Problem> {
    let kind = if quote == '"' { Kind::MultilineStr } else { Kind::MultilineRawStr };
    let five = quote.to_string().repeat(5);
    loop {
        match cursor.next()? {
            None if quote == '"' => return Err(cursor.problem("unexpected EOF; expected '\"\"\"'")),
            None => return Err(cursor.problem("unexpected EOF; expected \"'''\"")),
            Some('\\') if quote == '"' => {
                if !cursor.next()?.is_some_and(is_newline) {
                    cursor.back();
                    escape(cursor)?;
                }
            }
            Some(char) if char == quote && cursor.accept(quote)? => {
                if !cursor.accept(quote)? {
                    cursor.back();
                } else if cursor.peek()? != Some(quote) {
                    return closed(cursor, kind, 3);
                } else {
                    let before = cursor.piece().strip_suffix(&five);
                    if before.is_some_and(|before| quote == '\'' || !before.ends_with('\\')) {
                        let outer = if quote == '"' { '\'' } else { '"' };
                        return Err(cursor.problem(format!("unexpected {outer}{five}{quote}{outer}")));
                    }
                    cursor.back();
                    cursor.back();
                }
            }
            Some(_) => {}
        }
    }
}

/// Reads what follows a backslash.
fn escape(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    let (digits, name, letter) = match cursor.next()? {
        Some('e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\') => return Ok(()),
        Some('x') => (2, "two", 'x'),
        Some('u') => (4, "four", 'u'),
        Some('U') => (8, "eight", 'U'),
        other => {
            let char = other.unwrap_or('\0');
            return Err(cursor.problem_or_before(format!("invalid escape in string '\\{char}'")));
        }
    };
    for _ in 0..digits {
        if !cursor.next()?.is_some_and(|digit| digit.is_ascii_hexdigit()) {
            let found = strconv::quote(cursor.piece().as_bytes());
            let message = format!("expected {name} hexadecimal digits after '\\{letter}', but got {found} instead");
            return Err(cursor.problem(message));
        }
    }
    Ok(())
}

/// Reads what follows a leading zero.
fn zero<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    let (name, is_digit): (_, fn(char) -> bool) = match cursor.next()? {
        Some('0'..='9') => return number_or_date(cursor),
        Some('_') => return decimal(cursor),
        Some('.' | 'e' | 'E') => return float(cursor),
        Some('b') => ("a binary", |digit| matches!(digit, '0' | '1')),
        Some('o') => ("an octal", |digit| matches!(digit, '0'..='7')),
        Some('x') => ("a hexadecimal", |digit| digit.is_ascii_hexdigit()),
        _ => {
            cursor.back();
            return Ok(take(cursor, Kind::Integer));
        }
    };
    let next = cursor.peek()?;
    if !next.is_some_and(is_digit) {
        let next = next.unwrap_or('\0');
        return Err(cursor.problem(format!("not {name} number: '{}{next}'", cursor.piece())));
    }
    cursor.skip(|char| is_digit(char) || char == '_')?;
    Ok(take(cursor, Kind::Integer))
}

fn number_or_date<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.skip(|char| char.is_ascii_digit())?;
    match cursor.next()? {
        Some('-' | ':') => {
            let part = |char: char| {
                char.is_ascii_digit() || matches!(char, '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+')
            };
            cursor.skip(part)?;
            let lexeme = take(cursor, Kind::Datetime);
            Ok(Lexeme { text: lexeme.text.trim(), ..lexeme })
        }
        Some('_') => decimal(cursor),
        Some('.' | 'e' | 'E') => float(cursor),
        _ => {
            cursor.back();
            Ok(take(cursor, Kind::Integer))
        }
    }
}

fn decimal<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.skip(|char| char.is_ascii_digit() || char == '_')?;
    if matches!(cursor.next()?, Some('.' | 'e' | 'E')) {
        return float(cursor);
    }
    cursor.back();
    Ok(take(cursor, Kind::Integer))
}

fn float<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    cursor.skip(|char| char.is_ascii_digit() || matches!(char, '_' | '.' | '-' | '+' | 'e' | 'E'))?;
    Ok(take(cursor, Kind::Float))
}

/// Reads what follows a sign.
fn signed<'a>(cursor: &mut Cursor<'a>) -> Result<Lexeme<'a>, Problem> {
    let first = cursor.next()?;
    match first {
        Some('i' | 'n') => {
            let rest = if first == Some('i') { ['n', 'f'] } else { ['a', 'n'] };
            if !cursor.accept(rest[0])? || !cursor.accept(rest[1])? {
                return Err(cursor.problem(format!("invalid float: '{}'", cursor.piece())));
            }
            Ok(take(cursor, Kind::Float))
        }
        Some('0') => match cursor.peek()? {
            Some(base @ ('b' | 'o' | 'x')) => {
                let written = cursor.piece();
                Err(cursor.problem(format!("cannot use sign with non-decimal numbers: '{written}{base}'")))
            }
            _ => decimal(cursor),
        },
        Some('1'..='9') => decimal(cursor),
        Some('.') => Err(cursor.problem("floats must start with a digit, not '.'")),
        other => Err(cursor.problem(format!("expected a digit but got {}", quoted(other)))),
    }
}
