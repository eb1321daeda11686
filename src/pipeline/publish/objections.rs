use git2::Repository;

use crate::diag::{Blame, Code, Diagnostic, grouped};
use crate::output::difference;
use crate::output::publish::{Base, FileChange, Objection, RenderedFiles};
use crate::source::Lineage;

/// The most lines of differences that a message shows.
const MOST_LINES: usize = 60;
/// The most names that a message lists.
const MOST_NAMES: usize = 8;

fn refused(code: Code, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(code, message).blame(Blame::Target).help(help)
}

/// What speaks against a publication, for people. `place` names the branch or folder.
pub(super) fn told(
    objection: &Objection,
    place: &str,
    base: &dyn Base,
    rendered: &RenderedFiles,
    objects: &Repository,
) -> Diagnostic {
    match objection {
        Objection::Unmanaged { paths, count } => refused(
            Code("publish.unmanaged"),
            format!("{place} holds files that nobody recorded where this would be published: {}", named(paths, *count)),
            "publish to other folders, or take them over with `--adopt`, which deletes none of them",
        ),
        Objection::InTheWay { paths, count } => refused(
            Code("publish.in-the-way"),
            format!("{place} holds files of nobody where others belong: {}", named(paths, *count)),
            "move them away, or take them over with `--adopt`",
        ),
        Objection::Foreign { path, owner } => refused(
            Code("publish.foreign-owner"),
            format!("`{path}` on {place} belongs to the owner `{owner}`"),
            "let one of the two publish it, or give each folders of its own",
        ),
        Objection::Drift(changes) => refused(
            Code("publish.drift"),
            format!(
                "{} on {place} {} edited by somebody else since {} published:\n{}",
                named(&changes.iter().map(|change| change.path.clone()).collect::<Vec<_>>(), changes.len()),
                if changes.len() == 1 { "was" } else { "were" },
                if changes.len() == 1 { "it was" } else { "they were" },
                differences(changes, base, rendered, objects)
            ),
            "bring the edit into the source, or overwrite it with `--overwrite-drift`",
        ),
        Objection::Deletes { files, owned } => {
            let percent = (files * 100).checked_div(*owned).unwrap_or(100);
            refused(
                Code("publish.delete-limit"),
                format!("this would delete {} files ({percent} %) from {place}", grouped(*files)),
                "if that is meant, pass `--allow-delete`; `limits` in publish.yaml and `--max-delete` set the limit",
            )
        }
        Objection::Clusters(folders) => refused(
            Code("publish.removes-clusters"),
            format!("this would delete everything in {} from {place}", named(folders, folders.len())),
            "if that is meant, pass `--allow-delete`; a cluster with `disabled: true` keeps its files",
        ),
        Objection::Empty => refused(
            Code("publish.empty"),
            format!("nothing was rendered for {place}: there is no file with anything in it"),
            "check the stack with `kiln generate --dry-run`; an emptied stack is published with `--allow-delete`",
        ),
    }
}

/// A source that is not newer than what was published before.
pub(super) fn stale(before: &str, now: Option<&str>, lineage: Lineage, place: &str) -> Diagnostic {
    let code = Code("publish.stale-source");
    let short = |id: &str| id[..id.len().min(12)].to_owned();
    let (before, now) = (short(before), now.map(short));
    let Some(now) = now else {
        return refused(
            code,
            format!("stale source: {place} was published from commit {before}, and this source has no commits"),
            "publish from a repository, or pass `--allow-rollback`",
        );
    };
    match lineage {
        Lineage::Older => refused(
            code,
            format!("stale source: {place} was published from {before} already, which comes after {now}"),
            "publish the newer commit, or go back to this one with `--allow-rollback`",
        ),
        Lineage::Unknown { shallow: true } => refused(
            code,
            format!(
                "{place} was published from {before}, and nobody can tell whether {now} comes after it: the history of \
                 this checkout is cut off"
            ),
            "fetch the whole history (`git fetch --unshallow`; in CI `fetch-depth: 0` or `GIT_DEPTH: 0`)",
        ),
        _ => refused(
            code,
            format!("stale source: {place} was published from {before}, which is no ancestor of {now}"),
            "publish a commit that holds both, or pass `--allow-rollback`",
        ),
    }
}

/// A server that does not want a push.
pub(super) fn server_refused(said: &str, place: &str) -> Diagnostic {
    let said = if said.is_empty() { "it does not say why".to_owned() } else { said.to_owned() };
    refused(
        Code("publish.refused"),
        format!("the server refuses the push to {place}:\n{said}"),
        "check the protection of the branch, the server's hooks and what the credentials may do",
    )
}

fn named(paths: &[String], count: usize) -> String {
    let some: Vec<String> = paths.iter().take(MOST_NAMES).map(|path| format!("`{}`", path.escape_debug())).collect();
    match count.saturating_sub(some.len()) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

/// What became of files, against what was published; against what would be published where that lies in a history
/// that was not fetched.
fn differences(changes: &[FileChange], base: &dyn Base, rendered: &RenderedFiles, objects: &Repository) -> String {
    let text = |id: git2::Oid| {
        let blob = objects.find_blob(id).ok()?;
        Some(String::from_utf8_lossy(blob.content()).into_owned())
    };
    let mut lines: Vec<String> = Vec::new();
    for change in changes {
        let there = change.now.and_then(|_| base.read(&change.path).ok());
        let now = there.map(|content| String::from_utf8_lossy(&content).into_owned());
        let wanted = || rendered.files.get(&change.path).map(|file| file.id);
        match change.before.and_then(text).or_else(|| wanted().and_then(text)) {
            Some(before) => {
                lines.extend(difference(&change.path, Some(&before), now.as_deref()).lines().map(str::to_owned));
            }
            None => lines.push(format!("{}: {}", change.path, if now.is_some() { "edited" } else { "removed" })),
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("…".to_owned());
    }
    lines.join("\n")
}
