//! Scalars on one line, and block scalars.

use std::borrow::Cow;

use super::Reader;

/// What follows a plain scalar on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// A colon that makes it a key.
    Colon,
    /// Nothing, or a comment.
    Line,
}

/// A plain scalar.
pub(super) struct Text<'s> {
    pub(super) text: &'s str,
    pub(super) ended: Ended,
}

impl<'s> Reader<'s> {
    /// A plain scalar on this line, up to the colon behind it or to the blanks at its end.
    pub(super) fn plain(&mut self) -> Option<Text<'s>> {
        let start = self.pos;
        match self.byte()? {
            b'-' | b'?' | b':' if self.is_blank_at(start + 1) => return None,
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => return None,
            _ => {}
        }
        let rest = &self.bytes[start..];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        let mut end = line.len();
        let mut ended = Ended::Line;
        for at in memchr::memchr3_iter(b':', b'#', b'\t', line) {
            match line[at] {
                b':' if matches!(line.get(at + 1), None | Some(b' ')) => {
                    (end, ended) = (at, Ended::Colon);
                    break;
                }
                b'#' if at > 0 && line[at - 1] == b' ' => {
                    end = at;
                    break;
                }
                b'\t' => return None,
                _ => {}
            }
        }
        self.pos = start + end;
        let text = self.text[start..self.pos].trim_end_matches(' ');
        if ended == Ended::Line {
            self.pos = start + text.len();
        }
        Some(Text { text, ended })
    }

    /// A quoted scalar on one line, with its quotes; the text is empty unless it is wanted.
    pub(super) fn quoted(&mut self, wanted: bool) -> Option<Cow<'s, str>> {
        let quote = self.byte()?;
        self.pos += 1;
        let mut text = Cow::Borrowed("");
        let mut take = |part: &'s str| {
            if !wanted || part.is_empty() {
            } else if text.is_empty() {
                text = Cow::Borrowed(part);
            } else {
                text.to_mut().push_str(part);
            }
        };
        loop {
            let start = self.pos;
            let special = |byte: &u8| *byte == quote || *byte == b'\n' || (*byte == b'\\' && quote == b'"');
            self.pos += self.bytes[start..].iter().position(special)?;
            take(&self.text[start..self.pos]);
            let next = self.bytes.get(self.pos + 1).copied();
            self.pos += 2;
            match (self.bytes[self.pos - 2], next) {
                (b'\'', Some(b'\'')) => take("'"),
                (b'\\', Some(escape)) => take(match escape {
                    b'n' => "\n",
                    b't' => "\t",
                    b'r' => "\r",
                    b'"' => "\"",
                    b'\\' => "\\",
                    _ => return None,
                }),
                (byte, _) if byte == quote => {
                    self.pos -= 1;
                    return Some(text);
                }
                _ => return None,
            }
        }
    }

    /// A block scalar of a collection at column `col`, up to the line behind it; the text is empty
    /// unless it is wanted.
    pub(super) fn block_scalar(&mut self, col: i32, wanted: bool) -> Option<String> {
        let literal = self.byte()? == b'|';
        self.pos += 1;
        let chomping = self.byte().filter(|byte| matches!(byte, b'+' | b'-'));
        self.pos += usize::from(chomping.is_some());
        self.spaces();
        if self.byte()? != b'\n' {
            return None;
        }
        self.pos += 1;
        let mut indent = 0;
        let mut text = String::new();
        // Line breaks that are written when another line follows.
        let (mut broken, mut blank_lines) = (false, 0);
        let mut after_blank = false;
        loop {
            let start = self.pos;
            let rest = &self.bytes[start..];
            let limit = if indent == 0 { rest.len() } else { indent.min(rest.len()) };
            let spaces = rest[..limit].iter().position(|byte| *byte != b' ').unwrap_or(limit);
            let next = rest.get(spaces).copied();
            if next == Some(b'\n') {
                // Blank lines that are longer than the indentation found later have rules of their own.
                if indent == 0 && spaces > 0 {
                    return None;
                }
                blank_lines += 1;
                self.pos += spaces + 1;
                continue;
            }
            if indent == 0 {
                if next? == b'\t' || i32::try_from(spaces).ok()? <= col || spaces == 0 {
                    return None;
                }
                indent = spaces;
            }
            match next {
                None if spaces > 0 => return None,
                None => break,
                Some(b'\t') if spaces < indent => return None,
                Some(_) if spaces < indent => break,
                Some(_) => {}
            }
            self.pos += spaces;
            let line_start = self.pos;
            self.next_line();
            let line = &self.text[line_start..self.pos];
            let has_break = line.ends_with('\n');
            if wanted {
                let blank = line.starts_with([' ', '\t']);
                if broken {
                    if literal || after_blank || blank {
                        text.push('\n');
                    } else if blank_lines == 0 {
                        text.push(' ');
                    }
                }
                text.extend(std::iter::repeat_n('\n', blank_lines));
                text.push_str(line.strip_suffix('\n').unwrap_or(line));
                after_blank = blank;
            }
            (broken, blank_lines) = (has_break, 0);
            if !has_break {
                break;
            }
        }
        if wanted {
            if broken && chomping != Some(b'-') {
                text.push('\n');
            }
            if chomping == Some(b'+') {
                text.extend(std::iter::repeat_n('\n', blank_lines));
            }
        }
        Some(text)
    }
}
