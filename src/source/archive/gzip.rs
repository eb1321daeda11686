use std::io::Read;

use flate2::bufread::GzDecoder;

use super::{ArchiveError, ArchiveProblem};

const MAGIC: &[u8] = b"\x1f\x8b";
const HEADER_BYTES: usize = 10;
/// As many bytes as Go's content sniffer looks at.
const SNIFFED: usize = 512;

/// Refuses a file that a user named as an archive but that is none, in the words of Helm, which
/// names what the file seems to be.
pub fn expect_gzip(bytes: &[u8], shown: &str) -> Result<(), ArchiveError> {
    if bytes.starts_with(b"\x1f\x8b\x08") {
        return Ok(());
    }
    let yaml_name = shown.ends_with(".yml") || shown.ends_with(".yaml");
    let problem = ArchiveProblem::NotGzip { content_type: content_type(bytes), yaml_name, file: shown.to_owned() };
    Err(ArchiveError { archive: shown.to_owned(), problem })
}

/// The types that people do hand over by mistake, as `http.DetectContentType` names them. A file
/// shorter than the sniffed block counts as binary because Helm pads it with zeros.
fn content_type(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(SNIFFED)];
    let text = head.trim_ascii_start();
    let begins = |word: &str| text.len() > word.len() && text[..word.len()].eq_ignore_ascii_case(word.as_bytes());
    if begins("<!DOCTYPE HTML") || begins("<html") || begins("<head") {
        "text/html; charset=utf-8"
    } else if text.starts_with(b"<?xml") {
        "text/xml; charset=utf-8"
    } else if head.starts_with(b"PK\x03\x04") {
        "application/zip"
    } else if head.starts_with(b"%PDF-") {
        "application/pdf"
    } else if head.len() == SNIFFED && !head.iter().any(|byte| is_binary(*byte)) {
        "text/plain; charset=utf-8"
    } else {
        "application/octet-stream"
    }
}

fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

/// Whether this is a gzip stream by its first bytes.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// What a gzip stream inflates to.
pub(super) struct Inflated {
    /// The content, or as much of it as the limit allows.
    pub(super) bytes: Vec<u8>,
    /// Whether there is more than the limit allows.
    pub(super) cut_off: bool,
}

/// Inflates all members of a gzip stream one after the other, checking their checksums. What
/// follows the last member and is not gzip is ignored, as Helm never looks at it.
pub(super) fn inflate(bytes: &[u8], limit: u64) -> Result<Inflated, ArchiveProblem> {
    // Go reads the whole header before it looks at it.
    if (1..HEADER_BYTES).contains(&bytes.len()) {
        return Err(ArchiveProblem::UnexpectedEnd);
    }
    if !bytes.starts_with(MAGIC) {
        return Err(ArchiveProblem::GzipHeader);
    }
    let mut inflated = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(MAGIC) {
        let room = limit - inflated.len() as u64;
        let mut decoder = GzDecoder::new(rest);
        // One byte more than allowed, to tell "just fits" from "too large".
        let read = decoder.by_ref().take(room.saturating_add(1)).read_to_end(&mut inflated);
        if inflated.len() as u64 > limit {
            return Ok(Inflated { bytes: inflated, cut_off: true });
        }
        read.map_err(|error| ArchiveProblem::Gzip(error.to_string()))?;
        rest = decoder.into_inner();
    }
    Ok(Inflated { bytes: inflated, cut_off: false })
}
