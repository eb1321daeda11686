use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// What Helm writes into the headers of its archives.
const EXTRA: &[u8] = b"+aHR0cHM6Ly95b3V0dS5iZS96OVV6MWljandyTQo=";
const COMMENT: &[u8] = b"Helm";
/// Go's mark for an unknown operating system.
const UNKNOWN_SYSTEM: u8 = 255;
/// The longest name that every tar knows without an extension.
const MAX_PLAIN_NAME: usize = 100;

/// Packs files into a gzipped tar archive with the headers that Helm writes. Files are readable by all
/// and belong to nobody; all of them carry the given time, in seconds since 1970, so that the same files
/// give the same bytes.
///
/// # Errors
/// A name that no archive can hold.
pub fn pack_tgz<'f>(files: impl IntoIterator<Item = (String, &'f [u8])>, time: u64) -> io::Result<Vec<u8>> {
    let encoder = GzBuilder::new()
        .extra(EXTRA)
        .comment(COMMENT)
        .operating_system(UNKNOWN_SYSTEM)
        .write(Vec::new(), Compression::default());
    let mut archive = Builder::new(encoder);
    for (name, content) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(time);
        header.set_size(content.len() as u64);
        let is_plain = name.len() <= MAX_PLAIN_NAME && name.is_ascii();
        if !is_plain {
            archive.append_pax_extensions([("path", name.as_bytes())])?;
        }
        let short = if is_plain { name.as_str() } else { "long-name" };
        archive.append_data(&mut header, short, content)?;
    }
    let mut encoder = archive.into_inner()?;
    encoder.flush()?;
    encoder.finish()
}
