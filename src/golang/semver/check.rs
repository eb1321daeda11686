use std::cmp::Ordering;

use super::super::strconv::quote;
use super::Version;
use super::constraint::{Condition, Operator};
use super::version::compare_prerelease;

/// Why a version does not satisfy a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Refusal {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    OtherMajor,
    OtherMajorMinor,
    OtherMinor,
    OtherMinorBelowOne,
    OtherPatchBelowOne,
}

impl Refusal {
    /// The reason in words.
    pub fn reason(self, version: &Version, written: &str) -> String {
        let (between, behind) = match self {
            Refusal::Equal => ("is equal to", ""),
            Refusal::NotEqual => ("is not equal to", ""),
            Refusal::Less => ("is less than", ""),
            Refusal::LessOrEqual => ("is less than or equal to", ""),
            Refusal::Greater => ("is greater than", ""),
            Refusal::GreaterOrEqual => ("is greater than or equal to", ""),
            Refusal::OtherMajor => ("does not have same major version as", ""),
            Refusal::OtherMajorMinor => ("does not have same major and minor version as", ""),
            Refusal::OtherMinor => ("does not have same minor version as", ""),
            Refusal::OtherMinorBelowOne => (
                "does not have same minor version as",
                ". Expected minor versions to match when constraint major version is 0",
            ),
            Refusal::OtherPatchBelowOne => {
                ("does not equal", ". Expect version and constraint to equal when major and minor versions are 0")
            }
        };
        format!("{} {between} {}{behind}", quote(version.to_string().as_bytes()), quote(written.as_bytes()))
    }
}

impl Condition {
    /// Whether and why the version is refused. Whether a pre-release may pass at all is for the
    /// whole group to say.
    pub fn refuse(&self, version: &Version) -> Option<Refusal> {
        match self.operator {
            Operator::Equal if self.partial => self.tilde(version),
            Operator::Equal => (*version != self.version).then_some(Refusal::NotEqual),
            Operator::NotEqual => self.equals(version).then_some(Refusal::Equal),
            Operator::Greater => (!self.is_below(version)).then_some(Refusal::LessOrEqual),
            Operator::Less => (*version >= self.version).then_some(Refusal::GreaterOrEqual),
            Operator::GreaterEqual => (*version < self.version).then_some(Refusal::Less),
            Operator::LessEqual => self.is_exceeded_by(version).then_some(Refusal::Greater),
            Operator::Tilde => self.tilde(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn equals(&self, version: &Version) -> bool {
        let own = &self.version;
        if !self.partial || (!self.any_minor && !self.any_patch) {
            return *version == *own && (!self.partial || own.major == version.major);
        }
        if own.major != version.major || (!self.any_minor && own.minor != version.minor) {
            return false;
        }
        self.any_minor || compare_prerelease(&version.pre, &own.pre) == Ordering::Equal
    }

    /// Whether the version is beyond all that the condition's version covers: `>1.2` begins at 1.3.
    fn is_below(&self, version: &Version) -> bool {
        if self.partial && version.major != self.version.major {
            return version.major > self.version.major;
        }
        if self.any_minor {
            return false;
        }
        if self.any_patch {
            return version.minor > self.version.minor;
        }
        *version > self.version
    }

    /// Whether the version is above all that the condition's version covers: `<=1.2` takes 1.2.9.
    fn is_exceeded_by(&self, version: &Version) -> bool {
        let own = &self.version;
        if !self.partial {
            return *version > *own;
        }
        version.major > own.major || (version.major == own.major && version.minor > own.minor && !self.any_minor)
    }

    fn tilde(&self, version: &Version) -> Option<Refusal> {
        let own = &self.version;
        if *version < *own {
            return Some(Refusal::Less);
        }
        // `~0.0.0` and `*` take everything.
        if (own.major, own.minor, own.patch) == (0, 0, 0) && !self.any_minor && !self.any_patch {
            return None;
        }
        if version.major != own.major {
            return Some(Refusal::OtherMajor);
        }
        (version.minor != own.minor && !self.any_minor).then_some(Refusal::OtherMajorMinor)
    }

    fn caret(&self, version: &Version) -> Option<Refusal> {
        let own = &self.version;
        if *version < *own {
            return Some(Refusal::Less);
        }
        if own.major > 0 || self.any_minor || version.major > 0 {
            return (version.major != own.major).then_some(Refusal::OtherMajor);
        }
        if own.minor > 0 || self.any_patch {
            return (version.minor != own.minor).then_some(Refusal::OtherMinorBelowOne);
        }
        if version.minor > 0 {
            return Some(Refusal::OtherMinor);
        }
        (version.patch != own.patch).then_some(Refusal::OtherPatchBelowOne)
    }
}
