use super::super::utf8;
use super::{NumError, is_print};

/// Go's `strconv.Quote`.
pub fn quote(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    append_quote(&mut out, text);
    String::from_utf8(out).expect("quoting escapes invalid bytes")
}

/// Appends Go's `strconv.Quote`.
pub fn append_quote(out: &mut Vec<u8>, text: &[u8]) {
    append_quoted(out, text, false);
}

/// Appends Go's `strconv.QuoteToASCII`.
pub fn append_quote_to_ascii(out: &mut Vec<u8>, text: &[u8]) {
    append_quoted(out, text, true);
}

/// Appends Go's `strconv.QuoteRune`, or `QuoteRuneToASCII`.
pub fn append_quote_rune(out: &mut Vec<u8>, char: char, ascii: bool) {
    out.push(b'\'');
    append_escaped(out, char, b'\'', ascii);
    out.push(b'\'');
}

fn append_quoted(out: &mut Vec<u8>, text: &[u8], ascii: bool) {
    out.push(b'"');
    let mut at = 0;
    while at < text.len() {
        let plain = text[at..].iter().take_while(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
        let plain = plain.count();
        if plain > 0 {
            out.extend_from_slice(&text[at..at + plain]);
            at += plain;
            continue;
        }
        let (decoded, width) = utf8::decode(&text[at..]);
        match decoded {
            Some(char) => append_escaped(out, char, b'"', ascii),
            None => append_hex(out, b"\\x", u32::from(text[at]), 2),
        }
        at += width;
    }
    out.push(b'"');
}

fn append_escaped(out: &mut Vec<u8>, char: char, quote: u8, ascii: bool) {
    if char == char::from(quote) || char == '\\' {
        out.extend_from_slice(&[b'\\', char as u8]);
        return;
    }
    if (char.is_ascii() || !ascii) && is_print(char) {
        utf8::push(out, char);
        return;
    }
    let short = match char {
        '\x07' => b'a',
        '\x08' => b'b',
        '\x0C' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\x0B' => b'v',
        _ => {
            let code = u32::from(char);
            return match code {
                0..=0x1F | 0x7F => append_hex(out, b"\\x", code, 2),
                0x20..=0xFFFF => append_hex(out, b"\\u", code, 4),
                _ => append_hex(out, b"\\U", code, 8),
            };
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn append_hex(out: &mut Vec<u8>, prefix: &[u8], code: u32, digits: u32) {
    out.extend_from_slice(prefix);
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(code >> (4 * place) & 0xF) as usize]);
    }
}

/// Go's `strconv.CanBackquote`: whether a raw literal can hold the text on one line.
pub fn can_backquote(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        let (decoded, width) = utf8::decode(&text[at..]);
        match decoded {
            None | Some('\u{FEFF}' | '`' | '\x7F') => return false,
            Some(char) if char < ' ' && char != '\t' => return false,
            Some(_) => at += width,
        }
    }
    true
}

/// Go's `strconv.Unquote` of a double-quoted, back-quoted or single-quoted literal.
pub fn unquote(literal: &str) -> Result<Vec<u8>, NumError> {
    let bytes = literal.as_bytes();
    let (quote, body) = match bytes {
        [first, body @ .., last] if first == last => (*first, body),
        _ => return Err(NumError::Syntax),
    };
    match quote {
        b'`' if body.contains(&b'`') => Err(NumError::Syntax),
        b'`' => Ok(body.iter().copied().filter(|byte| *byte != b'\r').collect()),
        b'"' | b'\'' => unescape(body, quote, if quote == b'\'' { 1 } else { usize::MAX }),
        _ => Err(NumError::Syntax),
    }
}

/// What stands between two quotes, of either kind, however long: repeated `strconv.UnquoteChar`.
pub fn unquote_body(body: &[u8], quote: u8) -> Result<Vec<u8>, NumError> {
    unescape(body, quote, usize::MAX)
}

fn unescape(body: &[u8], quote: u8, max_chars: usize) -> Result<Vec<u8>, NumError> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut chars = 0;
    while let Some(first) = rest.first() {
        match first {
            b'\n' => return Err(NumError::Syntax),
            byte if *byte == quote => return Err(NumError::Syntax),
            b'\\' => rest = unescape_one(&mut out, &rest[1..], quote)?,
            _ => {
                let (decoded, width) = utf8::decode(rest);
                utf8::push(&mut out, decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = &rest[width..];
            }
        }
        chars += 1;
        if chars > max_chars {
            return Err(NumError::Syntax);
        }
    }
    Ok(out)
}

/// Reads the escape behind a backslash and gives what follows it.
fn unescape_one<'a>(out: &mut Vec<u8>, text: &'a [u8], quote: u8) -> Result<&'a [u8], NumError> {
    let (kind, rest) = text.split_first().ok_or(NumError::Syntax)?;
    let simple = match kind {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' => b'\\',
        b'\'' | b'"' if *kind == quote => quote,
        b'x' => {
            let (code, rest) = digits(rest, 2, 16)?;
            out.push(code as u8);
            return Ok(rest);
        }
        b'u' | b'U' => {
            let (code, rest) = digits(rest, if *kind == b'u' { 4 } else { 8 }, 16)?;
            utf8::push(out, char::from_u32(code).ok_or(NumError::Syntax)?);
            return Ok(rest);
        }
        b'0'..=b'7' => {
            let (code, rest) = digits(text, 3, 8)?;
            out.push(u8::try_from(code).map_err(|_| NumError::Syntax)?);
            return Ok(rest);
        }
        _ => return Err(NumError::Syntax),
    };
    out.push(simple);
    Ok(rest)
}

fn digits(text: &[u8], count: usize, radix: u32) -> Result<(u32, &[u8]), NumError> {
    let (digits, rest) = text.split_at_checked(count).ok_or(NumError::Syntax)?;
    let mut code = 0u32;
    for digit in digits {
        code = code.wrapping_mul(radix) | char::from(*digit).to_digit(radix).ok_or(NumError::Syntax)?;
    }
    Ok((code, rest))
}
