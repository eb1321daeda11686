use std::cmp::Ordering;
use std::fmt;

use super::super::strconv::parse_uint;
use super::scan::Scan;

/// Longer texts are refused.
const MAX_LENGTH: usize = 256;

/// A version. Compared by precedence: metadata does not count.
#[derive(Clone, Debug)]
pub struct Version {
    /// Major.
    pub major: u64,
    /// Minor.
    pub minor: u64,
    /// Patch.
    pub patch: u64,
    /// After `-`.
    pub pre: String,
    /// After `+`.
    pub metadata: String,
    /// As written.
    pub original: String,
}

impl Version {
    /// Lenient parsing, as `semver.NewVersion`: `v1`, `1.2` and leading zeros are fine.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_LENGTH {
            return Err(too_long());
        }
        let mut scan = Scan { rest: text };
        let parts = scan.version(|byte| byte.is_ascii_digit()).filter(|_| scan.rest.is_empty());
        let parts = parts.ok_or("invalid semantic version")?;
        let segment = |digits: Option<&str>| match digits {
            None => Ok(0),
            Some(digits) => parse_segment(digits).map_err(|error| format!("error parsing version segment: {error}")),
        };
        let version = Version {
            major: segment(Some(parts.major))?,
            minor: segment(parts.minor)?,
            patch: segment(parts.patch)?,
            pre: parts.pre.unwrap_or_default().to_owned(),
            metadata: parts.metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        };
        if !version.pre.is_empty() {
            validate_prerelease(&version.pre)?;
        }
        Ok(version)
    }

    /// Strict parsing, as `semver.StrictNewVersion`.
    pub fn parse_strict(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("version string empty".to_owned());
        }
        if text.len() > MAX_LENGTH {
            return Err(too_long());
        }
        let mut segments = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (segments.next(), segments.next(), segments.next()) else {
            return Err("invalid semantic version".to_owned());
        };
        let (rest, metadata) = match rest.split_once('+') {
            Some((rest, metadata)) => {
                validate_metadata(metadata)?;
                (rest, metadata)
            }
            None => (rest, ""),
        };
        let (patch, pre) = match rest.split_once('-') {
            Some((patch, pre)) => {
                validate_prerelease(pre)?;
                (patch, pre)
            }
            None => (rest, ""),
        };
        for segment in [major, minor, patch] {
            if !segment.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err("invalid characters in version".to_owned());
            }
            if segment.len() > 1 && segment.starts_with('0') {
                return Err(starts_with_zero());
            }
        }
        Ok(Version {
            major: parse_segment(major)?,
            minor: parse_segment(minor)?,
            patch: parse_segment(patch)?,
            pre: pre.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// `IncPatch`: a pre-release becomes its release, a release the next patch. The error is the
    /// text of Go's panic on overflow.
    pub fn inc_patch(&self) -> Result<Self, String> {
        let patch = if self.pre.is_empty() { increment(self.patch, "patch")? } else { self.patch };
        Ok(self.successor(self.major, self.minor, patch))
    }

    /// `IncMinor`.
    pub fn inc_minor(&self) -> Result<Self, String> {
        Ok(self.successor(self.major, increment(self.minor, "minor")?, 0))
    }

    /// `IncMajor`.
    pub fn inc_major(&self) -> Result<Self, String> {
        Ok(self.successor(increment(self.major, "major")?, 0, 0))
    }

    /// `SetPrerelease`.
    pub fn with_prerelease(&self, pre: &str) -> Result<Self, String> {
        if !pre.is_empty() {
            validate_prerelease(pre)?;
        }
        Ok(Version { pre: pre.to_owned(), ..self.clone() }.renamed())
    }

    /// `SetMetadata`.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, String> {
        if !metadata.is_empty() {
            validate_metadata(metadata)?;
        }
        Ok(Version { metadata: metadata.to_owned(), ..self.clone() }.renamed())
    }

    fn successor(&self, major: u64, minor: u64, patch: u64) -> Self {
        let original = self.original.clone();
        Version { major, minor, patch, pre: String::new(), metadata: String::new(), original }.renamed()
    }

    /// With `original` following the fields; a `v` in front of it stays.
    fn renamed(mut self) -> Self {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (false, false) => compare_prerelease(&self.pre, &other.pre),
            (mine, theirs) => mine.cmp(&theirs),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

/// The normalised form, without `v` and with all three numbers.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Identifier by identifier: numbers before words, a missing identifier before any.
pub(super) fn compare_prerelease(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => match compare_identifier(a.unwrap_or_default(), b.unwrap_or_default()) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
}

fn compare_identifier(a: &str, b: &str) -> Ordering {
    if a == b || a.is_empty() || b.is_empty() {
        return a.cmp(b);
    }
    match (parse_uint(a, 10, 64), parse_uint(b, 10, 64)) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

fn parse_segment(digits: &str) -> Result<u64, String> {
    parse_uint(digits, 10, 64).map_err(|error| error.message("ParseUint", digits))
}

fn increment(number: u64, name: &str) -> Result<u64, String> {
    number.checked_add(1).ok_or_else(|| format!("{name} version increment would overflow uint64"))
}

fn too_long() -> String {
    format!("version string is too long (max {MAX_LENGTH} bytes)")
}

fn starts_with_zero() -> String {
    "version segment starts with 0".to_owned()
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn validate_prerelease(pre: &str) -> Result<(), String> {
    for identifier in pre.split('.') {
        if !is_identifier(identifier) {
            return Err("invalid prerelease string".to_owned());
        }
        if identifier.len() > 1 && identifier.starts_with('0') && identifier.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(starts_with_zero());
        }
    }
    Ok(())
}

fn validate_metadata(metadata: &str) -> Result<(), String> {
    if metadata.split('.').all(is_identifier) { Ok(()) } else { Err("invalid metadata string".to_owned()) }
}
