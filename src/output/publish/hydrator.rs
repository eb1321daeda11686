use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::Serialize;

use super::SourceCommit;
use super::reference::{Reference, read_references};

/// `hydrator.metadata` as Argo CD's commit server writes it and GitOps Promoter reads it.
#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(rename = "repoURL", skip_serializing_if = "Option::is_none")]
    repo_url: Option<&'a str>,
    #[serde(rename = "drySha")]
    dry_sha: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
}

/// The content of `hydrator.metadata` for a source commit of a repository, whose URL may be unknown.
pub fn hydrator_metadata(repo_url: Option<&str>, source: &SourceCommit) -> Vec<u8> {
    let (references, body) = read_references(source);
    let metadata = Metadata {
        repo_url,
        dry_sha: source.id.clone(),
        author: source.author.clone(),
        date: date(source.written),
        subject: source.subject.clone(),
        body,
        references,
    };
    let mut text = serde_json::to_vec_pretty(&metadata).expect("strings are JSON");
    text.push(b'\n');
    text
}

/// The note on a commit that says which source commit was seen last.
pub fn hydrator_note(source: &SourceCommit) -> Vec<u8> {
    format!("{{\"drySha\":\"{}\"}}\n", source.id).into_bytes()
}

/// A date as RFC 3339 writes it, in the offset that it was made in.
fn date((seconds, minutes): (i64, i32)) -> String {
    let Ok(time) = Timestamp::from_second(seconds) else { return String::new() };
    match Offset::from_seconds(minutes.saturating_mul(60)) {
        Ok(offset) if minutes != 0 => {
            time.to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        }
        _ => time.to_string(),
    }
}
