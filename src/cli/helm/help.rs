//! The texts of `--help`. They are kiln's own: nothing that calls helm reads them.

use super::command::{Action, Command};
use super::flags;
use super::pflag::Flag;

/// The usage line of a command, as Helm writes it.
pub fn usage(path: &str, arguments: &str) -> String {
    match arguments {
        "" => format!("{path} [flags]"),
        arguments => format!("{path} {arguments} [flags]"),
    }
}

/// The help of a command that gives something.
pub fn action(about: &str, path: &str, action: &Action) -> Vec<u8> {
    let mut text = format!("{about}\n\nUsage: {}\n\nFlags:\n", usage(path, action.usage));
    let tables = action.flags.iter().copied().chain([flags::GLOBAL]);
    text.extend(tables.flatten().filter(|flag| !flag.help.is_empty()).map(line));
    let helm = path.replacen("kiln ", "helm ", 1);
    text.push_str(&format!("\nThe other flags of {helm} are accepted and change nothing.\n"));
    text.into_bytes()
}

/// The help of a command that holds others.
pub fn group(about: &str, path: &str, commands: &[Command]) -> Vec<u8> {
    let mut text = format!("{about}\n\nUsage: {path} [command]\n\nCommands:\n");
    text.extend(commands.iter().map(|command| format!("  {:<12} {}\n", command.name, command.about)));
    text.push_str(&format!("\nUse \"{path} [command] --help\" for more about a command.\n"));
    text.into_bytes()
}

/// The help of a command that is refused.
pub fn refused(about: &str, path: &str, reason: &str) -> Vec<u8> {
    format!("{about}\n\n\"{path}\" {reason}\n").into_bytes()
}

fn line(flag: &Flag) -> String {
    let short = flag.short.map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
    format!("  {short}--{:<24} {}\n", flag.name, flag.help)
}
