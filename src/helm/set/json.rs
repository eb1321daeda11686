use crate::golang;
use crate::value::Frozen;

/// Reads one JSON value at the start of `text`, as Go's decoder does: what follows the value is left.
/// Gives the value and how many bytes it takes; `None` when there is no JSON value.
pub fn decode_first(text: &str) -> Option<(Frozen, usize)> {
    let start = text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let end = start + length(&text.as_bytes()[start..])?;
    let value = golang::json::unmarshal(&text.as_bytes()[start..end]).ok()?;
    Some((value, end))
}

/// The length of the value that begins here, found by its brackets and quotes; whether it is well
/// formed shows when it is parsed.
fn length(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' => string_length(bytes),
        b'{' | b'[' => {
            let mut depth = 0usize;
            let mut at = 0;
            while at < bytes.len() {
                match bytes[at] {
                    b'"' => at += string_length(&bytes[at..])? - 1,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            None
        }
        b't' | b'n' => (bytes.len() >= 4).then_some(4),
        b'f' => (bytes.len() >= 5).then_some(5),
        _ => Some(number_length(bytes)),
    }
}

fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

fn number_length(bytes: &[u8]) -> usize {
    let digits = |at: usize| bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    at += if bytes.get(at) == Some(&b'0') { 1 } else { digits(at) };
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        at += digits(at);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        at += digits(at);
    }
    at
}
