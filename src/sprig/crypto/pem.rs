//! PEM blocks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A block with lines of 64 characters, as Go's `pem.Encode` writes it.
pub fn encode(label: &str, content: &[u8]) -> String {
    let body = STANDARD.encode(content);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The first block of a text: its label and content. Headers are skipped.
pub fn decode(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end());
    loop {
        let begin = lines.by_ref().find_map(|line| line.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----"))?;
        let mut body = Vec::new();
        let end = lines.by_ref().find_map(|line| {
            let end = line.strip_prefix(b"-----END ").and_then(|line| line.strip_suffix(b"-----"));
            if end.is_none() && !line.contains(&b':') {
                body.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
            end
        })?;
        if let (true, Ok(content)) = (begin == end, STANDARD.decode(&body)) {
            return Some((String::from_utf8_lossy(begin).into_owned(), content));
        }
    }
}
