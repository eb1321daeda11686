use flate2::{Decompress, FlushDecompress, Status};

/// The most bytes of one object, unpacked: libgit2 holds objects whole, and two of them for a delta.
const MAX_OBJECT_BYTES: u64 = 128 * 1024 * 1024;
/// How much is unpacked at once.
const STEP: usize = 32 * 1024;
/// The first byte of a line that holds a part of the pack.
const PACK_BAND: u8 = 1;
/// No size that could be meant takes more bytes.
const NUMBER_BYTES: usize = 10;
/// The length of an object's id.
const ID_BYTES: usize = 20;

/// Reads along with the answer to a fetch, and says stop before objects are unpacked that are larger
/// than anything honest: a small pack may hold, or build by deltas, objects of any size.
pub(super) struct Guard {
    frame: Frame,
    pack: Pack,
    /// The objects that are still to come.
    left: u32,
    /// The bytes of all objects so far, and how many they may be.
    total: u64,
    most: u64,
}

/// Why an answer is not to be read on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It holds no pack.
    Malformed(&'static str),
    /// It unpacks to too much; the limit in words.
    TooLarge(String),
}

/// Where in the lines of the protocol the answer is.
enum Frame {
    /// In the length of a line.
    Length(Vec<u8>),
    /// At the first byte of a line, which says what it is.
    Mark { left: usize },
    /// In a line, which is of the pack or not.
    Line { left: usize, packed: bool },
    /// In a pack without lines around it.
    Bare,
}

/// Where in the pack it is.
enum Pack {
    /// In the first twelve bytes.
    Header(Vec<u8>),
    /// In the kind and size of an object.
    Head { kind: u8, size: u64, shift: u32 },
    /// In the distance to the base of a delta.
    Distance { size: u64 },
    /// In the id of the base of a delta.
    Base { size: u64, left: usize },
    /// In an object's content.
    Content(Box<Content>),
    /// After the last object.
    End,
}

struct Content {
    inflate: Decompress,
    size: u64,
    /// The first bytes of a delta, which tell the size of what it makes.
    delta: Option<Vec<u8>>,
}

const NEXT: Pack = Pack::Head { kind: 0, size: 0, shift: 0 };

impl Guard {
    /// A guard that lets objects of at most `most` bytes in total pass.
    pub(super) fn new(most: u64) -> Self {
        Self { frame: Frame::Length(Vec::new()), pack: Pack::Header(Vec::new()), left: 0, total: 0, most }
    }

