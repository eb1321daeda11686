use std::collections::HashSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::digest;
use super::error::foreign;

/// The mode of a link in git.
pub(super) const LINK: u32 = 0o120_000;
/// The mode of a submodule in git.
pub(super) const SUBMODULE: u32 = 0o160_000;
/// The kind of a plain file in git, without its permissions: old versions of git wrote all sorts.
const FILE: u32 = 0o100_000;

/// The most entries that a listing may have; no commit with more is ever fetched.
const MAX_ENTRIES: usize = 200_000;
/// The deepest nesting of folders, likewise.
const MAX_DEPTH: usize = 200;

/// One file, link or submodule of a git tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// The path below the root, as git has it: not always UTF-8.
    pub(super) path: Vec<u8>,
    /// The mode as it stands in git, such as `0o100644`.
    pub(super) mode: u32,
    /// SHA-256 of the content in hex (of a link: of the target); of a submodule the commit's id.
    pub(super) content: String,
}

impl Listed {
    /// The path for messages.
    pub(super) fn shown(&self) -> String {
        foreign(&String::from_utf8_lossy(&self.path))
    }

    /// Whether it is a file that may be run.
    pub(super) fn is_executable(&self) -> bool {
        is_file(self.mode) && self.mode & 0o111 != 0
    }

    /// What the digest of the whole tree is made of.
    fn line(&self) -> String {
        let mode = match self.mode {
            mode if is_file(mode) && self.is_executable() => FILE | 0o755,
            mode if is_file(mode) => FILE | 0o644,
            mode => mode,
        };
        format!("{mode:o} {} {}\0", self.content, String::from_utf8_lossy(&self.path))
    }
}

/// Everything that a git tree holds, in git's order: the text whose digest the lock pins. Whoever has
/// it can prove every single file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) entries: Vec<Listed>,
}

impl Listing {
    /// SHA-256 over modes, contents and paths, in hex.
    pub(super) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        self.entries.iter().for_each(|entry| hash.update(entry.line()));
        digest::finish(hash)
    }

    /// The entries that have a content here, which submodules have not, with their places.
    pub(super) fn with_content(&self) -> impl Iterator<Item = (usize, &Listed)> {
        self.entries.iter().enumerate().filter(|(_, entry)| entry.mode != SUBMODULE)
    }

    /// One line for each entry: `MODE CONTENT PATH`. Paths with control characters, or that are not
    /// UTF-8, are quoted as git quotes them.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:o} {} {}", entry.mode, entry.content, quoted(&entry.path));
        }
        text
    }

    /// Reads the text of a listing. The error says what is wrong with which line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if at == MAX_ENTRIES {
                return Err(format!("it has more lines than the limit of {MAX_ENTRIES}"));
            }
            entries.push(parse_line(line).ok_or_else(|| format!("line {} makes no sense: {}", at + 1, foreign(line)))?);
        }
        let listing = Self { entries };
        listing.check()?;
        Ok(listing)
    }

    /// Refuses what no git tree can hold: a path twice, or below a file.
    pub(super) fn check(&self) -> Result<(), String> {
        let all: HashSet<&[u8]> = self.entries.iter().map(|entry| &*entry.path).collect();
        if all.len() < self.entries.len() {
            return Err("it names a path twice".to_owned());
        }
        for entry in &self.entries {
            let ends = (0..entry.path.len()).filter(|at| entry.path[*at] == b'/');
            if ends.map(|end| &entry.path[..end]).any(|above| all.contains(above)) {
                return Err(format!("it names `{}`, which lies below a file", entry.shown()));
            }
        }
        Ok(())
    }
}

fn is_file(mode: u32) -> bool {
    mode & 0o777_000 == FILE
}

fn parse_line(line: &str) -> Option<Listed> {
    let (mode, rest) = line.split_once(' ')?;
    let (content, path) = rest.split_once(' ')?;
    let mode = u32::from_str_radix(mode, 8).ok()?;
    let length = match mode {
        SUBMODULE => 40,
        LINK => 64,
        mode if is_file(mode) => 64,
        _ => return None,
    };
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if content.len() != length || !content.bytes().all(is_hex) {
        return None;
    }
    let path = unquoted(path)?;
    let is_name = |name: &[u8]| !matches!(name, b"" | b"." | b"..") && !name.eq_ignore_ascii_case(b".git");
    let deep = path.iter().filter(|byte| **byte == b'/').count();
    let fine = path.split(|byte| *byte == b'/').all(is_name) && !path.contains(&0) && deep <= MAX_DEPTH;
    fine.then(|| Listed { path, mode, content: content.to_owned() })
}

/// A path as it stands in a listing.
fn quoted(path: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(path)
        && !text.starts_with('"')
        && !text.chars().any(|char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}'))
    {
        return text.to_owned();
    }
    let mut text = String::from("\"");
    for byte in path {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    text.push('"');
    text
}

fn unquoted(text: &str) -> Option<Vec<u8>> {
    let Some(inside) = text.strip_prefix('"') else { return Some(text.as_bytes().to_vec()) };
    let mut rest = inside.strip_suffix('"')?.as_bytes();
    let mut path = Vec::new();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            path.push(*first);
            continue;
        }
        match after {
            [mark @ (b'"' | b'\\'), after @ ..] => {
                path.push(*mark);
                rest = after;
            }
            [_, _, _, after @ ..] => {
                let octal = std::str::from_utf8(&rest[..3]).ok()?;
                path.push(u8::from_str_radix(octal, 8).ok()?);
                rest = after;
            }
            _ => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &[u8], mode: u32) -> Listed {
        let length = if mode == SUBMODULE { 40 } else { 64 };
        Listed { path: path.to_vec(), mode, content: "a".repeat(length) }
    }

    #[test]
    fn listings_survive_their_text_whatever_the_names() {
        let entries = vec![
            entry(b"a b/c", 0o100_644),
            entry(b"\"quoted\"", 0o100_755),
            entry(b"new\nline\\", LINK),
            entry("n\u{e4}me".as_bytes(), 0o100_664),
            entry(b"caf\xe9", SUBMODULE),
        ];
        let listing = Listing { entries };
        assert_eq!(Listing::parse(&listing.text()).unwrap(), listing);
        assert!(listing.text().contains("\"caf\\351\"\n"), "{}", listing.text());
    }

    #[test]
    fn listings_that_lead_elsewhere_are_refused() {
        let digest = "a".repeat(64);
        let refused = |line: &str| Listing::parse(&line.replace('#', &digest)).unwrap_err();
        for line in [
            "100644 # ../x",
            "100644 # /x",
            "100644 # a//b",
            "100644 # a/.GIT/config",
            &format!("100644 # {}a", "a/".repeat(201)),
            "100644 # \"a\\000\"",
            "100644 # \"a",
            "40000 # a",
            "160000 # a",
            "100644 abc a",
            "100644 #",
        ] {
            assert!(refused(line).starts_with("line 1 makes no sense"), "{line}");
        }
        assert!(refused("100644 # a\n100644 # a").contains("twice"));
        assert!(refused("120000 # a\n100644 # a/b/c").contains("below a file"));
    }
}
