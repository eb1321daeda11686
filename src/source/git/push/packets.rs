use std::io::{self, Read};

/// The most bytes of a line of the protocol.
const MAX_LINE: usize = 65_520;

/// A line of git's protocol, or one of its marks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet {
    Line(Vec<u8>),
    Flush,
    /// The connection ended where a line would begin.
    End,
}

/// Adds a line.
pub(super) fn line(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(format!("{:04x}", text.len() + 4).as_bytes());
    out.extend_from_slice(text);
}

/// Adds the mark that ends a list of lines.
pub(super) fn flush(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0000");
}

/// Reads the next line.
pub(super) fn read(stream: &mut impl Read) -> io::Result<Packet> {
    let mut head = [0; 4];
    let mut got = 0;
    while got < head.len() {
        match stream.read(&mut head[got..])? {
            0 if got == 0 => return Ok(Packet::End),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => got += count,
        }
    }
    let length = std::str::from_utf8(&head).ok().and_then(|head| usize::from_str_radix(head, 16).ok());
    match length {
        Some(0..=3) => Ok(Packet::Flush),
        Some(length @ 4..=MAX_LINE) => {
            let mut text = vec![0; length - 4];
            stream.read_exact(&mut text)?;
            Ok(Packet::Line(text))
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "invalid packet length")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_marks_are_read_as_they_were_written() {
        let mut text = Vec::new();
        line(&mut text, b"hello\n");
        flush(&mut text);
        assert_eq!(text, b"000ahello\n0000");
        let mut stream = &text[..];
        assert_eq!(read(&mut stream).unwrap(), Packet::Line(b"hello\n".to_vec()));
        assert_eq!(read(&mut stream).unwrap(), Packet::Flush);
        assert_eq!(read(&mut stream).unwrap(), Packet::End);
        assert!(read(&mut &b"zzzz"[..]).is_err());
        assert!(read(&mut &b"00"[..]).is_err());
        assert!(read(&mut &b"0009ab"[..]).is_err());
    }
}
