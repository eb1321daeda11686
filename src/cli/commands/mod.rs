//! One file per command; this one finds the command that was asked for.

pub mod add;
pub mod bundle;
pub mod cache;
pub mod completions;
pub mod event;
pub mod generate;
pub mod image;
pub mod init;
pub mod install;
pub mod layers;
pub mod lock;
pub mod man;
pub mod merge;
pub mod outdated;
pub mod plan;
pub mod promote;
pub mod publish;
pub mod remove;
pub mod set;
pub mod sources;
pub mod update;
pub mod vendor;
pub mod verify;
pub mod version;

use std::ffi::OsString;

use clap::Parser;

use super::args::{Cli, Command};
use super::editing::{Manner, folder_name};
use super::landing::land;
use super::{exit, helm, signals};
use crate::source::Tree;

/// Runs a command line of `kiln`.
pub fn kiln(words: &[OsString]) -> u8 {
    // Helm's own words follow, and its flags must not be taken for kiln's.
    if words.get(1).is_some_and(|word| word == "template") {
        return helm::template(&words[2..]);
    }
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            return match (error.print(), error.use_stderr()) {
                (_, true) => exit::USAGE,
                (Ok(()), false) => exit::OK,
                (Err(_), false) => exit::WORLD,
            };
        }
    };
    let reporter = cli.global.reporter();
    let project = cli.global.project.as_path();
    match &cli.command {
        Command::Generate(args) => signals::while_writing(|| generate::run(args, args.check, project, &reporter)),
        Command::Check(args) => generate::run(args, true, project, &reporter),
        Command::Verify(args) => verify::run(args, project, &reporter),
        Command::Publish(args) => signals::while_watched(|| publish::run(args, project, &reporter)),
        Command::Promote(args) => signals::while_watched(|| promote::run(args, project, &reporter)),
        Command::Layers(args) => layers::run(args, project, &reporter),
        Command::Plan(args) => plan::run(args, project, &reporter),
        Command::Merge(args) => merge::run(args, &reporter),
        Command::Install(args) => signals::while_watched(|| install::run(args, project, &reporter)),
        Command::Update(args) => signals::while_watched(|| update::run(args, project, &reporter)),
        Command::Outdated(args) => signals::while_watched(|| outdated::run(args, project, &reporter)),
        Command::Lock(args) => signals::while_watched(|| lock::run(args, project, &reporter)),
        Command::Vendor(args) => signals::while_watched(|| vendor::run(args, project, &reporter)),
        Command::Bundle(args) => signals::while_watched(|| bundle::run(args, project, &reporter)),
        Command::Cache(args) => cache::run(args, project, &reporter),
        Command::Template { words } => helm::template(words),
        Command::Set { args, landing } => {
            let edit = |tree: &Tree| set::set(args, tree, Manner::Kiln);
            signals::while_watched(|| land(landing, project, &edit, &reporter))
        }
        Command::Add { args, landing } => {
            let edit = |tree: &Tree| add::add(args, tree, &folder_name(project), Manner::Kiln);
            signals::while_watched(|| land(landing, project, &edit, &reporter))
        }
        Command::Remove { args, landing } => {
            let edit = |tree: &Tree| remove::remove(args, tree, &folder_name(project), Manner::Kiln);
            signals::while_watched(|| land(landing, project, &edit, &reporter))
        }
        Command::Event(args) => signals::while_watched(|| event::run(args, project, &reporter)),
        Command::Image(args) => signals::while_watched(|| image::run(args, project, &reporter)),
        Command::Init(args) => init::run(args, project, &reporter),
        Command::Version => version::run(),
        Command::Completions(args) => completions::run(args),
        Command::Man => man::run(),
    }
}
