use std::fmt::Write as _;

use git2::{Oid, Repository, Signature, Time};

use super::PublishError;

/// The most characters of the first line of a message.
const SUBJECT_CHARS: usize = 72;

/// A commit of the source, as far as it is told in what is published from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCommit {
    /// Its id, in hex.
    pub id: String,
    /// The first paragraph of its message, in one line.
    pub subject: String,
    /// What follows in its message.
    pub body: String,
    /// Who wrote it: `Name <address>`.
    pub author: String,
    /// When it was written: seconds since 1970, and minutes from UTC.
    pub written: (i64, i32),
    /// When it was made: seconds since 1970, and minutes from UTC.
    pub time: (i64, i32),
}

/// What a commit says.
#[derive(Clone, Debug, Default)]
pub struct CommitText {
    /// The first line, with `{clusters}`, `{source}` and `{subject}` to be filled in; a default when absent.
    pub subject: Option<String>,
    /// A whole message that stands in place of subject and body.
    pub message: Option<String>,
    /// How many clusters the commit holds changes of.
    pub clusters: usize,
    /// The source commit, when there is one.
    pub source: Option<SourceCommit>,
    /// Lines about what changed.
    pub body: Vec<String>,
    /// Names and values.
    pub trailers: Vec<(String, String)>,
}

/// The message of a commit: a line, what changed, trailers.
pub fn commit_message(text: &CommitText) -> String {
    let noun = if text.clusters == 1 { "cluster" } else { "clusters" };
    let short = text.source.as_ref().map_or("", |source| &source.id[..source.id.len().min(12)]);
    let what = text.source.as_ref().map_or("", |source| source.subject.as_str());
    let mut message = match (&text.message, &text.subject) {
        (Some(message), _) => message.trim_end().to_owned(),
        (None, Some(pattern)) => line(
            &pattern
                .replace("{clusters}", &text.clusters.to_string())
                .replace("{source}", short)
                .replace("{subject}", what),
        ),
        (None, None) if short.is_empty() => format!("render: {} {noun}", text.clusters),
        (None, None) => line(&format!("render: {} {noun} from {short} — {what}", text.clusters)),
    };
    if message.is_empty() {
        message = format!("render: {} {noun}", text.clusters);
    }
    message.push('\n');
    if text.message.is_none() && !text.body.is_empty() {
        message.push('\n');
        text.body.iter().for_each(|line| {
            let _ = writeln!(message, "{line}");
        });
    }
    if !text.trailers.is_empty() {
        message.push('\n');
        for (name, value) in &text.trailers {
            let _ = writeln!(message, "{name}: {}", value.replace(['\n', '\r'], " "));
        }
    }
    message
}

/// One line of limited length.
fn line(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default().trim_end();
    if text.chars().count() <= SUBJECT_CHARS {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SUBJECT_CHARS - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Signs the text of a commit.
pub type Sign<'a, E> = &'a dyn Fn(&str) -> Result<String, E>;

/// Makes a commit, signed when `sign` says how: it gets the commit's text and gives the signature.
///
/// # Errors
/// When the commit cannot be written, or what `sign` fails with.
pub fn write_commit<E: From<PublishError>>(
    repository: &Repository,
    tree: Oid,
    parent: Option<Oid>,
    author: (&str, &str),
    time: (i64, i32),
    message: &str,
    sign: Option<Sign<'_, E>>,
) -> Result<Oid, E> {
    let failed = || PublishError::git("make a commit");
    let who = Signature::new(author.0, author.1, &Time::new(time.0, time.1)).map_err(failed())?;
    let tree = repository.find_tree(tree).map_err(failed())?;
    let parent = parent.map(|id| repository.find_commit(id)).transpose().map_err(failed())?;
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    let Some(sign) = sign else {
        return Ok(repository.commit(None, &who, &who, message, &tree, &parents).map_err(failed())?);
    };
    let buffer = repository.commit_create_buffer(&who, &who, message, &tree, &parents).map_err(failed())?;
    let text = String::from_utf8_lossy(&buffer).into_owned();
    let signature = sign(&text)?;
    Ok(repository.commit_signed(&text, signature.trim_end(), Some("gpgsig")).map_err(failed())?)
}
