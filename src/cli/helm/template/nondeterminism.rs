//! kiln's own flags about what a chart's input does not determine: `--nondeterminism`, `--seed`,
//! `--nondeterminism-report`, and what `--debug` says about it.

use std::env;
use std::fs;
use std::sync::Arc;

use serde_json::json;

use crate::cli::source_date::source_date;
use crate::helm::{Asked, Entropy, NondeterministicUse, Release, ReleaseOptions};

use super::super::failure::{go_words, say};
use super::super::pflag::{self, Words};
use super::FLAGS;

/// Where values come from that the input does not determine, for the release `name` in `namespace`.
/// The error is a sentence.
pub fn entropy(words: &Words, name: &str, namespace: &str) -> Result<Entropy, String> {
    let mode = given(words, "nondeterminism", "KILN_NONDETERMINISM").unwrap_or_else(|| "helm".to_owned());
    if mode != "seed" && words.last("seed").is_some() {
        return Err("--seed needs --nondeterminism seed".to_owned());
    }
    match mode.as_str() {
        "helm" => Ok(Entropy::System),
        "error" => Ok(Entropy::Refused),
        "seed" => {
            let seed = given(words, "seed", "KILN_SEED").unwrap_or_default();
            let address = format!("{namespace}/{name}");
            let time = (source_date()?.unwrap_or_default(), 0);
            Ok(Entropy::Seeded { seed: Arc::from(seed.into_bytes()), address: Arc::from(address), time })
        }
        other => {
            let flag = FLAGS.iter().find(|flag| flag.name == "nondeterminism");
            let error = "must be seed, error or helm";
            Err(flag.map_or_else(|| error.to_owned(), |flag| pflag::invalid(flag, other, error)))
        }
    }
}

/// A flag that is not empty, else its variable.
fn given(words: &Words, flag: &str, variable: &str) -> Option<String> {
    let flag = words.last(flag).map(str::to_owned);
    flag.or_else(|| env::var(variable).ok()).filter(|text| !text.is_empty())
}

/// Writes the report that `--nondeterminism-report` asks for, and says the same in words with
/// `--debug`. Says that certificates would have expired long ago. The error is a sentence.
pub fn report(words: &Words, options: &ReleaseOptions, release: &Release) -> Result<(), String> {
    if words.is_on("debug") {
        notes(release).for_each(|note| say(&note));
    }
    let starts_at_zero = matches!(options.entropy, Entropy::Seeded { time: (0, _), .. });
    if starts_at_zero && release.nondeterministic.iter().any(|used| used.asked == Asked::Time) {
        say("note: seeded dates start at 1970-01-01; SOURCE_DATE_EPOCH sets another date");
    }
    let Some(path) = words.last("nondeterminism-report").filter(|path| !path.is_empty()) else { return Ok(()) };
    let text = format!("{:#}\n", as_json(options, release));
    if path == "-" {
        say(text.trim_end());
        return Ok(());
    }
    fs::write(path, text).map_err(|error| format!("write {path}: {}", go_words(&error)))
}

fn notes(release: &Release) -> impl Iterator<Item = String> {
    let made = release.nondeterministic.iter().map(|used| {
        let what = match used.asked {
            Asked::Random => "random bytes",
            Asked::Time => "the time",
        };
        format!("note: `{}` at {} uses {what}", used.function, used.place())
    });
    let unanswered = release.lookups.iter().filter(|used| !used.is_answered).map(|used| {
        format!(
            "note: `lookup` of {} at {} gives nothing; --lookup-resources gives recorded objects",
            used.subject(),
            used.place()
        )
    });
    made.chain(unanswered)
}

/// A use, as the report and the list of reads show it.
pub fn use_as_json(used: &NondeterministicUse) -> serde_json::Value {
    let asked = match used.asked {
        Asked::Random => "random",
        Asked::Time => "time",
    };
    json!({
        "function": used.function, "asked": asked,
        "file": &*used.file, "template": &*used.template, "line": used.line, "column": used.col + 1,
    })
}

fn as_json(options: &ReleaseOptions, release: &Release) -> serde_json::Value {
    let mode = match options.entropy {
        Entropy::System => "helm",
        Entropy::Seeded { .. } => "seed",
        Entropy::Refused => "error",
    };
    let uses = release.nondeterministic.iter().map(use_as_json);
    let lookups = release.lookups.iter().map(|used| {
        json!({
            "apiVersion": used.asked.api_version, "kind": used.asked.kind,
            "namespace": used.asked.namespace, "name": used.asked.name, "answered": used.is_answered,
            "file": &*used.file, "template": &*used.template, "line": used.line, "column": used.col + 1,
        })
    });
    json!({
        "apiVersion": "kiln/v1alpha1",
        "kind": "NondeterminismReport",
        "release": {"name": options.name, "namespace": options.namespace},
        "mode": mode,
        "uses": uses.collect::<Vec<_>>(),
        "lookups": lookups.collect::<Vec<_>>(),
    })
}
