use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::source_date::source_date;
use crate::diag::{Blame, Code, Diagnostic};
use crate::output::CopyRule;
use crate::pipeline::{CopyTerms, Copying, GenerateOptions, Selection};

const USAGE: Code = Code("usage.copy");

/// Flags that make a copy for a while of what would be compiled.
#[derive(Debug, Clone, Default, Args)]
pub struct CopyArgs {
    /// Compile a copy into a folder of its own: its name, and the names of all its objects, end with this, as
    /// in `-pr42`
    #[arg(long, value_name = "SUFFIX", env = "KILN_NAME_SUFFIX", allow_hyphen_values = true)]
    pub name_suffix: Option<String>,
    /// The namespace of all objects of the copy
    #[arg(long, value_name = "NAME", env = "KILN_NAMESPACE", requires = "name_suffix")]
    pub namespace: Option<String>,
    /// How long the copy is wanted: through a day (`2026-12-24`), until a moment (`2026-12-24T18:00:00Z`), or for
    /// some weeks, days, hours or minutes (`2w`, `7d`, `36h`, `90m`)
    #[arg(long, value_name = "DATE|DURATION", env = "KILN_EXPIRES", requires = "name_suffix")]
    pub expires: Option<String>,
    /// The branch that the copy is made for, as `--branches` lists it (default: the one that is called like the
    /// suffix)
    #[arg(long, value_name = "BRANCH", env = "KILN_FOR_BRANCH", requires = "name_suffix")]
    pub for_branch: Option<String>,
}

impl CopyArgs {
    /// The options of a run, with what the flags say about a copy; fails when they make no sense.
    pub fn apply(&self, options: GenerateOptions) -> Result<GenerateOptions, Diagnostic> {
        let Some(suffix) = &self.name_suffix else { return Ok(options) };
        let copying = Copying::new(suffix, self.namespace.as_deref()).map_err(|why| usage(&why))?;
        let expires = self.expires.as_deref().map(|text| expiry(text, now()?)).transpose();
        let terms = CopyTerms { branch: self.for_branch.clone(), expires: expires.map_err(|why| usage(&why))? };
        // What is committed is the original's.
        Ok(GenerateOptions { copying: Some(copying), copy_terms: terms, changed_since: None, ..options })
    }

    /// Complains where a copy of a whole fleet would be made that nobody asked for.
    pub fn check_selection(&self, selection: &Selection, all_asked: bool) -> Result<(), Diagnostic> {
        let is_picked = all_asked || !selection.names.is_empty() || !selection.labels.is_empty();
        if self.name_suffix.is_none() || is_picked {
            return Ok(());
        }
        Err(usage("`--name-suffix` would copy every cluster of clusters.yaml")
            .help("name those that are meant with `--cluster` or `-l`, or all of them with `--clusters`"))
    }

    /// What speaks for another call, for people.
    pub fn warnings(&self, options: &GenerateOptions) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if options.copying.is_some() && self.namespace.is_none() {
            let message = "the copy's pods have the labels of those they are copies of: in one namespace, Services of \
                           both find both";
            let warning = Diagnostic::warning(Code("copy.same-namespace"), message);
            found.push(warning.help("give the copy a namespace of its own with `--namespace`"));
        }
        let time = options.copy_terms.expires.as_ref().and_then(|time| time.parse::<Timestamp>().ok());
        if let (Some(time), Ok(now)) = (time, now())
            && time <= now
        {
            let message = format!("the copy is over already: it expired {time}");
            found.push(Diagnostic::warning(Code("copy.expired"), message).help("name a later `--expires`"));
        }
        found
    }
}

/// Flags that remove copies.
#[derive(Debug, Clone, Default, Args)]
pub struct PruneCopiesArgs {
    /// Do nothing but remove copies that nobody wants any more: those that have expired, and with `--branches`
    /// those whose branch is gone
    #[arg(long, env = "KILN_PRUNE_COPIES", value_parser = FalseyValueParser::new())]
    pub prune_copies: bool,
    /// The branches that there are, one a line, as `git branch` or `git ls-remote --heads` lists them; `-` is
    /// standard input
    #[arg(long, value_name = "FILE", env = "KILN_BRANCHES", requires = "prune_copies")]
    pub branches: Option<PathBuf>,
}

