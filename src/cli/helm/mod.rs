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
mod dispatch;
mod environment;
mod failure;
mod flags;
mod help;
mod pflag;
mod place;
mod plugins;
mod settings;
mod show;
mod suggest;
mod template;
mod values;
mod version;

pub use dispatch::{run, template};
