use std::borrow::Cow;

/// Text that others wrote, for a terminal: control characters, and characters that turn the reading
/// direction, show as escapes, so that they cannot move the cursor or forge what stands elsewhere. Line
/// breaks and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\r' if rest.peek() == Some(&'\n') => out.push(char),
            char if is_harmful(char) => out.extend(char.escape_default()),
            char => out.push(char),
        }
    }
    Cow::Owned(out)
}

/// The same for a snippet, byte for byte and character for character, so that positions stay right.
pub fn stand_ins(text: String) -> String {
    if !text.chars().any(is_harmful) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        let ends_line = char == '\r' && rest.peek() == Some(&'\n');
        out.push(match char.len_utf8() {
            _ if ends_line || !is_harmful(char) => char,
            1 => '?',
            2 => '\u{bf}',
            _ => char::REPLACEMENT_CHARACTER,
        });
    }
    out
}

fn is_harmful(char: char) -> bool {
    let turns = matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (char.is_control() && !matches!(char, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::{printable, stand_ins};

    #[test]
    fn what_moves_the_cursor_or_turns_text_is_shown() {
        assert_eq!(printable("a\tb\r\nc"), "a\tb\r\nc");
        assert_eq!(printable("a\u{1b}[2Jb\rc\u{9b}\u{202e}d\0"), "a\\u{1b}[2Jb\\rc\\u{9b}\\u{202e}d\\u{0}");
    }

    #[test]
    fn stand_ins_keep_bytes_and_characters() {
        let text = "é\u{1b}[2J\r\u{9b}\u{202e}\r\n\u{7f}x";
        let safe = stand_ins(text.to_owned());
        assert_eq!(safe, "é?[2J?\u{bf}\u{fffd}\r\n?x");
        assert_eq!((safe.len(), safe.chars().count()), (text.len(), text.chars().count()));
    }
}
