//! Where lines begin and how collections are laid out, after libyaml's emitter as go-yaml has it.

use super::Dialect;
use super::analysis::{Analysis, analyze};
use crate::yaml::Style;

/// A key longer than this, in bytes, is marked by `?`.
const MAX_SIMPLE_KEY: usize = 128;

/// go-yaml v2 breaks lines behind this column.
const WIDTH: usize = 80;

const INDENT: i32 = 2;

/// What the next value is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Root,
    Item,
    SimpleKey,
    /// A mapping's value, or its key behind `?`.
    InMapping,
}

/// An open collection.
#[derive(Clone, Copy, Debug)]
struct Level {
    indent: i32,
    flow: bool,
    first: bool,
}

/// Writes scalars and collections one after the other.
pub(super) struct Emitter {
    pub(super) out: Vec<u8>,
    pub(super) dialect: Dialect,
    pub(super) column: usize,
    pub(super) whitespace: bool,
    pub(super) indention: bool,
    /// Indentation of the innermost block; that of a scalar while it is written.
    pub(super) indent: i32,
    levels: Vec<Level>,
    place: Place,
}

impl Emitter {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            out: Vec::new(),
            dialect,
            column: 0,
            whitespace: true,
            indention: true,
            indent: -1,
            levels: Vec::new(),
            place: Place::Root,
        }
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.indent = -1;
        self.write_indent();
        self.out
    }

    // ---- values ----

    /// Writes `null`, a boolean or a number.
    pub(super) fn literal(&mut self, text: &[u8]) {
        if !self.whitespace {
            self.put(b' ');
        }
        self.out.extend_from_slice(text);
        self.column += text.len();
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a string in the given style, or the nearest that can hold it.
    pub(super) fn scalar(&mut self, text: &[u8], wanted: Style, analysis: &Analysis) {
        self.write_scalar(text, wanted, analysis);
    }

    /// Writes a string in the style that the encoder chooses.
    pub(super) fn string(&mut self, text: &[u8]) {
        let analysis = analyze(text);
        let style = analysis.natural_style(text, self.dialect);
        self.scalar(text, style, &analysis);
    }

    fn write_scalar(&mut self, text: &[u8], wanted: Style, analysis: &Analysis) {
        let flow = self.in_flow();
        let simple_key = self.place == Place::SimpleKey;
        let style = analysis.style(wanted, self.dialect, flow, simple_key);
        let before = self.indent;
        self.indent = if before < 0 { INDENT } else { before + INDENT };
        match style {
            Style::Plain => self.write_plain(text, analysis, !simple_key),
            Style::SingleQuoted => self.write_single_quoted(text, !simple_key),
            Style::DoubleQuoted => self.write_double_quoted(text, !simple_key),
            Style::Literal => self.write_literal(text),
            Style::Folded => self.write_folded(text),
        }
        self.indent = before;
    }

    /// Writes `&name` before the next value, or `*name` as one.
    pub(super) fn anchor(&mut self, sign: u8, name: &str) {
        self.write_indicator(&[sign], true, false, false);
        self.write_all(name.as_bytes());
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a tag before the next value.
    pub(super) fn tag(&mut self, tag: &str) {
        if !self.whitespace {
            self.put(b' ');
        }
        if let Some(name) = tag.strip_prefix('!') {
            self.write_tag("!", name, "");
        } else if let Some(name) = tag.strip_prefix("tag:yaml.org,2002:") {
            self.write_tag("!!", name, "");
        } else {
            self.write_tag("!<", tag, ">");
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn write_tag(&mut self, before: &str, content: &str, behind: &str) {
        self.write_all(before.as_bytes());
        for byte in content.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_;/?:@&=+$,.~*'()[]".contains(&byte) {
                self.put(byte);
            } else {
                self.write_all(format!("%{byte:02X}").as_bytes());
            }
        }
        self.write_all(behind.as_bytes());
    }

    // ---- collections ----

    /// Starts a mapping; [`Emitter::key`], a value, and so on until [`Emitter::close_map`].
    pub(super) fn open_map(&mut self, empty: bool, flow: bool) {
        let flow = flow || empty || self.in_flow();
        let indent = match self.indent {
            indent if indent >= 0 => indent + INDENT,
            _ if flow => INDENT,
            _ => 0,
        };
        self.open(indent, flow, b'{');
    }

    /// Starts a sequence; [`Emitter::item`], a value, and so on until [`Emitter::close_seq`].
    pub(super) fn open_seq(&mut self, empty: bool, flow: bool) {
        let flow = flow || empty || self.in_flow();
        let compact = self.place == Place::InMapping
            && match self.dialect {
                Dialect::GoV2 => !self.indention,
                Dialect::GoV3 => false,
                Dialect::GoV3Compact => self.column == 0 || !self.indention,
            };
        let indent = match self.indent {
            indent if indent >= 0 && compact && !flow => indent,
            indent if indent >= 0 => indent + INDENT,
            _ if flow => INDENT,
            _ => 0,
        };
        self.open(indent, flow, b'[');
    }

    fn open(&mut self, indent: i32, flow: bool, bracket: u8) {
        if flow {
            self.write_indicator(&[bracket], true, true, false);
        }
        self.levels.push(Level { indent: self.indent, flow, first: true });
        self.indent = indent;
    }

    pub(super) fn close_map(&mut self) {
        self.close(b'}');
    }

    pub(super) fn close_seq(&mut self) {
        self.close(b']');
    }

    fn close(&mut self, bracket: u8) {
        if let Some(level) = self.levels.pop() {
            self.indent = level.indent;
            if level.flow {
                self.write_indicator(&[bracket], false, false, false);
            }
        }
    }

    /// Starts the next item of a sequence.
    pub(super) fn item(&mut self) {
        if self.in_flow() {
            self.next_in_flow();
        } else {
            self.write_indent();
            self.write_indicator(b"-", true, false, true);
        }
        self.place = Place::Item;
    }

    /// Writes the next key of a mapping.
    pub(super) fn key(&mut self, text: &[u8], wanted: Style, analysis: &Analysis) {
        let simple = !analysis.multiline && text.len() <= MAX_SIMPLE_KEY;
        self.begin_key(simple);
        self.write_scalar(text, wanted, analysis);
        self.end_key(simple);
    }

    /// Writes a key in the style that the encoder chooses.
    pub(super) fn string_key(&mut self, text: &[u8]) {
        let analysis = analyze(text);
        let style = analysis.natural_style(text, self.dialect);
        self.key(text, style, &analysis);
    }

    /// Starts a key that is no plain scalar; write it as a value, then call [`Emitter::end_key`].
    pub(super) fn begin_key(&mut self, simple: bool) {
        let flow = self.in_flow();
        if flow {
            self.next_in_flow();
        } else {
            self.write_indent();
        }
        if simple {
            self.place = Place::SimpleKey;
        } else {
            self.write_indicator(b"?", true, false, !flow);
            self.place = Place::InMapping;
        }
    }

    /// Ends a key.
    pub(super) fn end_key(&mut self, simple: bool) {
        let flow = self.in_flow();
        if simple {
            self.write_indicator(b":", false, false, false);
        } else {
            if !flow || self.column > self.width() {
                self.write_indent();
            }
            self.write_indicator(b":", true, false, !flow);
        }
        self.place = Place::InMapping;
    }

    fn next_in_flow(&mut self) {
        let first = self.levels.last_mut().is_none_or(|level| std::mem::replace(&mut level.first, false));
        if !first {
            self.write_indicator(b",", false, false, false);
        }
        if self.column > self.width() {
            self.write_indent();
        }
    }

    fn in_flow(&self) -> bool {
        self.levels.last().is_some_and(|level| level.flow)
    }

    // ---- characters ----

    /// The column behind which lines are broken.
    pub(super) fn width(&self) -> usize {
        if self.dialect.is_v2() { WIDTH } else { usize::MAX }
    }

    pub(super) fn put(&mut self, byte: u8) {
        self.out.push(byte);
        self.column += 1;
    }

    pub(super) fn put_break(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        if !self.dialect.is_v2() {
            self.indention = true;
        }
    }

    /// Writes whole characters that are no line breaks.
    pub(super) fn write_all(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
        self.column += text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
    }

    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.max(0) as usize;
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        if self.column < indent {
            self.out.resize(self.out.len() + indent - self.column, b' ');
            self.column = indent;
        }
        self.whitespace = true;
        if self.dialect.is_v2() {
            self.indention = true;
        }
    }

    pub(super) fn write_indicator(&mut self, text: &[u8], space_before: bool, is_space: bool, is_indention: bool) {
        if space_before && !self.whitespace {
            self.put(b' ');
        }
        self.write_all(text);
        self.whitespace = is_space;
        self.indention = self.indention && is_indention;
    }
}
