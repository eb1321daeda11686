//! What becomes of an edit: shown, written, committed.

use std::io::Write;
use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::editing::{Edited, FileChange};
use super::exit;
use crate::diag::{Blame, Code, Diagnostic};
use crate::report::{Reporter, difference};
use crate::source::Tree;

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
    let edited = edit(&Tree::directory(folder, ""))?;
    if args.dry_run {
        if args.output == Format::Text {
            print(&edited.changes.iter().map(shown).collect::<String>());
        }
    } else {
        edited.write(folder)?;
    }
    edited.told.lines().for_each(|line| reporter.summary(line));
    if args.output == Format::Json {
        print(&format!("{:#}\n", facts(&edited)));
    }
    let failed = args.fail_if_unchanged && edited.is_empty();
    Ok(if failed { exit::DIFFERENT } else { exit::OK })
}

fn shown(change: &FileChange) -> String {
    difference(&change.path, change.before.as_deref(), Some(&change.after))
}

fn facts(edited: &Edited) -> serde_json::Value {
    json!({
        "apiVersion": "kiln/v1alpha1",
        "kind": "Edit",
        "changed": !edited.is_empty(),
        "files": edited.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(),
        "edits": edited.facts,
    })
}

fn print(text: &str) {
    // Nobody may be reading any more.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
