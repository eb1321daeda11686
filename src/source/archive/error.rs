use std::fmt;

use super::{MAX_MEMBER_BYTES, MAX_MEMBERS, MAX_UNPACKED_BYTES};

/// An archive that was refused: which one, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{archive}: {problem}")]
pub struct ArchiveError {
    /// The archive as shown to users.
    pub archive: String,
    /// What is wrong with it. Prints Helm's words where Helm has some.
    pub problem: ArchiveProblem,
}

/// What is wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveProblem {
    /// Not a gzip stream at all, by its first bytes.
    NotGzip {
        /// The content type that Go's sniffer names.
        content_type: &'static str,
        /// Whether the name ends like a YAML file.
        yaml_name: bool,
        /// The file as named by the user.
        file: String,
    },
    /// The gzip header is wrong.
    GzipHeader,
    /// The gzip stream breaks off or its checksum is wrong.
    Gzip(String),
    /// The tar headers make no sense; the reader's words.
    Header(String),
    /// The archive ends inside a member.
    UnexpectedEnd,
    /// No file in it.
    Empty,
    /// More members than [`MAX_MEMBERS`].
    TooManyMembers,
    /// More bytes than [`MAX_UNPACKED_BYTES`].
    TooLarge,
    /// A member with more than [`MAX_MEMBER_BYTES`].
    MemberTooLarge(String),
    /// A link, device or the like.
    NotAFile {
        /// The member's name.
        member: String,
        /// What it is.
        what: &'static str,
    },
    /// A member's name is not UTF-8.
    NotUtf8(String),
    /// A member with an absolute path.
    Absolute(String),
    /// A member beside the base directory.
    OutsideBase(String),
    /// A member that leads out of the archive.
    Parent(String),
    /// A member that is named like a drive.
    IllegalName(String),
    /// `Chart.yaml` is a folder at the top.
    ChartYamlNotInBase(String),
}

impl fmt::Display for ArchiveProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGzip { yaml_name: true, file, .. } => {
                write!(f, "file '{file}' seems to be a YAML file, but expected a gzipped archive")
            }
            Self::NotGzip { content_type, file, .. } => {
                write!(f, "file '{file}' does not appear to be a gzipped archive; got '{content_type}'")
            }
            Self::GzipHeader => f.write_str("gzip: invalid header"),
            Self::Gzip(words) => write!(f, "gzip: invalid data: {words}"),
            Self::Header(words) => write!(f, "archive/tar: invalid tar header: {}", words.escape_debug()),
            Self::UnexpectedEnd => f.write_str("unexpected EOF"),
            Self::Empty => f.write_str("no files in chart archive"),
            Self::TooManyMembers => write!(f, "archive has too many members: the limit is {MAX_MEMBERS}"),
            Self::TooLarge => write!(f, "decompressed chart is larger than the maximum file size {MAX_UNPACKED_BYTES}"),
            Self::MemberTooLarge(member) => {
                write!(f, "decompressed chart file {member:?} is larger than the maximum file size {MAX_MEMBER_BYTES}")
            }
            Self::NotAFile { member, what } => {
                write!(f, "chart archive contains a {what}: {member:?}; only regular files are accepted")
            }
            Self::NotUtf8(member) => write!(f, "chart archive contains a name that is not UTF-8: {member:?}"),
            Self::Absolute(member) => write!(f, "chart illegally contains absolute paths: {member:?}"),
            Self::OutsideBase(member) => {
                write!(f, "chart illegally contains content outside the base directory: {member:?}")
            }
            Self::Parent(member) => write!(f, "chart illegally references parent directory: {member:?}"),
            Self::IllegalName(member) => write!(f, "chart contains illegally named files: {member:?}"),
            Self::ChartYamlNotInBase(member) => write!(f, "chart yaml not in base directory: {member:?}"),
        }
    }
}
