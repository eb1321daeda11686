use std::ffi::OsString;

use super::command::{self, Command, Does};
use super::commands::{COMMANDS, TEMPLATE};
use super::failure::{Failure, Outcome, finish, say};
use super::{flags, help, pflag, suggest};

/// Runs a command line of `helm`, without the program's name. Flags may stand before the command.
/// Returns the exit code.
pub fn run(words: &[OsString]) -> u8 {
    finish(dispatch(text(words)))
}

/// Runs `template` with the words behind the command's name. Returns the exit code.
pub fn template(words: &[OsString]) -> u8 {
    finish(command::run(&TEMPLATE, "kiln template", text(words)))
}

fn text(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

fn dispatch(mut words: Vec<String>) -> Outcome {
    if let Some((at, command)) = command::find(COMMANDS, &words) {
        words.remove(at);
        return command::run(command, &format!("helm {}", command.name), words);
    }
    match pflag::first_argument(flags::GLOBAL, &words) {
        Some(at) if words[at] == "help" => {
            words.remove(at);
            Ok(help_of(&words))
        }
        Some(at) => Err(unknown(&words[at])),
        None => {
            pflag::parse(&[flags::GLOBAL], words)?;
            Ok(whole_help())
        }
    }
}

fn whole_help() -> Vec<u8> {
    help::group("kiln in helm's place: renders, inspects and packs charts.", "helm", COMMANDS)
}

/// What `help` prints for the command that its words name. Of a topic that does not exist nothing goes
/// to standard output, and yet the exit code is 0, as in Helm.
fn help_of(words: &[String]) -> Vec<u8> {
    let mut commands = COMMANDS;
    let mut path = "helm".to_owned();
    let mut found: Option<&Command> = None;
    for word in words.iter().filter(|word| !word.starts_with('-')) {
        match command::find(commands, std::slice::from_ref(word)) {
            Some((_, command)) => {
                path = format!("{path} {}", command.name);
                found = Some(command);
                commands = match command.does {
                    Does::Group(below) => below,
                    _ => &[],
                };
            }
            None if found.is_some() => break,
            None => {
                say(&format!("Unknown help topic [`{word}`]"));
                say(String::from_utf8_lossy(&whole_help()).trim_end());
                return Vec::new();
            }
        }
    }
    match found.map(|command| &command.does) {
        None => whole_help(),
        Some(_) => {
            found.and_then(|command| command::run(command, &path, vec!["--help".to_owned()]).ok()).unwrap_or_default()
        }
    }
}

fn unknown(word: &str) -> Failure {
    let shown = crate::golang::strconv::quote(word.as_bytes());
    let mut message = format!("unknown command {shown} for \"helm\"");
    let alike = suggest::alike(COMMANDS.iter().map(|command| command.name), word);
    if !alike.is_empty() {
        message.push_str("\n\nDid you mean this?\n");
        message.extend(alike.iter().map(|name| format!("\t{name}\n")));
    }
    message.push_str("\nRun 'helm --help' for usage.");
    message.into()
}
