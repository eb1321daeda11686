use std::fs::Metadata;

use crate::source::{Packer, Unpacker};

/// How a file looks to the system without being read. A file that looks the same as before was not
/// written to: the time of the last change of any kind cannot be set by whoever changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
    inode: u64,
    device: u64,
}

impl Look {
    /// The look of a file; `None` where the system does not tell enough.
    #[cfg(unix)]
    pub fn of(meta: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            bytes: meta.size(),
            written: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            device: meta.dev(),
        })
    }

    /// The look of a file; `None` where the system does not tell enough.
    #[cfg(not(unix))]
    pub fn of(_meta: &Metadata) -> Option<Self> {
        None
    }

    /// Whether a file that looks so was last changed before another one was made on the same file system.
    /// Times are coarse: of two changes at one time the second does not show.
    pub fn is_before(&self, other: &Self) -> bool {
        self.device == other.device && self.changed < other.changed
    }

    /// Writes it.
    pub fn pack(&self, out: &mut Packer) {
        out.number(self.bytes);
        for number in [self.written.0, self.written.1, self.changed.0, self.changed.1] {
            out.number(number.cast_unsigned());
        }
        out.number(self.inode);
        out.number(self.device);
    }

    /// Reads it.
    pub fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        let bytes = from.number()?;
        let mut time = || Some((from.number()?.cast_signed(), from.number()?.cast_signed()));
        let (written, changed) = (time()?, time()?);
        Some(Self { bytes, written, changed, inode: from.number()?, device: from.number()? })
    }
}
