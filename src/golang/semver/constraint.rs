use std::fmt;

use super::super::strconv::quote;
use super::Version;
use super::scan::{Parts, Scan};

/// Longer constraints are refused.
const MAX_LENGTH: usize = 512;
/// More alternatives are refused.
const MAX_GROUPS: usize = 32;

/// A constraint: alternatives (`||`), each of conditions that must all hold.
#[derive(Clone, Debug)]
pub struct Constraints {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    conditions: Vec<Condition>,
    /// Whether any condition names a pre-release, which lets pre-releases in.
    prereleases: bool,
}

/// A comparison with a version.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub operator: Operator,
    /// What stands behind the operator, as written.
    pub written: String,
    /// The version, zeros in place of what is left open.
    pub version: Version,
    /// Any part is left open.
    pub partial: bool,
    /// Minor and patch are left open.
    pub any_minor: bool,
    /// Only patch is left open.
    pub any_patch: bool,
    symbol: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// The operators by their spellings.
const OPERATORS: [(&str, Operator); 12] = [
    ("", Operator::Equal),
    ("=", Operator::Equal),
    ("!=", Operator::NotEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    (">=", Operator::GreaterEqual),
    ("=>", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("=<", Operator::LessEqual),
    ("~", Operator::Tilde),
    ("~>", Operator::Tilde),
    ("^", Operator::Caret),
];

impl Constraints {
    /// Parses a constraint, as `semver.NewConstraint`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_LENGTH {
            return Err(format!("constraint string is too long (max {MAX_LENGTH} bytes)"));
        }
        let text = rewrite_ranges(text);
        if text.split("||").count() > MAX_GROUPS {
            return Err(format!("too many constraint groups (max {MAX_GROUPS})"));
        }
        let groups = text.split("||").map(parse_group).collect::<Result<_, _>>()?;
        Ok(Constraints { groups })
    }

    /// Whether the version satisfies it.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            (group.prereleases || version.pre.is_empty())
                && group.conditions.iter().all(|condition| condition.refuse(version).is_none())
        })
    }

    /// Whether the version satisfies it, as `Validate`: the reasons why not.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        let mut told = false;
        for group in &self.groups {
            if !group.prereleases && !version.pre.is_empty() {
                if !std::mem::replace(&mut told, true) {
                    let version = quote(version.to_string().as_bytes());
                    reasons.push(format!(
                        "{version} is a prerelease version and the constraint is only looking for release versions"
                    ));
                }
                continue;
            }
            let before = reasons.len();
            for condition in &group.conditions {
                if let Some(refusal) = condition.refuse(version) {
                    reasons.push(refusal.reason(version, &condition.written));
                }
            }
            if reasons.len() == before {
                return Ok(());
            }
        }
        Err(reasons)
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, group) in self.groups.iter().enumerate() {
            if at > 0 {
                f.write_str(" || ")?;
            }
            for (at, condition) in group.conditions.iter().enumerate() {
                if at > 0 {
                    f.write_str(" ")?;
                }
                write!(f, "{}{}", condition.symbol, condition.written)?;
            }
        }
        Ok(())
    }
}

/// Characters of the numbers in a constraint. The bar is one by an oversight that callers can see.
fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|')
}

/// Replaces `1.2 - 1.4` by `>= 1.2, <= 1.4 `.
fn rewrite_ranges(text: &str) -> String {
    let mut result = text.to_owned();
    let mut at = 0;
    while at < text.len() {
        match text.get(at..).and_then(range_at) {
            Some((written, from, to)) => {
                result = result.replacen(written, &format!(">= {from}, <= {to} "), 1);
                at += written.len();
            }
            None => at += 1,
        }
    }
    result
}

/// The hyphen range that begins here, with the space around it, and its ends.
fn range_at(text: &str) -> Option<(&str, &str, &str)> {
    let mut scan = Scan { rest: text };
    scan.space();
    let from = scan.version(is_number)?.text;
    let before = scan.space();
    scan.rest = scan.rest.strip_prefix('-')?;
    let behind = scan.space();
    if before.is_empty() || behind.is_empty() {
        return None;
    }
    let to = scan.version(is_number)?.text;
    scan.space();
    Some((&text[..text.len() - scan.rest.len()], from, to))
}

fn parse_group(text: &str) -> Result<Group, String> {
    let mut scan = Scan { rest: text };
    let improper = || format!("improper constraint: {}", quote(text.as_bytes()));
    let mut written = Vec::new();
    loop {
        scan.space();
        let operator = scan.take(|byte| b"=!<>~^".contains(&byte));
        let operator = OPERATORS.iter().find(|(symbol, _)| *symbol == operator).ok_or_else(improper)?;
        scan.space();
        written.push((*operator, scan.version(is_number).ok_or_else(improper)?));
        let space = scan.space();
        if scan.rest.is_empty() {
            break;
        }
        match scan.rest.strip_prefix(',') {
            Some(rest) => scan.rest = rest,
            None if space.is_empty() => return Err(improper()),
            None => {}
        }
    }
    let conditions: Vec<Condition> = written.into_iter().map(parse_condition).collect::<Result<_, _>>()?;
    let prereleases = conditions.iter().any(|condition| !condition.version.pre.is_empty());
    Ok(Group { conditions, prereleases })
}

fn parse_condition(((symbol, operator), parts): ((&'static str, Operator), Parts<'_>)) -> Result<Condition, String> {
    let is_open = |part: Option<&str>| matches!(part, None | Some("x" | "X" | "*"));
    let any_major = is_open(Some(parts.major));
    let any_minor = !any_major && is_open(parts.minor);
    let any_patch = !any_major && !any_minor && is_open(parts.patch);
    let partial = any_major || any_minor || any_patch;
    let text = if partial {
        let major = if any_major { "0" } else { parts.major };
        let minor = parts.minor.filter(|_| any_patch).unwrap_or("0");
        match parts.pre {
            Some(pre) => format!("{major}.{minor}.0-{pre}"),
            None => format!("{major}.{minor}.0"),
        }
    } else {
        parts.text.to_owned()
    };
    let version = Version::parse(&text).map_err(|_| "constraint parser error")?;
    Ok(Condition { operator, written: parts.text.to_owned(), version, partial, any_minor, any_patch, symbol })
}
