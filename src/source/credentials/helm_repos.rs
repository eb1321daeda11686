use std::fs;

use serde::Deserialize;

use super::environment::Environment;
use super::scope::Scope;
use super::token::Token;

/// The most bytes of the file.
const MAX_BYTES: usize = 16 << 20;

/// Helm's `repositories.yaml`: what `helm repo add --username --password` remembered.
#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    repositories: Option<Vec<Repository>>,
}

#[derive(Deserialize)]
struct Repository {
    #[serde(default)]
    name: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

/// The logins of the chart repositories that Helm knows, each for its repository's URL. A file that
/// cannot be read has none: it is Helm's to complain about.
pub(super) fn read(environment: &Environment) -> Vec<Token> {
    let own = environment.path("HELM_REPOSITORY_CONFIG");
    let own = own.or_else(|| environment.path("HELM_CONFIG_HOME").map(|folder| folder.join("repositories.yaml")));
    let path = own.or_else(|| environment.config("helm/repositories.yaml"));
    let bytes = path.and_then(|path| fs::read(path).ok()).filter(|bytes| bytes.len() <= MAX_BYTES).unwrap_or_default();
    let file: File = serde_yaml::from_slice(&bytes).unwrap_or_default();
    let login = |repository: Repository| {
        let scope = Scope::parse(&repository.url)?;
        let is_whole = !repository.username.is_empty() && !repository.password.is_empty();
        let origin = format!("Helm's login for its repository `{}`", repository.name.escape_debug());
        is_whole.then(|| Token::login(&repository.username, &repository.password).within(scope).found_as(origin))
    };
    file.repositories.into_iter().flatten().filter_map(login).collect()
}
