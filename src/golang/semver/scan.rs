/// The parts of a version as written: `v1.2.3-pre+meta` with anything after the first number
/// optional.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts<'a> {
    pub text: &'a str,
    pub major: &'a str,
    pub minor: Option<&'a str>,
    pub patch: Option<&'a str>,
    pub pre: Option<&'a str>,
    pub metadata: Option<&'a str>,
}

/// Walks over a text from its front.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    pub rest: &'a str,
}

impl<'a> Scan<'a> {
    /// Takes all characters of a kind.
    pub fn take(&mut self, kind: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest.bytes().take_while(|byte| byte.is_ascii() && kind(*byte)).count();
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Takes white space.
    pub fn space(&mut self) -> &'a str {
        self.take(|byte| matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' '))
    }

    /// Takes the longest version, whose numbers are made of the given characters.
    pub fn version(&mut self, number: fn(u8) -> bool) -> Option<Parts<'a>> {
        let start = *self;
        if let Some(rest) = self.rest.strip_prefix('v') {
            self.rest = rest;
        }
        let major = self.take(number);
        if major.is_empty() {
            *self = start;
            return None;
        }
        let minor = self.behind_point(number);
        let patch = self.behind_point(number).filter(|_| minor.is_some());
        let pre = self.identifiers('-');
        let metadata = self.identifiers('+');
        let text = &start.rest[..start.rest.len() - self.rest.len()];
        Some(Parts { text, major, minor, patch, pre, metadata })
    }

    fn behind_point(&mut self, number: fn(u8) -> bool) -> Option<&'a str> {
        let mut ahead = Scan { rest: self.rest.strip_prefix('.')? };
        let digits = ahead.take(number);
        if digits.is_empty() {
            return None;
        }
        *self = ahead;
        Some(digits)
    }

    /// Takes identifiers separated by points behind a mark.
    fn identifiers(&mut self, mark: char) -> Option<&'a str> {
        let is_identifier = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let inner = self.rest.strip_prefix(mark)?;
        let mut ahead = Scan { rest: inner };
        if ahead.take(is_identifier).is_empty() {
            return None;
        }
        let mut end = ahead;
        while let Some(rest) = ahead.rest.strip_prefix('.') {
            ahead.rest = rest;
            if ahead.take(is_identifier).is_empty() {
                break;
            }
            end = ahead;
        }
        self.rest = end.rest;
        Some(&inner[..inner.len() - end.rest.len()])
    }
}
