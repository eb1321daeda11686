//! Which part of a run is meant: as typed, or as the scheduler that started the process says it.

use std::str::FromStr;

use crate::pipeline::{Shard, ShardSyntaxError};

/// The value of `--shard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardWord {
    /// `i/n`.
    Exactly(Shard),
    /// `auto` or `auto/n`: the scheduler's variables say it.
    Auto {
        /// How many shards there are, where that is known.
        count: Option<u64>,
    },
    /// An empty variable: the whole run.
    Whole,
}

impl FromStr for ShardWord {
    type Err = ShardSyntaxError;

    fn from_str(text: &str) -> Result<Self, ShardSyntaxError> {
        match text.split_once('/') {
            None if text.is_empty() => Ok(Self::Whole),
            None if text == "auto" => Ok(Self::Auto { count: None }),
            Some(("auto", count)) => match count.parse() {
                Ok(count) => Shard::new(1, count).map(|_| Self::Auto { count: Some(count) }),
                Err(_) => Err(ShardSyntaxError::Form(text.to_owned())),
            },
            _ => text.parse().map(Self::Exactly),
        }
    }
}

/// How a scheduler tells a process its part.
struct Scheduler {
    name: &'static str,
    index: &'static str,
    count: &'static str,
    /// What the first part is called.
    first: u64,
}

const SCHEDULERS: [Scheduler; 3] = [
    Scheduler { name: "a Kubernetes Indexed Job", index: "JOB_COMPLETION_INDEX", count: "JOB_COMPLETIONS", first: 0 },
    Scheduler { name: "GitLab", index: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: 1 },
    Scheduler { name: "Buildkite", index: "BUILDKITE_PARALLEL_JOB", count: "BUILDKITE_PARALLEL_JOB_COUNT", first: 0 },
];

impl ShardWord {
    /// The shard that is meant, if any; `variable` looks into the environment.
    ///
    /// # Errors
    /// A text that says which variable is missing, wrong or at odds with another.
    pub fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Shard>, String> {
        let count = match self {
            Self::Exactly(shard) => return Ok(Some(shard)),
            Self::Whole => return Ok(None),
            Self::Auto { count } => count,
        };
        let variable = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut found: Option<(Shard, &Scheduler)> = None;
        let mut lone_total = None;
        for scheduler in &SCHEDULERS {
            let Some(index) = variable(scheduler.index) else {
                // GitLab sets the total in every job.
                if let Some(total) = variable(scheduler.count).filter(|_| scheduler.index == "CI_NODE_INDEX") {
                    lone_total = Some(total);
                }
                continue;
            };
            let shard = scheduler.shard(&index, variable(scheduler.count).as_deref(), count)?;
            match found {
                Some((other, by)) if other != shard => {
                    return Err(format!(
                        "the environment is that of {} and of {}, which mean the shards {other} and {shard}: write `--shard i/n`",
                        by.name, scheduler.name
                    ));
                }
                Some(_) => {}
                None => found = Some((shard, scheduler)),
            }
        }
        match (found, lone_total.as_deref()) {
            (Some((shard, _)), _) => Ok(Some(shard)),
            (None, Some("1")) if count.is_none_or(|count| count == 1) => {
                Shard::new(1, 1).map(Some).map_err(|error| error.to_string())
            }
            (None, Some(total)) => Err(format!(
                "`CI_NODE_TOTAL` is {total} and `CI_NODE_INDEX` is not set: give the job `parallel`, or write `--shard i/n`"
            )),
            (None, None) => {
                let names: Vec<String> = SCHEDULERS.iter().map(|known| format!("`{}`", known.index)).collect();
                Err(format!("`--shard auto` needs one of {}: write `--shard i/n`", names.join(", ")))
            }
        }
    }
}

