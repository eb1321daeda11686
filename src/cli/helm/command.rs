use super::failure::{Failure, Outcome};
use super::flags;
use super::help;
use super::pflag::{self, Flag, Words};

/// A command of helm's.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// One line about it.
    pub about: &'static str,
    /// What it does.
    pub does: Does,
}

/// What a command does.
pub enum Does {
    /// Gives something.
    Run(Action),
    /// Holds other commands.
    Group(&'static [Command]),
    /// Is refused; the text says why.
    Refuse(&'static str),
}

/// A command that gives something.
pub struct Action {
    /// Its arguments in a usage line.
    pub usage: &'static str,
    /// How many arguments it takes.
    pub arguments: Arguments,
    /// Its flags, without those that every command has.
    pub flags: &'static [&'static [Flag]],
    /// Does it.
    pub run: fn(Words) -> Outcome,
}

/// How many arguments a command takes. Helm counts them before anything else is looked at.
#[derive(Clone, Copy)]
pub enum Arguments {
    /// Any number, or the command counts them itself.
    Any,
    /// None at all.
    None,
    /// Exactly one.
    One,
    /// Exactly two.
    Two,
    /// One or none.
    AtMostOne,
    /// One or more.
    AtLeastOne,
}

/// Runs a command with the words behind its name. `path` is the way to it, as typed: `helm show all`.
pub fn run(command: &Command, path: &str, words: Vec<String>) -> Outcome {
    match &command.does {
        Does::Run(action) => act(command, action, path, words),
        Does::Group(commands) => match find(commands, &words) {
            Some((at, found)) => {
                let mut words = words;
                words.remove(at);
                run(found, &format!("{path} {}", found.name), words)
            }
            // Any other word below a group is not looked at, as in Helm.
            None => pflag::parse(&[flags::GLOBAL], words)
                .map(|_| help::group(command.about, path, commands))
                .map_err(Failure::from),
        },
        Does::Refuse(reason) if asks_help(&words) => Ok(help::refused(command.about, path, reason)),
        Does::Refuse(reason) => Err(format!("\"{path}\" {reason}").into()),
    }
}

fn act(command: &Command, action: &Action, path: &str, words: Vec<String>) -> Outcome {
    let tables: Vec<&'static [Flag]> = action.flags.iter().copied().chain([flags::GLOBAL]).collect();
    let words = pflag::parse(&tables, words)?;
    if words.is_on("help") {
        return Ok(help::action(command.about, path, action));
    }
    action.arguments.check(words.arguments.len(), path, action.usage)?;
    (action.run)(words)
}

/// The command that the first word besides flags names, and the position of that word.
pub fn find<'c>(commands: &'c [Command], words: &[String]) -> Option<(usize, &'c Command)> {
    let at = pflag::first_argument(flags::GLOBAL, words)?;
    let word = words[at].as_str();
    let found = commands.iter().find(|command| command.name == word || command.aliases.contains(&word))?;
    Some((at, found))
}

fn asks_help(words: &[String]) -> bool {
    words.iter().take_while(|word| *word != "--").any(|word| word == "--help" || word == "-h")
}

impl Arguments {
    fn check(self, count: usize, path: &str, usage: &str) -> Result<(), String> {
        let wanted = match self {
            Self::None if count > 0 => "accepts no arguments",
            Self::One if count != 1 => "requires 1 argument",
            Self::Two if count != 2 => "requires 2 arguments",
            Self::AtLeastOne if count == 0 => "requires at least 1 argument",
            Self::AtMostOne if count > 1 => "accepts at most 1 argument",
            _ => return Ok(()),
        };
        Err(format!("\"{path}\" {wanted}\n\nUsage:  {}", help::usage(path, usage)))
    }
}
