//! `helm registry`: logins for registries of OCI artefacts.

use std::io::Read as _;

use crate::source::remote::Login;

use super::command::{Action, Arguments, Command};
use super::commands::action;
use super::download::Downloader;
use super::failure::{Outcome, go_words, say};
use super::flags::{TLS, flag, short};
use super::pflag::{Flag, Takes, Words};

/// The commands below `registry`.
pub static COMMANDS: &[Command] = &[
    action("login", &[], "log in to a registry and remember it", LOGIN),
    action("logout", &[], "forget the login for a registry", LOGOUT),
];

const LOGIN: Action = Action { usage: "[host]", arguments: Arguments::AtLeastOne, flags: &[FLAGS, TLS], run: login };
const LOGOUT: Action = Action { usage: "[host]", arguments: Arguments::AtLeastOne, flags: &[], run: logout };

static FLAGS: &[Flag] = &[
    short('u', "username", Takes::Text, "user of the registry"),
    short('p', "password", Takes::Text, "the user's password, or an identity token"),
    flag("password-stdin", Takes::Bool, "read the password from standard input"),
    flag("insecure", Takes::Bool, "trust every certificate"),
    flag("plain-http", Takes::Bool, "talk to the registry without TLS"),
];

fn login(words: Words) -> Outcome {
    let text = |flag: &str| words.last(flag).unwrap_or_default().to_owned();
    let mut login = Login { username: text("username"), password: text("password") };
    if words.is_on("password-stdin") {
        let mut password = String::new();
        std::io::stdin().read_to_string(&mut password).map_err(|error| go_words(&error))?;
        let line = password.strip_suffix('\n').unwrap_or(&password);
        login.password = line.strip_suffix('\r').unwrap_or(line).to_owned();
    } else if login.password.is_empty() {
        return Err("a password is needed: pass it with --password-stdin or --password".to_owned().into());
    } else {
        say("WARNING: Using --password via the CLI is insecure. Use --password-stdin.");
    }
    let host = words.arguments.first().map_or("", String::as_str);
    Downloader::of(&words)?.new_registry()?.login(host, &login)?;
    say("Login Succeeded");
    Ok(Vec::new())
}

fn logout(words: Words) -> Outcome {
    let host = words.arguments.first().map_or("", String::as_str);
    Downloader::of(&words)?.new_registry()?.logout(host).map_err(|error| error.to_string())?;
    say(&format!("Removing login credentials for {host}"));
    Ok(Vec::new())
}