    /// Reads the next bytes of the answer.
    pub(super) fn watch(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while let Some(first) = bytes.first() {
            match &mut self.frame {
                Frame::Bare => return self.unpack(bytes),
                Frame::Length(text) => {
                    text.push(*first);
                    bytes = &bytes[1..];
                    if text.len() == 4 {
                        let text = std::mem::take(text);
                        self.line(&text)?;
                    }
                }
                Frame::Mark { left } => {
                    let packed = *first == PACK_BAND;
                    let left = *left - usize::from(packed);
                    bytes = &bytes[usize::from(packed)..];
                    self.frame = if left == 0 { Frame::Length(Vec::new()) } else { Frame::Line { left, packed } };
                }
                Frame::Line { left, packed } => {
                    let (line, rest) = bytes.split_at((*left).min(bytes.len()));
                    let packed = *packed;
                    *left -= line.len();
                    if *left == 0 {
                        self.frame = Frame::Length(Vec::new());
                    }
                    bytes = rest;
                    if packed {
                        self.unpack(line)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A line begins, whose length is in these four digits.
    fn line(&mut self, length: &[u8]) -> Result<(), Stop> {
        if length == b"PACK" {
            self.frame = Frame::Bare;
            return self.unpack(length);
        }
        let length = std::str::from_utf8(length).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        self.frame = match length {
            // Marks without a line.
            Some(0..=4) => Frame::Length(Vec::new()),
            Some(length) => Frame::Mark { left: length - 4 },
            None => return Err(Stop::Malformed("invalid packet length")),
        };
        Ok(())
    }

    /// Reads the next bytes of the pack.
    fn unpack(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while let Some(first) = bytes.first() {
            match &mut self.pack {
                Pack::End => return Ok(()),
                Pack::Header(text) => {
                    let (now, rest) = bytes.split_at((12 - text.len()).min(bytes.len()));
                    text.extend(now);
                    bytes = rest;
                    if let Ok(header) = <[u8; 12]>::try_from(text.as_slice()) {
                        self.begin(header)?;
                    }
                }
                Pack::Head { kind, size, shift } => {
                    if *shift == 0 {
                        (*kind, *size, *shift) = ((first >> 4) & 7, u64::from(first & 15), 4);
                    } else {
                        *size |= shifted(*first, *shift)?;
                        *shift += 7;
                    }
                    bytes = &bytes[1..];
                    if first & 0x80 == 0 {
                        let (kind, size) = (*kind, *size);
                        self.admit(size)?;
                        self.pack = match kind {
                            1..=4 => content(size, None),
                            6 => Pack::Distance { size },
                            7 => Pack::Base { size, left: ID_BYTES },
                            _ => return Err(Stop::Malformed("an object of no known kind")),
                        };
                    }
                }
                Pack::Distance { size } => {
                    let size = *size;
                    bytes = &bytes[1..];
                    if first & 0x80 == 0 {
                        self.pack = content(size, Some(Vec::new()));
                    }
                }
                Pack::Base { size, left } => {
                    let size = *size;
                    let count = (*left).min(bytes.len());
                    *left -= count;
                    bytes = &bytes[count..];
                    if *left == 0 {
                        self.pack = content(size, Some(Vec::new()));
                    }
                }
                Pack::Content(content) => {
                    let mut out = [0; STEP];
                    let (read, made) = (content.inflate.total_in(), content.inflate.total_out());
                    let status = content
                        .inflate
                        .decompress(bytes, &mut out, FlushDecompress::None)
                        .map_err(|_| Stop::Malformed("an object that cannot be unpacked"))?;
                    let read = usize::try_from(content.inflate.total_in() - read).unwrap_or(bytes.len());
                    let made = usize::try_from(content.inflate.total_out() - made).unwrap_or(STEP);
                    if content.inflate.total_out() > content.size {
                        return Err(Stop::Malformed("an object that is larger than it says"));
                    }
                    let result = match &mut content.delta {
                        Some(start) if start.len() < 2 * NUMBER_BYTES => {
                            let known = result_size(start);
                            start.extend(out[..made].iter().take(2 * NUMBER_BYTES - start.len()));
                            result_size(start).filter(|_| known.is_none())
                        }
                        _ => None,
                    };
                    bytes = &bytes[read..];
                    result.map_or(Ok(()), |size| self.admit(size))?;
                    if status == Status::StreamEnd {
                        self.left -= 1;
                        self.pack = if self.left == 0 { Pack::End } else { NEXT };
                    } else if read == 0 && made == 0 {
                        return Err(Stop::Malformed("an object that cannot be unpacked"));
                    }
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, header: [u8; 12]) -> Result<(), Stop> {
        let [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, count @ ..] = header else {
            return Err(Stop::Malformed("no pack where one should be"));
        };
        self.left = u32::from_be_bytes(count);
        self.pack = if self.left == 0 { Pack::End } else { NEXT };
        Ok(())
    }

    /// Counts an object, or what a delta makes.
    fn admit(&mut self, size: u64) -> Result<(), Stop> {
        if size > MAX_OBJECT_BYTES {
            return Err(Stop::TooLarge(format!(
                "a file of {size} bytes, which is larger than the limit of {MAX_OBJECT_BYTES}"
            )));
        }
        self.total = self.total.saturating_add(size);
        if self.total > self.most {
            return Err(Stop::TooLarge(format!("more than the limit of {} bytes when unpacked", self.most)));
        }
        Ok(())
    }
}

fn content(size: u64, delta: Option<Vec<u8>>) -> Pack {
    Pack::Content(Box::new(Content { inflate: Decompress::new(true), size, delta }))
}

/// The size of what a delta makes, once enough of it is known: the second of two numbers.
fn result_size(start: &[u8]) -> Option<u64> {
    let first = start.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let mut size = 0_u64;
    for (at, byte) in start[first..].iter().enumerate() {
        size |= shifted(*byte, u32::try_from(at * 7).ok()?).unwrap_or(u64::MAX);
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    // A number that is longer than any size.
    (start.len() >= 2 * NUMBER_BYTES).then_some(u64::MAX)
}

/// Seven bits of a number at their place.
fn shifted(byte: u8, shift: u32) -> Result<u64, Stop> {
    let bits = u64::from(byte & 0x7f);
    match bits.checked_shl(shift) {
        Some(value) if value >> shift == bits => Ok(value),
        _ => Err(Stop::TooLarge("an object whose size is no number".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn number(mut rest: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let more = rest > 0x7f;
            bytes.push((rest & 0x7f) as u8 | if more { 0x80 } else { 0 });
            rest >>= 7;
            if !more {
                return bytes;
            }
        }
    }

    fn entry(kind: u8, size: u64, content: &[u8]) -> Vec<u8> {
        let mut head = vec![(kind << 4) | (size & 15) as u8];
        if size > 15 {
            head[0] |= 0x80;
            head.extend(number(size >> 4));
        }
        match kind {
            6 => head.extend([0x81, 0x05]),
            7 => head.extend([9; ID_BYTES]),
            _ => {}
        }
        let mut deflate = ZlibEncoder::new(head, Compression::best());
        deflate.write_all(content).unwrap();
        deflate.finish().unwrap()
    }

    fn delta(kind: u8, result: u64) -> Vec<u8> {
        let text = [number(7), number(result), b"insert".to_vec()].concat();
        entry(kind, text.len() as u64, &text)
    }

    /// Feeds an answer in pieces of every size from a few to many bytes.
    fn watch(count: u32, entries: &[Vec<u8>], most: u64) -> Result<(), Stop> {
        let pack =
            [b"PACK".as_slice(), &2_u32.to_be_bytes(), &count.to_be_bytes(), &entries.concat(), &[7; 20]].concat();
        let mut lines = b"0034shallow 0123456789abcdef0123456789abcdef012345670000".to_vec();
        lines.extend(b"0008NAK\n000e\x02progress\n");
        for part in pack.chunks(777) {
            lines.extend(format!("{:04x}\x01", part.len() + 5).as_bytes());
            lines.extend(part);
        }
        lines.extend(b"0000");
        let bare = [b"0008NAK\n".as_slice(), &pack].concat();
        let mut results = Vec::new();
        for answer in [lines, bare] {
            for step in [1, 3, 64, 1 << 20] {
                let mut guard = Guard::new(most);
                results.push(answer.chunks(step).try_for_each(|piece| guard.watch(piece)));
                let ended = matches!(guard.pack, Pack::End);
                assert!(ended == results.last().unwrap().is_ok(), "{step}");
            }
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
        results.remove(0)
    }

    #[test]
    fn honest_packs_pass() {
        let text = vec![b'x'; 100_000];
        let entries =
            [entry(1, 5, b"hello"), entry(3, 100_000, &text), delta(6, 90_000), delta(7, 12), entry(2, 0, b"")];
        assert_eq!(watch(5, &entries, 1 << 20), Ok(()));
        assert_eq!(watch(0, &[], 0), Ok(()));
    }

    #[test]
    fn what_unfolds_too_far_is_stopped_before_it_does() {
        let large = MAX_OBJECT_BYTES + 1;
        for entry in [entry(3, large, b""), delta(6, large), delta(7, u64::MAX)] {
            assert!(matches!(watch(1, &[entry], u64::MAX), Err(Stop::TooLarge(_))));
        }
        let many: Vec<Vec<u8>> = (0..100).map(|_| delta(7, 1 << 20)).collect();
        assert_eq!(watch(100, &many, 1 << 30), Ok(()));
        assert!(matches!(watch(100, &many, 1 << 26), Err(Stop::TooLarge(_))));
    }

    #[test]
    fn what_is_no_pack_is_stopped() {
        for entry in [entry(3, 4, b"hello"), entry(5, 1, b"x"), entry(0, 1, b"x"), vec![0x31, 1, 2, 3, 4, 5, 6, 7, 8]] {
            assert!(matches!(watch(1, &[entry], 1 << 20), Err(Stop::Malformed(_))));
        }
        let overlong = [vec![0xb0], vec![0xff; 12]].concat();
        assert!(matches!(watch(1, &[overlong], u64::MAX), Err(Stop::TooLarge(_))));
        assert!(Guard::new(0).watch(b"what?").is_err());
        assert!(Guard::new(0).watch(b"0009\x01what").is_ok(), "not yet known");
        assert!(Guard::new(0).watch(b"0011\x01what is this").is_err());
    }
}
