use std::process::Command;

use url::Url;

use super::environment::Environment;
use super::git_config::Helpers;
use super::program::credential_program;
use crate::source::error::foreign;

/// Asks the helpers one after the other until one knows name and password, as git does. They are
/// never told to store or to erase anything. Gives also what is worth telling when none knows.
pub(super) fn ask(
    helpers: &Helpers,
    repository: &Url,
    environment: &Environment,
) -> (Option<(String, String)>, Vec<String>) {
    let mut notes = Vec::new();
    let mut name = helpers.username.clone();
    for helper in &helpers.helpers {
        let question = question(helpers, repository, name.as_deref());
        let shown = foreign(helper.split_whitespace().next().unwrap_or_default());
        match credential_program(&mut command(helper), environment, &question) {
            Err(why) => notes.push(format!("git's credential helper `{shown}` {why}")),
            Ok(answer) => {
                let answer = read(&String::from_utf8_lossy(&answer));
                if let (Some(name), Some(password)) = (answer.username.clone().or(name.clone()), answer.password) {
                    return (Some((name, password)), Vec::new());
                }
                if answer.quit {
                    break;
                }
                name = answer.username.or(name);
                notes.push(format!("git's credential helper `{shown}` knows nothing for this URL"));
            }
        }
    }
    (None, notes)
}

/// The command of a helper: a shell command after `!`, an absolute path, or the name of a program
/// `git credential-NAME`. It stands in the user's configuration and is trusted like it.
fn command(helper: &str) -> Command {
    let line = match helper.strip_prefix('!') {
        Some(line) => line.to_owned(),
        None if helper.starts_with('/') => helper.to_owned(),
        None => format!("git credential-{helper}"),
    };
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{line} get"));
    command
}

fn question(helpers: &Helpers, repository: &Url, name: Option<&str>) -> String {
    let host = repository.host_str().unwrap_or_default();
    let port = repository.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut text = format!("protocol={}\nhost={host}{port}\n", repository.scheme());
    if helpers.with_path {
        text.push_str(&format!("path={}\n", repository.path().trim_start_matches('/')));
    }
    if let Some(name) = name {
        text.push_str(&format!("username={name}\n"));
    }
    text.push('\n');
    text
}

#[derive(Default)]
struct Answer {
    username: Option<String>,
    password: Option<String>,
    quit: bool,
}

fn read(text: &str) -> Answer {
    let mut answer = Answer::default();
    for line in text.lines() {
        match line.split_once('=') {
            Some(("username", value)) => answer.username = Some(value.to_owned()),
            Some(("password", value)) => answer.password = Some(value.to_owned()),
            Some(("quit", value)) => answer.quit = matches!(value, "1" | "true"),
            Some(_) => {}
            None => break,
        }
    }
    answer
}
