use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// A text with a signature behind it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) struct ClearSigned {
    /// The text as people read it.
    pub(in crate::source) text: Vec<u8>,
    /// The text as it is signed: lines end with CR LF, spaces at their ends do not count.
    pub(in crate::source) signed: Vec<u8>,
    /// The packets of the signature.
    pub(in crate::source) signature: Vec<u8>,
}

/// Takes the first clear-signed text apart; `None` when there is none. What stands before and behind
/// it is nobody's.
pub(in crate::source) fn clear_signed(data: &[u8]) -> Option<ClearSigned> {
    let data = str::from_utf8(data).ok()?;
    let start = match data.starts_with(BEGIN) {
        true => 0,
        false => data.find(&format!("\n{BEGIN}"))? + 1,
    };
    let mut lines = data[start..].split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    if lines.next()? != BEGIN {
        return None;
    }
    // The one header there may be names hash functions; the signature itself decides.
    for header in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
        let (name, _) = header.split_once(':')?;
        if name.trim() != "Hash" {
            return None;
        }
    }
    let mut text: Vec<&str> = Vec::new();
    loop {
        let line = lines.next()?;
        if line == SIGNATURE {
            break;
        }
        text.push(line.strip_prefix("- ").unwrap_or(line).trim_end_matches([' ', '\t']));
    }
    let armored: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with(END)).collect();
    Some(ClearSigned {
        text: text.join("\n").into_bytes(),
        signed: text.join("\r\n").into_bytes(),
        signature: body(&armored)?,
    })
}

/// The bytes of the first armored block of a kind.
pub(super) fn armored(data: &[u8], kind: &str) -> Option<Vec<u8>> {
    let data = str::from_utf8(data).ok()?;
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let mut lines = data.lines().map(str::trim_end).skip_while(|line| *line != begin);
    lines.next()?;
    let block: Vec<&str> = lines.take_while(|line| *line != end).collect();
    body(&block)
}

/// Headers, an empty line, base64, and a checksum that protects from nothing.
fn body(lines: &[&str]) -> Option<Vec<u8>> {
    let start = lines.iter().position(|line| line.trim().is_empty()).map_or(0, |at| at + 1);
    let encoded: String = lines[start..].iter().map(|line| line.trim()).filter(|line| !line.starts_with('=')).collect();
    STANDARD.decode(encoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_signed_texts_are_taken_apart() {
        let text = "before\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\na  \r\n- -b\n\n-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\nAQ\nI=\n=abcd\n-----END PGP SIGNATURE-----\n";
        let found = clear_signed(text.as_bytes()).unwrap();
        assert_eq!(found.text, b"a\n-b\n");
        assert_eq!(found.signed, b"a\r\n-b\r\n");
        assert_eq!(found.signature, [1, 2]);
        assert!(clear_signed(text.replace("Hash:", "Trust:").as_bytes()).is_none());
        assert!(clear_signed(b"-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n").is_none());
        assert!(clear_signed(b"").is_none());
        assert_eq!(armored(b"-----BEGIN X-----\n\nAQI=\n-----END X-----\n", "X").unwrap(), [1, 2]);
    }
}
