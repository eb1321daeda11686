use crate::golang::semver::{Constraints, Version};
use crate::source::error::{About, INVALID, NOT_FOUND, SourceError, foreign};

/// How many other versions a message lists.
const LISTED: usize = 5;

/// The place of the version to take, as Helm chooses: the one written just so, else the highest that
/// the constraint accepts; without a constraint the highest that is no pre-release. Of equal ones the
/// first. Versions that are not `offered` are only taken when they are written just so. `place` names
/// the repository in messages.
pub(super) fn choose(
    versions: &[&str],
    offered: impl Fn(usize) -> bool,
    wanted: &str,
    chart: &str,
    place: &str,
) -> Result<usize, SourceError> {
    if let Some(exact) = versions.iter().position(|version| !wanted.is_empty() && *version == wanted) {
        return Ok(exact);
    }
    let constraints = Constraints::parse(if wanted.is_empty() { "*" } else { wanted }).map_err(|error| {
        let message = format!("`{}` is no version or constraint: {}", foreign(wanted), foreign(&error));
        SourceError::new(INVALID, message).about(About::Version)
    })?;
    let mut best: Option<(Version, usize)> = None;
    for (at, version) in versions.iter().enumerate().filter(|(at, _)| offered(*at)) {
        let Ok(version) = Version::parse(version) else { continue };
        if constraints.check(&version) && best.as_ref().is_none_or(|(highest, _)| version > *highest) {
            best = Some((version, at));
        }
    }
    if let Some((_, at)) = best {
        return Ok(at);
    }
    let asked = if wanted.is_empty() { "without pre-release".to_owned() } else { format!("`{}`", foreign(wanted)) };
    let message = format!("no version {asked} of chart `{}` found in {place}: not found", foreign(chart));
    let error = SourceError::new(NOT_FOUND, message).about(About::Version);
    Err(match offers(versions, wanted) {
        Some(help) => error.help(help),
        None => error,
    })
}

/// The versions there are, those around the wanted one when it is a version.
fn offers(versions: &[&str], wanted: &str) -> Option<String> {
    let mut parsed: Vec<Version> = versions.iter().filter_map(|version| Version::parse(version).ok()).collect();
    parsed.sort_by(|one, other| other.cmp(one));
    parsed.dedup_by(|one, other| one.original == other.original);
    let quoted = |versions: &[Version]| {
        versions.iter().map(|version| format!("`{}`", foreign(&version.original))).collect::<Vec<_>>().join(", ")
    };
    let highest = parsed.first()?;
    let Some(around) = Version::parse(wanted).ok().filter(|_| parsed.len() > LISTED) else {
        let more = if parsed.len() > LISTED { " and older ones" } else { "" };
        return Some(format!("there are {}{more}", quoted(&parsed[..parsed.len().min(LISTED)])));
    };
    let below = parsed.partition_point(|version| *version > around);
    let start = below.saturating_sub(2);
    let near = &parsed[start..parsed.len().min(start + 4)];
    let newest = format!("`{}`", foreign(&highest.original));
    Some(match start {
        0 => format!("the nearest are {}", quoted(near)),
        _ => format!("the nearest are {}; the newest is {newest}", quoted(near)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(versions: &[&str], wanted: &str) -> Result<usize, SourceError> {
        choose(versions, |_| true, wanted, "web", "https://c.io/index.yaml")
    }

    #[test]
    fn the_highest_that_fits_is_chosen_and_of_equal_ones_the_first() {
        let versions = ["1.0.0", "1.2.0", "1.2.0+b", "2.0.0-rc.1", "odd"];
        assert_eq!(chosen(&versions, "").unwrap(), 1);
        assert_eq!(chosen(&versions, "~1.0").unwrap(), 0);
        assert_eq!(chosen(&versions, ">=1-0").unwrap(), 3);
        assert_eq!(chosen(&versions, "odd").unwrap(), 4);
        let without_first = choose(&versions, |at| at != 1, "^1", "web", "x").unwrap();
        assert_eq!(without_first, 2);
    }

    #[test]
    fn what_is_missing_is_told_with_what_is_near() {
        let many = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "v2.0.0"];
        let help = |wanted: &str| chosen(&many, wanted).unwrap_err().help.unwrap();
        assert_eq!(help("1.2.5"), "the nearest are `1.4.0`, `1.3.0`, `1.2.0`, `1.1.0`; the newest is `v2.0.0`");
        assert_eq!(help("9"), "the nearest are `v2.0.0`, `1.5.0`, `1.4.0`, `1.3.0`");
        assert_eq!(help(">9"), "there are `v2.0.0`, `1.5.0`, `1.4.0`, `1.3.0`, `1.2.0` and older ones");
        assert_eq!(chosen(&["1.0.0"], "2.0.0").unwrap_err().help.unwrap(), "there are `1.0.0`");
        assert!(chosen(&[], "").unwrap_err().help.is_none());
        assert!(chosen(&many, "nonsense!").unwrap_err().message.contains("no version or constraint"));
    }
}