impl Scheduler {
    fn shard(&self, index: &str, count: Option<&str>, given: Option<u64>) -> Result<Shard, String> {
        let number = |name: &str, text: &str| {
            text.parse::<u64>().map_err(|_| format!("`{name}` is `{}`, which is no number", text.escape_debug()))
        };
        let place = number(self.index, index)?;
        let said = count.map(|count| number(self.count, count)).transpose()?;
        let count = match (said, given) {
            (Some(said), Some(given)) if said != given => {
                return Err(format!("`{}` is {said}, and `--shard auto/{given}` was given", self.count));
            }
            (Some(count), _) | (None, Some(count)) => count,
            (None, None) => {
                return Err(format!(
                    "`{}` is {place} and `{}` is not set: set it to the number of shards, or write `--shard auto/n`",
                    self.index, self.count
                ));
            }
        };
        let index = place.saturating_add(1).checked_sub(self.first);
        index.map_or(Err(ShardSyntaxError::Range { index: 0, count }), |index| Shard::new(index, count)).map_err(
            |error| format!("`{}` is {place}, counted from {} by {}: {error}", self.index, self.first, self.name),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(word: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let word: ShardWord = word.parse().map_err(|error: ShardSyntaxError| error.to_string())?;
        let look = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        word.resolve(look).map(|shard| shard.map_or_else(|| "whole".to_owned(), |shard| shard.to_string()))
    }

    #[test]
    fn schedulers_count_from_0_or_from_1() {
        let job = [("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETIONS", "3")];
        assert_eq!(resolve("auto", &job).unwrap(), "1/3");
        assert_eq!(resolve("auto/3", &job[..1]).unwrap(), "1/3");
        assert_eq!(resolve("auto/3", &job).unwrap(), "1/3");
        assert_eq!(resolve("auto", &[("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "3")]).unwrap(), "3/3");
        let kite = [("BUILDKITE_PARALLEL_JOB", "2"), ("BUILDKITE_PARALLEL_JOB_COUNT", "3")];
        assert_eq!(resolve("auto", &kite).unwrap(), "3/3");
        // A job without `parallel` has the total all the same.
        assert_eq!(resolve("auto", &[("CI_NODE_TOTAL", "1")]).unwrap(), "1/1");
        // What was typed counts.
        assert_eq!(resolve("2/5", &job).unwrap(), "2/5");
        assert_eq!(resolve("", &job).unwrap(), "whole");
        // Two that agree.
        let both = [job.as_slice(), &[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")]].concat();
        assert_eq!(resolve("auto", &both).unwrap(), "1/3");
    }

    #[test]
    fn what_is_wrong_is_explained() {
        let says = |word: &str, variables: &[(&str, &str)], words: &[&str]| {
            let error = resolve(word, variables).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        says("auto", &[], &["`JOB_COMPLETION_INDEX`", "`CI_NODE_INDEX`", "`BUILDKITE_PARALLEL_JOB`"]);
        says("auto", &[("JOB_COMPLETION_INDEX", "0")], &["`JOB_COMPLETIONS` is not set", "auto/n"]);
        says("auto/4", &[("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETIONS", "3")], &["is 3", "auto/4"]);
        says(
            "auto",
            &[("JOB_COMPLETION_INDEX", "3"), ("JOB_COMPLETIONS", "3")],
            &["is 3, counted from 0", "no shard 4 of 3"],
        );
        says("auto", &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")], &["counted from 1", "no shard 0 of 3"]);
        says(
            "auto",
            &[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "3")],
            &["`CI_NODE_INDEX` is `x`, which is no number"],
        );
        says("auto", &[("CI_NODE_TOTAL", "3")], &["`CI_NODE_INDEX` is not set"]);
        let two =
            [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3"), ("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETIONS", "3")];
        says("auto", &two, &["Kubernetes", "GitLab", "1/3", "2/3"]);
        says("auto", &[("JOB_COMPLETION_INDEX", "18446744073709551615"), ("JOB_COMPLETIONS", "3")], &["no shard"]);
        says("autos", &[], &["write `i/n`"]);
        says("auto/x", &[], &["write `i/n`"]);
        says("auto/0", &[], &["0 shards"]);
    }
}
