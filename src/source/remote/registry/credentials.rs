use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::logins::{Credential, Logins, key};
use crate::source::atomic;
use crate::source::credentials::Environment;
use crate::source::remote::Login;

/// The logins for registries: one for all of them, or those of files like docker's `config.json`.
#[derive(Default)]
pub struct Credentials {
    login: Option<Login>,
    /// What is written to.
    first: PathBuf,
    logins: Logins,
}

/// A file with logins that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsError(String);

impl Credentials {
    /// Takes the login when it is whole, else the files, in this order: `first` is the one that
    /// `login` writes, and the only one whose faults count.
    pub fn read(login: Login, first: &Path, fallback: Option<&Path>) -> Result<Self, CredentialsError> {
        let mut files = vec![read(first)?];
        files.extend(fallback.and_then(|path| read(path).ok()));
        let logins = Logins { files, environment: Environment::of_process() };
        Ok(Self { login: Some(login).filter(Login::is_whole), first: first.to_owned(), logins })
    }

    /// The credential for a registry's host; empty when none is known.
    pub(super) fn of(&self, host: &str) -> Credential {
        if let Some(login) = &self.login {
            return Credential { login: login.clone(), ..Credential::default() };
        }
        self.logins.of(host).0
    }

    /// Uses a login for every registry from now on.
    pub(super) fn login_with(&mut self, login: &Login) {
        self.login = Some(login.clone());
    }

    /// Remembers a login in the first file.
    pub(super) fn put(&mut self, host: &str, login: &Login) -> Result<(), CredentialsError> {
        let pair = STANDARD.encode(format!("{}:{}", login.username, login.password));
        let entry = match login.username.as_str() {
            "" => json!({ "identitytoken": login.password }),
            _ => json!({ "auth": pair }),
        };
        self.change(|logins| {
            logins.insert(key(host).to_owned(), entry);
        })
    }

    /// Forgets the login of a registry.
    pub(super) fn forget(&mut self, host: &str) -> Result<(), CredentialsError> {
        let known = self.logins.files.first().and_then(|file| file.get("auths")).and_then(Json::as_object);
        if known.is_none_or(|logins| !logins.contains_key(key(host))) {
            return Ok(());
        }
        self.change(|logins| {
            logins.remove(key(host));
        })
    }

    fn change(&mut self, change: impl FnOnce(&mut Map<String, Json>)) -> Result<(), CredentialsError> {
        let Some(file) = self.logins.files.first_mut() else { return Ok(()) };
        let logins = file.entry("auths").or_insert_with(|| json!({}));
        if !logins.is_object() {
            *logins = json!({});
        }
        if let Json::Object(logins) = logins {
            change(logins);
        }
        let mut sorted: Vec<_> = file.iter().collect();
        sorted.sort_by_key(|(key, _)| *key);
        let sorted: Map<String, Json> = sorted.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut text = Vec::new();
        let mut writer =
            serde_json::Serializer::with_formatter(&mut text, serde_json::ser::PrettyFormatter::with_indent(b"\t"));
        let failed = |error: &dyn std::fmt::Display| CredentialsError(format!("{}: {error}", self.first.display()));
        serde::Serialize::serialize(&sorted, &mut writer).map_err(|error| failed(&error))?;
        atomic::write_private(&self.first, &text).map_err(|error| failed(&error))
    }
}

fn read(path: &Path) -> Result<Map<String, Json>, CredentialsError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => {
            return Err(CredentialsError(format!("failed to open config file at {}: {error}", path.display())));
        }
    };
    if text.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(&text).map_err(|error| {
        CredentialsError(format!("failed to decode config file at {}: invalid config format: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_found_kept_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (own, docker) = (folder.path().join("registry/config.json"), folder.path().join("config.json"));
        let text = r#"{"credsStore": "kiln-has-none", "auths": {"https://old.example/v2/": {"auth": "bWU6c2VjcmV0"},
            "docker.example": {"identitytoken": "T"}}}"#;
        fs::write(&docker, text).unwrap();
        let mut credentials = Credentials::read(Login::default(), &own, Some(&docker)).unwrap();
        assert_eq!(credentials.of("old.example").login.password, "secret");
        assert_eq!(credentials.of("docker.example").refresh, "T");
        assert!(credentials.of("other.example") == Credential::default());
        let login = Login { username: "a".to_owned(), password: "b:c".to_owned() };
        credentials.put("other.example", &login).unwrap();
        let mut again = Credentials::read(Login::default(), &own, None).unwrap();
        assert!(again.of("other.example").login == login);
        again.forget("other.example").unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), "{\n\t\"auths\": {}\n}");
        let all = Credentials::read(login.clone(), &own, Some(&docker)).unwrap();
        assert!(all.of("old.example").login == login);
        fs::write(&own, "nonsense").unwrap();
        assert!(Credentials::read(Login::default(), &own, None).is_err());
    }
}
