//! `docs/reference/cli.md` is written from the command line's own definition.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use clap::{Arg, ArgAction};
use libtest_mimic::Failed;

use crate::{BINARY, root};

const HEAD: &str = "# Commands

<!-- Written by `KILN_BLESS=1 cargo test --test docs`; change the command line's definition instead. -->

`kiln help COMMAND` prints the same. Most flags can be set by an environment variable too. Errors and
progress go to stderr, data to stdout. [Exit codes](exit-codes.md) have a page of their own.
";

/// Compares the page with the definition; with `KILN_BLESS` set, writes it.
pub fn check() -> Result<(), Failed> {
    let wanted = page()?;
    let path = root().join("docs/reference/cli.md");
    if std::env::var_os("KILN_BLESS").is_some() {
        fs::write(&path, &wanted)?;
    }
    let present = fs::read_to_string(&path).unwrap_or_default();
    if present == wanted {
        return Ok(());
    }
    let line = present.lines().zip(wanted.lines()).position(|(one, other)| one != other).unwrap_or(0);
    let shown = |text: &str| text.lines().nth(line).unwrap_or_default().to_owned();
    Err(format!(
        "docs/reference/cli.md is out of date at line {}:\n{}\n{}\nKILN_BLESS=1 writes it anew",
        line + 1,
        shown(&present),
        shown(&wanted)
    )
    .into())
}

fn page() -> Result<String, Failed> {
    let mut kiln = kiln::cli::command();
    kiln.build();
    let mut page = HEAD.to_owned();
    page.push_str("\n## Every command\n\n");
    table(&mut page, kiln.get_arguments().filter(|arg| !is_own_help(arg)));
    for command in kiln.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        writeln!(page, "\n## kiln {name}\n")?;
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let aliases: Vec<String> = command.get_visible_aliases().map(|alias| format!("`kiln {alias}`")).collect();
        let also = if aliases.is_empty() { String::new() } else { format!(" Also {}.", aliases.join(", ")) };
        writeln!(page, "{about}.{also}\n")?;
        if name == "template" {
            let help = Command::new(BINARY).args(["template", "--help"]).output()?;
            writeln!(page, "```text\n{}```", String::from_utf8(help.stdout)?)?;
            continue;
        }
        let usage = command.clone().render_usage().to_string();
        writeln!(page, "```text\n{}\n```", usage.trim_start_matches("Usage: "))?;
        let own: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_global_set() && !is_own_help(arg)).collect();
        if !own.is_empty() {
            page.push('\n');
            table(&mut page, own.into_iter());
        }
    }
    Ok(page)
}

/// Whether an argument is one that clap adds to every command.
fn is_own_help(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version)
}

fn table<'a>(page: &mut String, args: impl Iterator<Item = &'a Arg>) {
    page.push_str("| argument | meaning | variable |\n|---|---|---|\n");
    for arg in args {
        let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
        if arg.get_action().takes_values() {
            let words: Vec<String> =
                arg.get_possible_values().iter().map(|word| format!("`{}`", word.get_name())).collect();
            if !words.is_empty() {
                help.push_str(&format!(": {}", words.join(", ")));
            }
            let default = arg.get_default_values().first().map(|word| word.to_string_lossy()).unwrap_or_default();
            if !default.is_empty() {
                help.push_str(&format!(" (default: `{default}`)"));
            }
        }
        let variable = arg.get_env().map(|name| format!("`{}`", name.to_string_lossy())).unwrap_or_default();
        page.push_str(&format!("| {} | {help} | {variable} |\n", spelling(arg)));
    }
}

/// How an argument is typed: `-j`, `--jobs N`; `ENV...`.
fn spelling(arg: &Arg) -> String {
    let names: Vec<String> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let value = names.join(" ").replace('|', "\\|");
    let Some(long) = arg.get_long() else { return format!("`{value}`") };
    let short = arg.get_short().map(|letter| format!("`-{letter}`, ")).unwrap_or_default();
    let value = if arg.get_action().takes_values() { format!(" {value}") } else { String::new() };
    format!("{short}`--{long}{value}`")
}
