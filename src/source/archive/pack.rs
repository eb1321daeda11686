use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};

/// What helm writes into the headers of its archives.
const EXTRA: &[u8] = b"+aHR0cHM6Ly95b3V0dS5iZS96OVV6MWljandyTQo=";
const COMMENT: &str = "Helm";

/// Packs files into a gzipped tar archive as helm does: in the given order, readable by all, without
/// members for folders. `modified` is their time in seconds since 1970.
pub fn pack_tgz<'a>(files: impl IntoIterator<Item = (String, &'a [u8])>, modified: u64) -> io::Result<Vec<u8>> {
    let zipper = GzBuilder::new().extra(EXTRA).comment(COMMENT).write(Vec::new(), Compression::default());
    let mut archive = tar::Builder::new(zipper);
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(modified);
        archive.append_data(&mut header, path, bytes)?;
    }
    let mut zipper = archive.into_inner()?;
    zipper.flush()?;
    zipper.finish()
}
