//! What a string allows: one pass over its bytes decides which styles can hold it.

use super::Dialect;
use crate::golang::strconv::parse_int;
use crate::yaml::Style;
use crate::yaml::chars::{break_len, is_blank, is_blank_or_end, is_break, width};
use crate::yaml::resolve::{Scalar, resolve};

/// What was found in a string.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Analysis {
    /// It contains line breaks.
    pub multiline: bool,
    /// It contains characters that only double quotes can hold.
    pub special: bool,
    /// It contains tabs; special too, save for block scalars of go-yaml v3.
    pub tab: bool,
    /// A space stands before a line break.
    space_break: bool,
    /// A line after the first begins with a space.
    break_space: bool,
    trailing_space: bool,
    /// It begins or ends with a space or a line break.
    edge: bool,
    empty: bool,
    flow_indicators: bool,
    block_indicators: bool,
}

const SAFE: u8 = 0;
const SPACE: u8 = 1;
const MAYBE_INDICATOR: u8 = 2;
const OTHER: u8 = 4;

/// What a byte may mean within a scalar.
static CLASS: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut byte = 0x21;
    while byte < 0x7F {
        table[byte] = match byte as u8 {
            b',' | b'?' | b'[' | b']' | b'{' | b'}' | b':' | b'#' => MAYBE_INDICATOR,
            _ => SAFE,
        };
        byte += 1;
    }
    table[b' ' as usize] = SPACE;
    table
};

/// Looks at a string of valid UTF-8.
pub(super) fn analyze(text: &[u8]) -> Analysis {
    let Some(first) = text.first() else { return Analysis { empty: true, ..Analysis::default() } };
    let seen = text.iter().fold(0, |seen, byte| seen | CLASS[*byte as usize]);
    let mut found = Analysis::default();
    if text.starts_with(b"---") || text.starts_with(b"...") {
        found.block_indicators = true;
        found.flow_indicators = true;
    }
    found.look_at_first(*first, text.len() == 1 || is_blank(text, 1));
    if seen & (MAYBE_INDICATOR | OTHER) != 0 {
        found.look_at_all(text);
    } else if seen & SPACE != 0 {
        let trailing = text.last() == Some(&b' ');
        found.trailing_space = trailing;
        found.edge = trailing || *first == b' ';
    }
    found
}

impl Analysis {
    fn look_at_first(&mut self, first: u8, blank_follows: bool) {
        match first {
            b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => {
                self.flow_indicators = true;
                self.block_indicators = true;
            }
            b'?' | b':' => {
                self.flow_indicators = true;
                self.block_indicators |= blank_follows;
            }
            b'-' if blank_follows => {
                self.flow_indicators = true;
                self.block_indicators = true;
            }
            _ => {}
        }
    }

    fn look_at_all(&mut self, text: &[u8]) {
        let (mut previous_space, mut previous_break) = (false, false);
        let mut after_space = true;
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            let len = width(byte);
            let last = at + len >= text.len();
            if at > 0 {
                match byte {
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_indicators = true,
                    b':' => {
                        self.flow_indicators = true;
                        self.block_indicators |= last || is_blank(text, at + len);
                    }
                    b'#' if after_space => {
                        self.flow_indicators = true;
                        self.block_indicators = true;
                    }
                    _ => {}
                }
            }
            if byte == b'\t' {
                self.tab = true;
            } else if !is_printable(text, at) {
                self.special = true;
            }
            if byte == b' ' {
                self.edge |= at == 0 || last;
                self.trailing_space |= last;
                self.break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            } else if is_break(text, at) {
                self.multiline = true;
                self.edge |= at == 0 || last;
                self.space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            } else {
                (previous_space, previous_break) = (false, false);
            }
            after_space = is_blank_or_end(text, at);
            at += len;
        }
    }

    /// The style the encoder asks for: literal for several lines, quotes for what would read back
    /// as something else, plain otherwise.
    pub(super) fn natural_style(&self, text: &[u8], dialect: Dialect) -> Style {
        if self.multiline && text.contains(&b'\n') {
            Style::Literal
        } else if reads_as_string(text, dialect) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        }
    }

    /// The style that can hold the string where it stands.
    pub(super) fn style(&self, wanted: Style, dialect: Dialect, flow: bool, simple_key: bool) -> Style {
        let special = self.special || (self.tab && dialect.is_v2());
        let mut style = wanted;
        if simple_key && self.multiline {
            style = Style::DoubleQuoted;
        }
        if style == Style::Plain {
            let indicators = if flow { self.flow_indicators } else { self.block_indicators };
            let broken = self.edge || self.break_space || self.space_break || self.multiline;
            let blank = self.empty && (flow || simple_key);
            if indicators || broken || special || self.tab || blank {
                style = Style::SingleQuoted;
            }
        }
        if style == Style::SingleQuoted && (self.break_space || self.space_break || special || self.tab) {
            style = Style::DoubleQuoted;
        }
        let block = matches!(style, Style::Literal | Style::Folded);
        let block_allowed = !self.trailing_space && !self.space_break && !special && !self.empty;
        if block && (!block_allowed || flow || simple_key) {
            style = Style::DoubleQuoted;
        }
        style
    }
}

/// Whether the text reads back as a string when it stands without quotes, and old parsers agree.
fn reads_as_string(text: &[u8], dialect: Dialect) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    resolve(text) == Scalar::Str && !is_base60(text) && (dialect.is_v2() || !is_signed_octal(text))
}

/// `0o+7`: go-yaml v3 reads a sign behind the prefix.
fn is_signed_octal(text: &str) -> bool {
    match text.strip_prefix("0o") {
        Some(digits) => parse_int(&digits.replace('_', ""), 8, 64).is_ok(),
        None => false,
    }
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`, a YAML 1.1 number that go-yaml itself does not read.
fn is_base60(text: &str) -> bool {
    let bytes = text.as_bytes();
    let bytes = match bytes {
        [b'+' | b'-', rest @ ..] => rest,
        bytes => bytes,
    };
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    let mut rest = &bytes[digits(bytes)..];
    let mut groups = 0;
    loop {
        rest = match rest {
            [b':', b'0'..=b'5', b'0'..=b'9', rest @ ..] | [b':', b'0'..=b'9', rest @ ..] => rest,
            _ => break,
        };
        groups += 1;
    }
    if let [b'.', fraction @ ..] = rest {
        rest = &fraction[digits(fraction)..];
    }
    groups > 0 && rest.is_empty()
}

/// libyaml's idea of a printable character; nothing beyond the basic plane is.
pub(super) fn is_printable(text: &[u8], at: usize) -> bool {
    let next = |offset: usize| text.get(at + offset).copied().unwrap_or(0);
    match text[at] {
        b'\n' | 0x20..=0x7E => true,
        0xC2 => next(1) >= 0xA0,
        0xC3..=0xEC | 0xEE => true,
        0xED => next(1) < 0xA0,
        0xEF => !matches!((next(1), next(2)), (0xBB, 0xBF) | (0xBF, 0xBE | 0xBF)),
        _ => false,
    }
}

/// Length of the line break at a place as the emitter sees it: CR and LF are two.
pub(super) fn emitted_break_len(text: &[u8], at: usize) -> usize {
    match break_len(text, at) {
        2 if text[at] == b'\r' => 1,
        len => len,
    }
}
