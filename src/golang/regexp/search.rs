use std::borrow::Cow;
use std::ops::Range;

use super::super::utf8;
use super::Regexp;
use super::expand::expand;

/// A text as the engine takes it.
struct Haystack<'a> {
    text: Cow<'a, str>,
    /// For a text that was not UTF-8: the place in it of each byte of `text`, and its end.
    places: Option<Vec<usize>>,
}

impl<'a> Haystack<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Haystack { text: Cow::Borrowed(text), places: None };
        }
        let mut text = String::with_capacity(bytes.len() + 16);
        let mut places = Vec::with_capacity(bytes.len() + 16);
        for (at, char) in utf8::chars(bytes) {
            text.push(char);
            places.resize(text.len(), at);
        }
        places.push(bytes.len());
        Haystack { text: Cow::Owned(text), places: Some(places) }
    }

    fn range(&self, range: Range<usize>) -> Range<usize> {
        match &self.places {
            None => range,
            Some(places) => places[range.start]..places[range.end],
        }
    }
}

/// How much searches may do.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most matches that are collected.
    pub matches: usize,
    /// The longest result in bytes.
    pub bytes: usize,
    /// Bytes that may be looked at; what is used is taken off.
    pub scan: u64,
}

impl Bounds {
    /// None that anything comes near.
    pub const NONE: Self = Self { matches: usize::MAX, bytes: usize::MAX, scan: u64::MAX };

    /// Takes off what finding the match that ends at `end` may have cost.
    fn found(&mut self, regexp: &Regexp, text: usize, start: usize, end: usize) -> Option<()> {
        let looked = if regexp.looks_ahead { text - start } else { end - start };
        self.scan = self.scan.checked_sub(regexp.slowness() * (looked as u64 + 16))?;
        Some(())
    }
}

impl Regexp {
    /// Whether the pattern matches anywhere (`MatchString`).
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.engine.is_match(&Haystack::new(text).text)
    }

    /// The first match (`FindStringIndex`).
    pub fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        let haystack = Haystack::new(text);
        self.engine.find(&haystack.text).map(|found| haystack.range(found.range()))
    }

    /// Up to `limit` matches, all for a negative one (`FindAllStringIndex`). An empty match right
    /// behind another match does not count. `None` when a bound is exceeded.
    pub fn find_all(&self, text: &[u8], limit: i64, bounds: &mut Bounds) -> Option<Vec<Range<usize>>> {
        let haystack = Haystack::new(text);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut places = Vec::new();
        let mut searched = 0;
        for found in self.engine.find_iter(&haystack.text).take(limit) {
            bounds.found(self, haystack.text.len(), searched, found.end())?;
            searched = found.end();
            if places.len() == bounds.matches {
                return None;
            }
            places.push(haystack.range(found.range()));
        }
        Some(places)
    }

    /// Replaces all matches by a template with `$1`, `${name}` and `$$` (`ReplaceAllString`).
    /// `None` when a bound is exceeded.
    pub fn replace_all(&self, text: &[u8], template: &[u8], bounds: &mut Bounds) -> Option<Vec<u8>> {
        if !template.contains(&b'$') {
            return self.replace_all_literal(text, template, bounds);
        }
        let haystack = Haystack::new(text);
        let mut out = Vec::new();
        let mut copied = 0;
        for captures in self.engine.captures_iter(&haystack.text) {
            let groups: Vec<Option<&[u8]>> =
                captures.iter().map(|group| group.map(|group| &text[haystack.range(group.range())])).collect();
            let place = captures.get(0).map_or(0..0, |found| haystack.range(found.range()));
            bounds.found(self, text.len(), copied, place.end)?;
            out.extend_from_slice(&text[copied..place.start]);
            expand(&mut out, template, &self.names, &groups);
            copied = place.end;
            if out.len() > bounds.bytes {
                return None;
            }
        }
        out.extend_from_slice(&text[copied..]);
        Some(out)
    }

    /// Replaces all matches by a text (`ReplaceAllLiteralString`). `None` when a bound is exceeded.
    pub fn replace_all_literal(&self, text: &[u8], replacement: &[u8], bounds: &mut Bounds) -> Option<Vec<u8>> {
        let haystack = Haystack::new(text);
        let mut out = Vec::new();
        let mut copied = 0;
        for found in self.engine.find_iter(&haystack.text) {
            let place = haystack.range(found.range());
            bounds.found(self, text.len(), copied, place.end)?;
            out.extend_from_slice(&text[copied..place.start]);
            out.extend_from_slice(replacement);
            copied = place.end;
            if out.len() > bounds.bytes {
                return None;
            }
        }
        out.extend_from_slice(&text[copied..]);
        Some(out)
    }

    /// The pieces between matches, up to `limit` of them, all for a negative one (`Split`). `None`
    /// when a bound is exceeded. A limit of zero gives no pieces.
    pub fn split<'t>(&self, text: &'t [u8], limit: i64, bounds: &mut Bounds) -> Option<Vec<&'t [u8]>> {
        if limit == 0 {
            return Some(Vec::new());
        }
        if !self.is_empty && text.is_empty() {
            return Some(vec![b""]);
        }
        let mut pieces = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for found in self.find_all(text, limit, bounds)? {
            if limit > 0 && pieces.len() as i64 == limit - 1 {
                break;
            }
            end = found.start;
            if found.end != 0 {
                pieces.push(&text[begin..end]);
            }
            begin = found.end;
        }
        if end != text.len() {
            pieces.push(&text[begin..]);
        }
        Some(pieces)
    }
}

/// The text as a pattern that matches only itself (`QuoteMeta`).
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}