impl PruneCopiesArgs {
    /// Which copies are not wanted any more. `more` are branches that somebody else knows of.
    pub fn rule(&self, more: Option<Vec<String>>) -> Result<CopyRule, Diagnostic> {
        let now = now().map_err(|why| usage(&why))?.as_second();
        let mut branches = more;
        if let Some(file) = &self.branches {
            let text = read(file).map_err(|error| {
                let message = format!("cannot read the list of branches `{}`: {error}", file.display());
                Diagnostic::error(Code("copy.branches"), message).blame(Blame::World)
            })?;
            branches.get_or_insert_default().extend(branch_names(&text));
        }
        if branches.as_ref().is_some_and(Vec::is_empty) {
            let message = "the list of branches is empty: every copy would go";
            let problem = Diagnostic::error(Code("copy.branches"), message).blame(Blame::Usage);
            return Err(problem.help("a repository has at least one branch: check what lists them"));
        }
        Ok(CopyRule { now, branches })
    }
}

fn usage(why: &str) -> Diagnostic {
    Diagnostic::error(USAGE, why).blame(Blame::Usage)
}

fn read(file: &Path) -> std::io::Result<String> {
    if file != Path::new("-") {
        return std::fs::read_to_string(file);
    }
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}

/// The names of branches in a list: the last word of each line, without `refs/heads/`.
fn branch_names(text: &str) -> Vec<String> {
    let refs = text.lines().filter(|line| !line.contains(" -> ")).filter_map(|line| line.split_whitespace().last());
    // Of full names of refs only those of branches count.
    let names = refs.filter_map(|name| match name.strip_prefix("refs/") {
        Some(rest) => rest.strip_prefix("heads/"),
        None => Some(name),
    });
    names.filter(|name| *name != "*").map(str::to_owned).collect()
}

/// The time that durations count from: `SOURCE_DATE_EPOCH`, else the clock.
fn now() -> Result<Timestamp, String> {
    match source_date()? {
        Some(seconds) => Timestamp::from_second(seconds).map_err(|error| error.to_string()),
        None => Ok(Timestamp::now()),
    }
}

/// The moment that a copy is wanted until. Durations end on a round one, so that runs of one day, hour or minute
/// say the same.
fn expiry(text: &str, now: Timestamp) -> Result<String, String> {
    let wrong = || {
        format!(
            "`{}` is neither a date, such as `2026-12-24`, nor a duration, such as `7d` or `36h`",
            text.escape_debug()
        )
    };
    let too_far = |_: jiff::Error| format!("`{}` is too far away", text.escape_debug());
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment.to_string());
    }
    if let Ok(date) = text.parse::<Date>() {
        let end = date.tomorrow().and_then(|date| date.to_zoned(TimeZone::UTC)).map_err(too_far)?;
        return Ok(end.timestamp().to_string());
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let (seconds, round) = match unit {
        'w' => (7 * 86_400, 86_400),
        'd' => (86_400, 86_400),
        'h' => (3_600, 3_600),
        'm' => (60, 60),
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - unit.len_utf8()];
    let count: u32 =
        digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())).ok_or_else(wrong)?;
    let end = now.checked_add(SignedDuration::from_secs(i64::from(count) * seconds)).map_err(too_far)?;
    let rest = end.as_second().rem_euclid(round);
    let rounded = if rest == 0 { end.as_second() } else { end.as_second() - rest + round };
    Ok(Timestamp::from_second(rounded).map_err(too_far)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_wanted_through_days_and_for_durations() {
        let now: Timestamp = "2026-11-21T23:45:10Z".parse().unwrap();
        for (text, wanted) in [
            ("2026-12-24", "2026-12-25T00:00:00Z"),
            ("2026-12-24T18:00:00+02:00", "2026-12-24T16:00:00Z"),
            ("7d", "2026-11-29T00:00:00Z"),
            ("1w", "2026-11-29T00:00:00Z"),
            ("36h", "2026-11-23T12:00:00Z"),
            ("15m", "2026-11-22T00:01:00Z"),
            ("0d", "2026-11-22T00:00:00Z"),
        ] {
            assert_eq!(expiry(text, now).as_deref(), Ok(wanted), "{text}");
        }
        for text in ["", "d", "7", "7y", "-7d", "+7d", "soon", "2026-13-01", "4000000000w", "999999999w", "7ü"] {
            assert!(expiry(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn branches_are_listed_as_git_lists_them() {
        let text = "* main\n  feature/a\n0123\trefs/heads/pr42\n4567\trefs/tags/v1\n  HEAD -> origin/main\n\n+ other\n";
        assert_eq!(branch_names(text), ["main", "feature/a", "pr42", "other"]);
    }
}
