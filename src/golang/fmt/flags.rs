use super::super::utf8;

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub width: Option<usize>,
    pub precision: Option<usize>,
    pub minus: bool,
    pub plus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    /// `%#v`: Go syntax.
    pub go_syntax: bool,
    /// `%+v`: structs with the names of their fields.
    pub field_names: bool,
}

impl Flags {
    /// `+` and `#` have other meanings with `%v`.
    pub fn for_v(&mut self) {
        self.go_syntax = self.sharp;
        self.field_names = self.plus;
        self.sharp = false;
        self.plus = false;
    }

    /// Pads what was written since `start` to the width. Zeros only go to the left.
    pub fn pad(&self, out: &mut Vec<u8>, start: usize) {
        self.pad_with(out, start, if self.zero && !self.minus { b'0' } else { b' ' });
    }

    /// Pads with spaces whatever the flags say.
    pub fn pad_spaces(&self, out: &mut Vec<u8>, start: usize) {
        self.pad_with(out, start, b' ');
    }

    fn pad_with(&self, out: &mut Vec<u8>, start: usize, filler: u8) {
        let Some(width) = self.width else { return };
        let missing = width.saturating_sub(utf8::count(&out[start..]));
        if missing == 0 {
            return;
        }
        let end = out.len();
        out.resize(end + missing, filler);
        if !self.minus {
            out.copy_within(start..end, start + missing);
            out[start..start + missing].fill(filler);
        }
    }

    /// Writes and pads a text.
    pub fn padded(&self, out: &mut Vec<u8>, text: &[u8]) {
        let start = out.len();
        out.extend_from_slice(text);
        self.pad(out, start);
    }

    /// The beginning of a text that the precision allows, in characters.
    pub fn truncate<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        match self.precision {
            Some(limit) if limit < text.len() => {
                let end = utf8::chars(text).nth(limit).map_or(text.len(), |(at, _)| at);
                &text[..end]
            }
            _ => text,
        }
    }
}
