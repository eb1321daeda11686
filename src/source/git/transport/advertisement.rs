use std::io::{self, Read};

use super::guard::Guard;
use super::meter::Meter;
use crate::source::error::{LIMIT, MALFORMED, SourceError};

/// The most bytes of a list of refs.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Reads the list of refs that a server starts with, up to its end mark.
pub(super) fn read(stream: &mut impl Read, meter: &Meter) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let mut head = [0; 4];
        fill(stream, &mut head, meter)?;
        let length = std::str::from_utf8(&head).ok().and_then(|head| usize::from_str_radix(head, 16).ok());
        let line = match length {
            Some(0) => {
                text.extend(head);
                return Ok(plain(text));
            }
            Some(length @ 5..) => length - 4,
            _ => {
                let message = format!("{} does not speak the git protocol: invalid packet length", meter.shown());
                return Err(meter.fail(SourceError::world(MALFORMED, message)));
            }
        };
        let start = text.len();
        text.extend(head);
        text.resize(start + 4 + line, 0);
        fill(stream, &mut text[start + 4..], meter)?;
        if text[start + 4..].starts_with(b"ERR ") {
            // The server has nothing more to say; libgit2 reports the line.
            return Ok(plain(text));
        }
        if text.len() > MAX_BYTES {
            return Err(too_large(meter));
        }
    }
}

pub(super) fn too_large(meter: &Meter) -> io::Error {
    let message = format!("{} lists more refs than the limit of {MAX_BYTES} bytes: too large", meter.shown());
    meter.fail(SourceError::policy(LIMIT, message))
}

/// Replaces what is no UTF-8: the binding to libgit2 takes every ref's name for UTF-8.
pub(super) fn plain(mut text: Vec<u8>) -> Vec<u8> {
    while let Err(error) = std::str::from_utf8(&text) {
        let at = error.valid_up_to();
        let length = error.error_len().unwrap_or(text.len() - at);
        text[at..at + length].fill(b'?');
    }
    text
}

fn fill(stream: &mut impl Read, mut buffer: &mut [u8], meter: &Meter) -> io::Result<()> {
    while !buffer.is_empty() {
        let count = stream.read(buffer)?;
        if count == 0 {
            return Err(meter.broken(&io::ErrorKind::UnexpectedEof.into()));
        }
        buffer = &mut buffer[count..];
    }
    Ok(())
}

/// A stream that starts with a list of refs already read; what follows is watched.
pub(super) struct Resumed<S> {
    start: io::Cursor<Vec<u8>>,
    stream: S,
    guard: Guard,
    meter: Meter,
}

impl<S> Resumed<S> {
    pub(super) fn new(start: Vec<u8>, stream: S, meter: &Meter) -> Self {
        Self { start: io::Cursor::new(start), stream, guard: meter.guard(), meter: meter.clone() }
    }
}

impl<S: Read> Read for Resumed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.start.read(buffer)? {
            0 => {
                let count = self.stream.read(buffer)?;
                self.meter.watch(&mut self.guard, &buffer[..count])?;
                Ok(count)
            }
            count => Ok(count),
        }
    }
}

impl<S: io::Write> io::Write for Resumed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
