//! Fabrikate's command lines, for scripts that call `fab`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::diag::Diagnostic;
use crate::report::{Color, Reporter};
use crate::source::Tree;

use super::commands::{add, generate, install, remove, set, version};
use super::editing::{Edited, Manner, folder_name};
use super::landing::{LandingArgs, land};
use super::{exit, signals};

/// Fabrikate's commands, answered by kiln.
#[derive(Debug, Parser)]
#[command(name = "fab", version, arg_required_else_help = true)]
struct Fab {
    /// Print more
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fetch the sources of a stack, and keep them beside the components that use them
    Install {
        /// The stack's folder
        path: Option<PathBuf>,
    },
    /// Compile a stack to `generated/<environments>`
    Generate {
        /// Environments, highest priority first
        environments: Vec<String>,
        /// Accepted; manifests are always checked as they are rendered
        #[arg(long)]
        validate: bool,
    },
    /// Change configuration values
    Set(set::SetArgs),
    /// Add a subcomponent
    Add(add::AddArgs),
    /// Remove a subcomponent
    Remove(remove::RemoveArgs),
    /// Print the version
    Version,
}

/// Runs a command line of `fab`; exit codes are 0 and 1 only.
pub fn run(words: &[OsString]) -> u8 {
    let fab = match Fab::try_parse_from(words) {
        Ok(fab) => fab,
        Err(error) => {
            let printed = error.print();
            return if error.use_stderr() || printed.is_err() { exit::INPUT } else { exit::OK };
        }
    };
    let reporter = Reporter::new(Color::Auto, false, fab.verbose);
    let here = Path::new(".");
    let edit =
        |edit: &dyn Fn(&Tree) -> Result<Edited, Diagnostic>| land(&LandingArgs::default(), here, edit, &reporter);
    let code = match fab.command {
        Command::Install { path } => {
            signals::while_watched(|| install::run_as_fab(path.as_deref().unwrap_or(here), &reporter))
        }
        Command::Generate { environments, validate } => {
            signals::while_writing(|| generate::run_as_fab(environments, validate, here, &reporter))
        }
        Command::Set(args) => edit(&|tree| set::set(&args, tree, Manner::Fabrikate)),
        Command::Add(args) => edit(&|tree| add::add(&args, tree, &folder_name(here), Manner::Fabrikate)),
        Command::Remove(args) => edit(&|tree| remove::remove(&args, tree, &folder_name(here), Manner::Fabrikate)),
        Command::Version => version::run(),
    };
    if code == exit::OK || code == exit::INTERNAL || code > exit::SIGNALS { code } else { exit::INPUT }
}
