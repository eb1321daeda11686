use std::io::{self, BufWriter, Write};
use std::time::Instant;

use serde_json::{Value, json};

use crate::output::FileContents;
use crate::pipeline::{BranchOutcome, Destination, Published};
use crate::report::{Reporter, difference, grouped, printable};

/// Prints what would be done, and where pull requests are opened.
pub(super) fn text(published: &Published) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for branch in &published.branches {
        if published.dry_run {
            plan(&mut out, branch)?;
        } else if let (true, Some(url)) = (branch.commit.is_some(), &branch.compare_url) {
            writeln!(out, "{url}")?;
        }
    }
    out.flush()
}

fn plan(out: &mut impl Write, branch: &BranchOutcome) -> io::Result<()> {
    for text in &branch.texts {
        let mark = match (&text.before, &text.now) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        writeln!(out, "{mark} {}", printable(&text.path))?;
    }
    differences(out, &branch.texts)
}

/// The unified differences of files.
pub fn differences(out: &mut impl Write, texts: &[FileContents]) -> io::Result<()> {
    let read = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    for FileContents { path, before, now } in texts {
        out.write_all(difference(path, read(before).as_deref(), read(now).as_deref()).as_bytes())?;
    }
    Ok(())
}

/// Prints the result for machines.
pub(super) fn json(published: &Published) -> io::Result<()> {
    let branches: Vec<Value> = published.branches.iter().map(branch_json).collect();
    let mut value = json!({
        "apiVersion": "kiln/v1alpha1",
        "kind": "PublishResult",
        "changed": published.is_changed(),
        "dryRun": published.dry_run,
        "owner": published.owner,
        "source": published.source,
        "tries": published.tries,
        "rendered": published.rendered,
        "disabled": published.disabled,
        "branches": branches,
    });
    match &published.destination {
        Destination::Repository(repo) => value["repo"] = json!(repo),
        Destination::Folder(folder) => value["folder"] = json!(folder.display().to_string()),
    }
    // With one branch, as it mostly is, its commit stands where one looks first.
    if let [branch] = published.branches.as_slice() {
        value["branch"] = json!(branch.branch);
        value["commit"] = json!(branch.commit);
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &value)?;
    writeln!(out)?;
    out.flush()
}

fn branch_json(branch: &BranchOutcome) -> Value {
    let [added, changed, removed, unchanged] = branch.counts;
    let components: Vec<Value> = branch
        .components
        .iter()
        .map(|change| json!({"cluster": change.cluster, "component": change.component, "files": change.files}))
        .collect();
    let pruned: Vec<Value> =
        branch.pruned.iter().map(|(name, why)| json!({"name": name, "why": why.to_string()})).collect();
    json!({
        "branch": branch.branch,
        "proposedFor": branch.proposed_for,
        "changed": branch.changed,
        "commit": branch.commit,
        "before": branch.before,
        "files": {"added": added, "changed": changed, "removed": removed, "unchanged": unchanged},
        "clusters": {"rendered": branch.clusters.0, "changed": branch.clusters.1},
        "changes": components,
        "pruned": pruned,
        "kept": branch.kept,
        "compareUrl": branch.compare_url,
    })
}

/// One line for each branch, on stderr.
pub(super) fn summary(published: &Published, started: Instant, reporter: &Reporter) {
    for branch in &published.branches {
        let [added, changed, removed, unchanged] = branch.counts.map(grouped);
        let place = match (&published.destination, branch.branch.as_str()) {
            (Destination::Folder(folder), _) => folder.display().to_string(),
            (Destination::Repository(_), name) => name.to_owned(),
        };
        let what = match (published.dry_run, branch.changed, &branch.commit) {
            (true, true, _) => "would change".to_owned(),
            (true, false, _) | (false, false, _) => "nothing changes".to_owned(),
            (false, true, Some(commit)) => format!("commit {}", &commit[..12]),
            (false, true, None) if branch.proposed_for.is_some() => "nothing to propose, removed".to_owned(),
            (false, true, None) => "written".to_owned(),
        };
        let tries = if published.tries > 1 { format!(", {} tries", published.tries) } else { String::new() };
        let noun = if published.rendered == 1 { "component" } else { "components" };
        reporter.summary(&format!(
            "{place}: {what}; {added} added, {changed} changed, {removed} removed, {unchanged} unchanged; rendered {} \
             {noun}{tries} in {:.2} s",
            grouped(published.rendered),
            started.elapsed().as_secs_f64()
        ));
        let removed = if published.dry_run { "would be removed" } else { "removed" };
        for (name, why) in &branch.pruned {
            reporter.summary(&format!("{name}: {removed} ({why})"));
        }
        for path in &branch.kept {
            reporter.summary(&format!("left alone: {path}"));
        }
    }
    for name in &published.disabled {
        reporter.detail(&format!("disabled, kept: {name}"));
    }
}
