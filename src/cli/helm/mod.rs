//! Helm's command line: `kiln template`, and the binary under the name `helm`, for tools that call
//! helm.
//!
//! Words are read as Go's pflag reads them and every message is Helm's own, because other programs
//! read them; where Helm does not name the place of a cause, a line before the message does. One file
//! or folder per command, all listed in [`commands`]; what several commands share stands beside them:
//! flags, values, the chart that a word means, settings, help, failures. Exit codes are 0 and 1 only.

mod chart;
mod command;
mod commands;
mod compat;
mod dependency;
mod dispatch;
mod download;
mod environment;
mod failure;
mod files;
mod flags;
mod help;
mod input;
mod lint;
mod package;
mod pflag;
mod place;
mod plugins;
mod pull;
mod registry;
mod repo;
mod settings;
mod show;
mod stack;
mod suggest;
mod table;
mod template;
mod unpack;
mod values;
mod verify;
mod version;

pub use dispatch::{run, template};
