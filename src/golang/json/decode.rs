use crate::value::{Frozen, Str};

use super::super::{strconv, utf8};

/// Deeper nesting is refused, with Go's text for its own limit (10,000).
const MAX_DEPTH: usize = 1000;

/// Go's `json.Unmarshal` into `interface {}`: all numbers are float64, of equal keys the last one
/// stays. The error is Go's text.
pub fn unmarshal(text: &[u8]) -> Result<Frozen, String> {
    match unmarshal_partly(text)? {
        (value, None) => Ok(value),
        (_, Some(error)) => Err(error),
    }
}

/// The same, with what was read of a sound text although a number in it is out of range, and the error
/// for the first such number. They are nil in the value.
pub fn unmarshal_partly(text: &[u8]) -> Result<(Frozen, Option<String>), String> {
    let mut decoder = Decoder { text, at: 0, depth: 0, range_error: None };
    let value = decoder.value()?;
    decoder.skip_space();
    if decoder.at < text.len() {
        return Err(decoder.unexpected("after top-level value"));
    }
    // Go looks at numbers only when the whole text is known to be sound.
    Ok((value, decoder.range_error))
}

struct Decoder<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    range_error: Option<String>,
}

impl Decoder<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error at the current byte, or at the end of the text.
    fn unexpected(&self, context: &str) -> String {
        match self.peek() {
            None => "unexpected end of JSON input".to_owned(),
            Some(_) => self.unexpected_within(context),
        }
    }

    /// The error where a space would not be allowed either: Go tries one at the end of the text.
    fn unexpected_within(&self, context: &str) -> String {
        // Go takes the byte for a code point here.
        let shown = match self.peek().unwrap_or(b' ') {
            b'\'' => "\\'".to_owned(),
            b'"' => "\"".to_owned(),
            byte => {
                let quoted = strconv::quote(char::from(byte).encode_utf8(&mut [0; 4]).as_bytes());
                quoted[1..quoted.len() - 1].to_owned()
            }
        };
        format!("invalid character '{shown}' {context}")
    }

    fn value(&mut self) -> Result<Frozen, String> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::map),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Frozen::Str(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Frozen::Bool(true)),
            Some(b'f') => self.word("false", Frozen::Bool(false)),
            Some(b'n') => self.word("null", Frozen::Nil),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Frozen, String>) -> Result<Frozen, String> {
        if self.depth == MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        self.depth += 1;
        self.at += 1;
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Frozen, String> {
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Frozen::list(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Frozen::list(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn map(&mut self) -> Result<Frozen, String> {
        let mut entries = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Frozen::map(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            entries.push((key, self.value()?));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Frozen::map(entries));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn word(&mut self, word: &str, value: Frozen) -> Result<Frozen, String> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return Err(self.unexpected_within(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Frozen, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(self.unexpected_within("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = std::str::from_utf8(&self.text[start..self.at]).expect("numbers are ASCII");
        match strconv::parse_float(text) {
            Ok(value) => Ok(Frozen::Float(value)),
            Err(_) => {
                self.range_error.get_or_insert_with(|| {
                    format!("json: cannot unmarshal number {text} into Go value of type float64")
                });
                Ok(Frozen::Nil)
            }
        }
    }

    fn skip_digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected_within(context));
        }
        self.skip_digits();
        Ok(())
    }

    fn string(&mut self) -> Result<Str, String> {
        self.at += 1;
        let start = self.at;
        while matches!(self.peek(), Some(byte) if byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
        let plain = &self.text[start..self.at];
        if self.peek() == Some(b'"') && std::str::from_utf8(plain).is_ok() {
            self.at += 1;
            return Ok(plain.into());
        }
        let mut out = Vec::new();
        self.at = start;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(b' '..) => {
                    let (decoded, width) = utf8::decode(&self.text[self.at..]);
                    utf8::push(&mut out, decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
                    self.at += width;
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        self.at += 1;
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let unit = self.hexadecimal()?;
                let char = match unit {
                    0xD800..=0xDBFF => self.low_surrogate(unit),
                    _ => char::from_u32(unit),
                };
                utf8::push(out, char.unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
            _ => return Err(self.unexpected_within("in string escape code")),
        };
        self.at += 1;
        out.push(byte);
        Ok(())
    }

    /// Reads `uXXXX`.
    fn hexadecimal(&mut self) -> Result<u32, String> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            code = code << 4 | digit.ok_or_else(|| self.unexpected_within("in \\u hexadecimal character escape"))?;
            self.at += 1;
        }
        Ok(code)
    }

    /// The character that a high surrogate makes with the escape behind it; that escape is only
    /// read when they fit.
    fn low_surrogate(&mut self, high: u32) -> Option<char> {
        let digits = self.text.get(self.at..self.at + 6)?.strip_prefix(b"\\u")?;
        let mut low = 0;
        for digit in digits {
            low = low << 4 | char::from(*digit).to_digit(16)?;
        }
        if !(0xDC00..=0xDFFF).contains(&low) {
            return None;
        }
        self.at += 6;
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }
}
