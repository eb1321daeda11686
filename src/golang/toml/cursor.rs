use super::super::utf8;

/// Why a text is not TOML.
#[derive(Debug)]
pub(super) struct Problem {
    /// 1-based; errors at the end of a text can name the line before the first.
    pub line: i64,
    pub message: String,
}

/// Walks over a text character by character, up to four back, and knows where an error belongs.
pub(super) struct Cursor<'a> {
    input: &'a [u8],
    /// Where the current piece begins.
    start: usize,
    at: usize,
    line: i64,
    /// The last step found the end.
    ended: bool,
    /// Widths of the last characters, the latest first.
    widths: [usize; 4],
}

impl<'a> Cursor<'a> {
    pub fn new(input: &'a [u8]) -> Self {
        Self { input, start: 0, at: 0, line: 1, ended: false, widths: [0; 4] }
    }

    /// The line of the next character.
    pub fn line(&self) -> i64 {
        self.line
    }

    /// The next character; `None` at the end.
    pub fn next(&mut self) -> Result<Option<char>, Problem> {
        let Some(rest) = self.input.get(self.at..).filter(|rest| !rest.is_empty()) else {
            self.ended = true;
            return Ok(None);
        };
        let (char, width) = utf8::decode(rest);
        let line = self.line;
        let Some(char) = char else {
            return Err(Problem { line, message: format!("invalid UTF-8 byte: 0x{:02x}", rest[0]) });
        };
        let control = matches!(char, '\0'..='\x1F' | '\x7F') && !matches!(char, '\t' | '\n' | '\r');
        if control || (char == '\r' && rest.get(1) != Some(&b'\n')) {
            let message = format!("TOML files cannot contain control characters: '0x{:02x}'", u32::from(char));
            return Err(Problem { line, message });
        }
        if char == '\n' {
            self.line += 1;
        }
        self.widths = [width, self.widths[0], self.widths[1], self.widths[2]];
        self.at += width;
        Ok(Some(char))
    }

    /// One character back.
    pub fn back(&mut self) {
        if std::mem::take(&mut self.ended) {
            return;
        }
        self.at -= self.widths[0];
        self.widths = [self.widths[1], self.widths[2], self.widths[3], 0];
        if self.input.get(self.at) == Some(&b'\n') {
            self.line -= 1;
        }
    }

    /// The next character, which stays.
    pub fn peek(&mut self) -> Result<Option<char>, Problem> {
        let next = self.next()?;
        self.back();
        Ok(next)
    }

    /// Steps over the next character if it is this one.
    pub fn accept(&mut self, wanted: char) -> Result<bool, Problem> {
        let found = self.next()? == Some(wanted);
        if !found {
            self.back();
        }
        Ok(found)
    }

    /// Steps over all characters of a kind.
    pub fn skip(&mut self, kind: impl Fn(char) -> bool) -> Result<(), Problem> {
        while self.next()?.is_some_and(&kind) {}
        self.back();
        Ok(())
    }

    /// Lets a piece begin here.
    pub fn mark(&mut self) {
        self.start = self.at;
    }

    /// The piece so far.
    pub fn piece(&self) -> &'a str {
        // Every character of it has been decoded.
        std::str::from_utf8(&self.input[self.start..self.at]).unwrap_or_default()
    }

    /// An error here; at the end of a text in its last line that is not empty.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        let after_line = self.at >= 1 && self.input[self.at - 1] == b'\n';
        Problem { line: self.line - i64::from(self.ended && after_line), message: message.into() }
    }

    /// An error in the line before this one.
    pub fn problem_before(&self, message: impl Into<String>) -> Problem {
        Problem { line: self.line - 1, message: message.into() }
    }

    /// An error here, or at the end of a text in the line before.
    pub fn problem_or_before(&self, message: impl Into<String>) -> Problem {
        Problem { line: self.line - i64::from(self.ended), message: message.into() }
    }
}
