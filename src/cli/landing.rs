//! What becomes of an edit: shown, written, committed, pushed.

use std::io::Write;
use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::editing::{Edited, FileChange};
use super::exit;
use super::fetching::FetchArgs;
use crate::diag::{Blame, Code, Diagnostic};
use crate::report::{Reporter, difference};
use crate::source::{CommitEdit, CommitWish, FetchOptions, Landed, Retries, Tree, land_edit};

const NO_FOLDER: Code = Code("project.no-folder");

/// Flags about what becomes of an edit.
#[derive(Clone, Debug, Default, Args)]
pub struct LandingArgs {
    /// Write nothing; print the difference
    #[arg(long)]
    pub dry_run: bool,
    /// Exit with 2 when nothing changes
    #[arg(long)]
    pub fail_if_unchanged: bool,
    /// What is printed on stdout: nothing, or what was done as JSON
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Format,
    /// Make one commit of it in the git repository that the files are in
    #[arg(long)]
    pub commit: bool,
    /// The message of the commit (default: what was done)
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Commit on the newest commit of the remote's branch and push; when others push meanwhile, the edit is
    /// done again on what they pushed
    #[arg(long)]
    pub push: bool,
    /// How often to try when others push too
    #[arg(long, value_name = "N", env = "KILN_RETRIES", default_value_t = Tries::default())]
    pub retries: Tries,
    /// The remote to push to, by name or URL (default: that of the branch that is checked out, else `origin`)
    #[arg(long, value_name = "REMOTE", requires = "push")]
    pub remote: Option<String>,
    /// The branch to push to (default: the one that is checked out)
    #[arg(long, value_name = "BRANCH", requires = "push")]
    pub onto: Option<String>,
    /// Who makes the commit, as `Name <address>` (default: as git is configured)
    #[arg(long, value_name = "AUTHOR")]
    pub author: Option<String>,
}

/// How often to try.
#[derive(Clone, Copy, Debug)]
pub struct Tries(u32);

impl Default for Tries {
    fn default() -> Self {
        Self(Retries::default().0)
    }
}

impl std::fmt::Display for Tries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Tries {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What is printed on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Nothing; stderr tells what was done
    #[default]
    Text,
    /// What was done, for programs
    Json,
}

/// Does an edit of the files of a folder, as the flags say.
pub fn land(
    args: &LandingArgs,
    folder: &Path,
    edit: &dyn Fn(&Tree) -> Result<Edited, Diagnostic>,
    reporter: &Reporter,
) -> u8 {
    match try_land(args, folder, edit, reporter) {
        Ok(code) => code,
        Err(problem) => {
            reporter.diagnostics(std::slice::from_ref(&problem));
            exit::of(&[problem])
        }
    }
}

fn try_land(
    args: &LandingArgs,
    folder: &Path,
    edit: &dyn Fn(&Tree) -> Result<Edited, Diagnostic>,
    reporter: &Reporter,
) -> Result<u8, Diagnostic> {
    if !folder.is_dir() {
        let message = format!("`{}`: no such directory", folder.display());
        return Err(Diagnostic::error(NO_FOLDER, message).blame(Blame::Usage));
    }
    let mut landed = None;
    let edited = if (args.commit || args.push) && !args.dry_run {
        let (edited, commit) = committed(args, folder, edit)?;
        landed = commit;
        edited
    } else {
        let edited = edit(&Tree::directory(folder, ""))?;
        if !args.dry_run {
            edited.write(folder)?;
        } else if args.output == Format::Text {
            print(&edited.changes.iter().map(shown).collect::<String>());
        }
        edited
    };
    edited.told.lines().for_each(|line| reporter.summary(line));
    if let Some(landed) = &landed {
        tell(landed, reporter);
    }
    if args.output == Format::Json {
        print(&format!("{:#}\n", facts(&edited, landed.as_ref())));
    }
    let failed = args.fail_if_unchanged && edited.is_empty();
    Ok(if failed { exit::DIFFERENT } else { exit::OK })
}

/// Commits an edit, and pushes the commit if asked to.
fn committed(
    args: &LandingArgs,
    folder: &Path,
    edit: &dyn Fn(&Tree) -> Result<Edited, Diagnostic>,
) -> Result<(Edited, Option<Landed>), Diagnostic> {
    let wish = CommitWish {
        author: args.author.clone(),
        push: args.push,
        remote: args.remote.clone(),
        branch: args.onto.clone(),
        retries: Retries(args.retries.0),
    };
    let reach = FetchArgs::from_environment();
    let mut options = FetchOptions::of_project(folder);
    options.allow_insecure = reach.allow_insecure;
    options.ca_file = reach.ca_file;
    let mut last = Edited::default();
    let landed = land_edit(folder, &wish, &options, &mut |tree| {
        last = edit(tree)?;
        let files = last.changes.iter().map(|change| (change.path.clone(), change.after.clone().into_bytes()));
        let message = args.message.clone().unwrap_or_else(|| last.subject.clone());
        Ok::<_, Diagnostic>(CommitEdit { files: files.collect(), message })
    })?;
    Ok((last, landed))
}

fn tell(landed: &Landed, reporter: &Reporter) {
    let Landed { id, branch, remote, left } = landed;
    let short = &id[..id.len().min(12)];
    match remote {
        Some(remote) => reporter.summary(&format!("pushed {short} to `{branch}` of {remote}")),
        None => reporter.summary(&format!("committed {short} to `{branch}`")),
    }
    if let Some(why) = left {
        reporter.summary(&format!("the files here are left as they were: {why}"));
    }
}

fn shown(change: &FileChange) -> String {
    difference(&change.path, change.before.as_deref(), Some(&change.after))
}

fn facts(edited: &Edited, landed: Option<&Landed>) -> serde_json::Value {
    let commit = landed.map(
        |landed| json!({ "id": landed.id, "branch": landed.branch, "remote": landed.remote, "filesLeft": landed.left }),
    );
    json!({
        "apiVersion": "kiln/v1alpha1",
        "kind": "Edit",
        "changed": !edited.is_empty(),
        "files": edited.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(),
        "edits": edited.facts,
        "commit": commit,
    })
}

fn print(text: &str) {
    // Nobody may be reading any more.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
