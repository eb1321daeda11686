//! The commits of other repositories that a source commit was made for, as its trailers tell them.

use git2::message_trailers_strs;
use serde::Serialize;

use super::SourceCommit;
use crate::golang::time::Time;
use crate::golang::url;

/// The beginning of trailers that tell which commits a source commit was made for.
const REFERENCE: &str = "Argocd-reference-commit-";
/// Go's name of the form of dates.
const RFC3339: &str = "2006-01-02T15:04:05Z07:00";

/// Trailers of a source commit that tell which commits of other repositories it was made for; they are
/// handed on as they are.
pub fn references(source: &SourceCommit) -> Vec<(String, String)> {
    let lines = source.body.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(|(name, _)| name.starts_with(REFERENCE))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

/// The commit that a source commit was made for, as Argo CD's hydrator tells it in `references`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Reference {
    commit: ReferencedCommit,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct ReferencedCommit {
    #[serde(skip_serializing_if = "String::is_empty")]
    author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sha: String,
    #[serde(rename = "repoURL", skip_serializing_if = "String::is_empty")]
    repo_url: String,
}

/// What the trailers of a source commit tell, and its body without them. As in the hydrator a value that is not
/// what its name says tells nothing and stays in the body (readers refuse a whole file for one date that is
/// none), the last of several counts, and every line of the body ends.
pub(super) fn read_references(source: &SourceCommit) -> (Vec<Reference>, String) {
    let mut commit = ReferencedCommit::default();
    let message = format!("{}\n\n{}\n", source.subject, source.body);
    if let Ok(trailers) = message_trailers_strs(&message) {
        for (name, value) in trailers.iter() {
            commit.take(name, value);
        }
    }
    let is_told =
        |line: &str| line.split_once(": ").is_some_and(|(name, value)| ReferencedCommit::default().take(name, value));
    let body = source.body.lines().filter(|line| !is_told(line)).flat_map(|line| [line, "\n"]).collect();
    let references = if commit == ReferencedCommit::default() { Vec::new() } else { vec![Reference { commit }] };
    (references, body)
}

impl ReferencedCommit {
    /// Takes what a trailer says; whether it is one of those that are read and its value is what it should be.
    fn take(&mut self, name: &str, value: &str) -> bool {
        let Some(field) = name.strip_prefix(REFERENCE) else { return false };
        let (place, value) = match field {
            "author" => (&mut self.author, Some(value.to_owned()).filter(|value| is_author(value))),
            "date" => (&mut self.date, Time::parse(RFC3339, value).ok().map(|time| time.format(RFC3339))),
            "subject" => (&mut self.subject, Some(value.to_owned())),
            // A body may have many lines: it is written as JSON.
            "body" => (&mut self.body, serde_json::from_str(value).ok()),
            "sha" => (&mut self.sha, Some(value.to_owned()).filter(|value| is_id(value))),
            "repourl" => (&mut self.repo_url, url::parse(value.as_bytes()).ok().map(|_| value.to_owned())),
            _ => return false,
        };
        let is_valid = value.is_some();
        if let Some(value) = value {
            *place = value;
        }
        is_valid
    }
}

/// Whether a text is a name and an address in angle brackets, or an address alone.
fn is_author(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.trim_end().strip_suffix('>').unwrap_or_default(),
        None => text,
    };
    let is_part = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || "<>@(),;:\\\"".contains(letter))
    };
    address.split_once('@').is_some_and(|(user, host)| is_part(user) && is_part(host))
}

/// Whether a text is the id of a commit, at least its first five digits.
fn is_id(text: &str) -> bool {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex && matches!(text.len(), 5..=40 | 64)
}
