use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::source::credentials::{Environment, credential_program};
use crate::source::remote::Login;

/// What is known for one registry.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::source) struct Credential {
    /// A name and a password.
    pub login: Login,
    /// A token that buys tokens.
    pub refresh: String,
    /// A token to be sent as it is.
    pub access: String,
}

/// Files like docker's `config.json`, with the programs that they name for keeping credentials.
#[derive(Default)]
pub(in crate::source) struct Logins {
    pub(super) files: Vec<Map<String, Json>>,
    pub(super) environment: Environment,
}

/// The answer of a program that keeps credentials.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

impl Logins {
    /// Reads files; those that are not there or make no sense hold nothing.
    pub(in crate::source) fn read(paths: impl Iterator<Item = PathBuf>, environment: &Environment) -> Self {
        let read = |path: PathBuf| fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self { files: paths.filter_map(read).collect(), environment: environment.clone() }
    }

    /// The credential for a registry's host, with its port; empty when none is known. In each file its
    /// program for the host counts before its program for all hosts, and that before what it holds
    /// itself. Gives also what programs could not answer.
    pub(in crate::source) fn of(&self, host: &str) -> (Credential, Vec<String>) {
        let key = key(host);
        let mut notes = Vec::new();
        for file in &self.files {
            let own = file.get("credHelpers").and_then(Json::as_object);
            let own = own.and_then(|own| own.get(host).or_else(|| own.get(key))).and_then(Json::as_str);
            let program = own.or_else(|| file.get("credsStore").and_then(Json::as_str));
            if let Some(program) = program.filter(|program| !program.is_empty()) {
                match ask(program, key, &self.environment) {
                    Ok(credential) => return (credential, Vec::new()),
                    Err(why) => notes.push(format!("`docker-credential-{}` {why}", program.escape_debug())),
                }
            }
            if let Some(found) = find(file, key) {
                return (found, Vec::new());
            }
        }
        (Credential::default(), notes)
    }
}

fn ask(name: &str, key: &str, environment: &Environment) -> Result<Credential, String> {
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err("is no name of a program".to_owned());
    }
    let mut command = Command::new(format!("docker-credential-{name}"));
    let answer = credential_program(command.arg("get"), environment, key)?;
    let kept: Kept = serde_json::from_slice(&answer).map_err(|_| "answers with something else".to_owned())?;
    match (kept.username.as_str(), kept.secret) {
        (_, secret) if secret.is_empty() => Err("has no answer".to_owned()),
        ("<token>", refresh) => Ok(Credential { refresh, ..Credential::default() }),
        (username, password) => {
            let login = Login { username: username.to_owned(), password };
            Ok(Credential { login, ..Credential::default() })
        }
    }
}

/// The name that a registry has in such files.
pub(super) fn key(host: &str) -> &str {
    match host {
        "docker.io" | "registry-1.docker.io" => "https://index.docker.io/v1/",
        host => host,
    }
}

fn find(file: &Map<String, Json>, key: &str) -> Option<Credential> {
    let logins = file.get("auths")?.as_object()?;
    let found = logins.get(key).or_else(|| logins.iter().find(|(name, _)| host_of(name) == key).map(|(_, it)| it))?;
    let text = |name: &str| found.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut login = Login { username: text("username"), password: text("password") };
    let pair = STANDARD.decode(text("auth")).ok().and_then(|pair| String::from_utf8(pair).ok());
    if let Some((username, password)) = pair.as_deref().and_then(|pair| pair.split_once(':')) {
        login = Login { username: username.to_owned(), password: password.trim_end_matches('\0').to_owned() };
    }
    let credential = Credential { login, refresh: text("identitytoken"), access: text("registrytoken") };
    Some(credential).filter(|credential| *credential != Credential::default())
}

/// Old files name registries by whole URLs.
fn host_of(name: &str) -> &str {
    let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
    name.split('/').next().unwrap_or(name)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn programs_that_keep_credentials_are_asked_on_their_standard_input() {
        let folder = tempfile::tempdir().unwrap();
        let script = "#!/bin/sh\nread host\n[ \"$1\" = get ] || exit 1\ncase $host in\n\
            a.example:5000) echo '{\"ServerURL\":\"x\",\"Username\":\"me\",\"Secret\":\"s3\"}';;\n\
            b.example) echo '{\"Username\":\"<token>\",\"Secret\":\"idt\"}';;\n\
            https://index.docker.io/v1/) echo '{\"Username\":\"hub\",\"Secret\":\"h\"}';;\n\
            *) echo 'credentials not found in native keychain'; exit 1;;\nesac\n";
        let program = folder.path().join("docker-credential-kiln-test");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let config = folder.path().join("config.json");
        let text = r#"{"credHelpers": {"a.example:5000": "kiln-test", "b.example": "kiln-test", "d.example": "../x"},
            "credsStore": "kiln-test", "auths": {"c.example": {"auth": "Yzpk"}}}"#;
        fs::write(&config, text).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let environment = Environment::of([("PATH", &*path)]);
        let logins = Logins::read([config].into_iter(), &environment);
        assert_eq!(logins.of("a.example:5000").0.login.password, "s3");
        assert_eq!(logins.of("b.example").0.refresh, "idt");
        assert_eq!(logins.of("docker.io").0.login.username, "hub");
        assert_eq!(logins.of("c.example").0.login.password, "d", "what the file holds is the last resort");
        let (nothing, notes) = logins.of("d.example");
        assert!(nothing == Credential::default());
        assert_eq!(notes, ["`docker-credential-../x` is no name of a program"]);
    }
}
