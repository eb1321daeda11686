use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::failure::go_words;

/// The most bytes of one file that the command line names: devices and pipes may have no end.
pub const MAX_BYTES: u64 = 100 * 1024 * 1024;

/// Reads a file, pipe or device that the command line names. The error is Helm's text.
pub fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let failed = |error: &io::Error| {
        let operation = if fs::metadata(path).is_ok_and(|meta| meta.is_dir()) { "read" } else { "open" };
        format!("{operation} {shown}: {}", go_words(error))
    };
    let file = File::open(path).map_err(|error| failed(&error))?;
    let text = read_bounded(file, MAX_BYTES).map_err(|error| failed(&error))?;
    text.ok_or_else(|| format!("read {shown}: exceeded the limit of {MAX_BYTES} bytes"))
}

/// Reads standard input. The error is Helm's text.
pub fn read_stdin() -> Result<Vec<u8>, String> {
    let text = read_bounded(io::stdin().lock(), MAX_BYTES).map_err(|error| go_words(&error))?;
    text.ok_or_else(|| format!("read /dev/stdin: exceeded the limit of {MAX_BYTES} bytes"))
}

/// The whole content, or nothing when it is longer than `limit` bytes.
fn read_bounded(from: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    from.take(limit + 1).read_to_end(&mut text)?;
    Ok((text.len() as u64 <= limit).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_refused() {
        assert_eq!(read_bounded(io::repeat(b'x'), 10).unwrap(), None);
        assert_eq!(read_bounded(&b"0123456789"[..], 10).unwrap().unwrap(), b"0123456789");
    }
}
