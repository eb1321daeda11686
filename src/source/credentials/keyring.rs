use std::sync::{Mutex, OnceLock, PoisonError};

use url::Url;

use super::environment::Environment;
use super::git_config::GitConfig;
use super::git_helper;
use super::helm_repos;
use super::netrc::Netrc;
use super::registries;
use super::scope::Scope;
use super::token::Token;
use super::variables::{self, Variable};
use crate::source::error::SourceError;
use crate::source::remote::{Credential, Logins};

/// What a URL is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Purpose {
    /// A file: an index, an archive, a manifest.
    File,
    /// A step of git's smart protocol, at `…/info/refs`, `…/git-upload-pack` or `…/git-receive-pack`.
    Git,
}

/// What is known for a registry.
pub(in crate::source) enum RegistryLogin {
    /// Sent as it is, to the registry or to its token service.
    Direct(Token),
    /// An identity token, which the token service trades for another.
    Identity(String),
}

/// What there is after a refusal.
#[derive(Debug, Default)]
pub(in crate::source) struct Offer {
    /// What to try.
    pub(in crate::source) token: Option<Token>,
    /// Why there is nothing more, for people.
    pub(in crate::source) notes: Vec<String>,
}

/// All that the machine and its user know. Every place is looked at once, when it is first needed.
pub(in crate::source) struct Keyring {
    environment: Environment,
    variables: OnceLock<Result<Vec<Variable>, SourceError>>,
    netrc: OnceLock<Netrc>,
    git: OnceLock<GitConfig>,
    helm: OnceLock<Vec<Token>>,
    registries: OnceLock<Logins>,
    /// What helpers answered in this run. Also keeps two threads from asking at once.
    answered: Mutex<Vec<Token>>,
}

impl Keyring {
    pub(in crate::source) fn new(environment: Environment) -> Self {
        Self {
            environment,
            variables: OnceLock::new(),
            netrc: OnceLock::new(),
            git: OnceLock::new(),
            helm: OnceLock::new(),
            registries: OnceLock::new(),
            answered: Mutex::default(),
        }
    }

    /// What is sent with the first request to a URL.
    pub(in crate::source) fn before(&self, url: &Url, purpose: Purpose) -> Result<Option<Token>, SourceError> {
        if let Some(token) = self.variable(url)? {
            return Ok(Some(token));
        }
        match purpose {
            Purpose::Git => Ok(covering(&self.answered.lock().unwrap_or_else(PoisonError::into_inner), url)),
            Purpose::File => {
                let helm = self.helm.get_or_init(|| helm_repos::read(&self.environment));
                Ok(covering(helm, url).or_else(|| self.netrc_login(url, false)))
            }
        }
    }

    /// What to try after a server refused a request without credentials.
    pub(in crate::source) fn after(&self, url: &Url, purpose: Purpose) -> Offer {
        let mut offer = match purpose {
            Purpose::Git => self.ask_git(url),
            Purpose::File => Offer::default(),
        };
        if offer.token.is_none() {
            offer.token = self.netrc_login(url, true);
            offer.notes.extend(self.netrc().problem.clone());
        }
        offer
    }

    /// What is known for the registry that a URL is of. Gives also why there is nothing.
    pub(in crate::source) fn registry(&self, url: &Url) -> Result<(Option<RegistryLogin>, Vec<String>), SourceError> {
        if let Some(token) = self.variable(url)? {
            return Ok((Some(RegistryLogin::Direct(token)), Vec::new()));
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = format!("{}{port}", url.host_str().unwrap_or_default());
        let logins = self.registries.get_or_init(|| registries::read(&self.environment));
        let (found, notes) = logins.of(&host);
        let scope = Scope::host_of(url);
        if found == Credential::default() {
            return Ok((self.netrc_login(url, true).map(RegistryLogin::Direct), notes));
        }
        if !found.refresh.is_empty() {
            return Ok((Some(RegistryLogin::Identity(found.refresh)), notes));
        }
        let token = match found.access.is_empty() {
            true => Token::login(&found.login.username, &found.login.password),
            false => Token::bearer(&found.access),
        };
        let token = scope.map(|scope| token.within(scope).found_as("the login of docker or Helm for the registry"));
        Ok((token.map(RegistryLogin::Direct), notes))
    }

    fn variable(&self, url: &Url) -> Result<Option<Token>, SourceError> {
        let variables = self.variables.get_or_init(|| variables::read(&self.environment));
        let variables = variables.as_ref().map_err(Clone::clone)?;
        variables.iter().find(|variable| variable.scope().covers(url)).map(Variable::token).transpose()
    }

    fn netrc(&self) -> &Netrc {
        self.netrc.get_or_init(|| Netrc::read(&self.environment))
    }

    fn netrc_login(&self, url: &Url, or_default: bool) -> Option<Token> {
        let own = self.netrc().of(url.host_str()?);
        let (name, password) = own.or_else(|| self.netrc().default_login().filter(|_| or_default))?;
        Some(Token::login(name, password).within(Scope::host_of(url)?).found_as("the login in netrc"))
    }

    fn ask_git(&self, url: &Url) -> Offer {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = covering(&answered, url) {
            return Offer { token: Some(token), notes: Vec::new() };
        }
        let repository = repository(url);
        let helpers = self.git.get_or_init(|| GitConfig::read(&self.environment)).helpers(&repository);
        let (found, notes) = git_helper::ask(&helpers, &repository, &self.environment);
        let token = found.zip(Scope::of(&repository)).map(|((name, password), scope)| {
            Token::login(&name, &password).within(scope).found_as("what git's credential helper answered")
        });
        answered.extend(token.clone());
        Offer { token, notes }
    }
}

/// The repository that a step of the smart protocol is for.
fn repository(url: &Url) -> Url {
    let mut repository = url.clone();
    let path = url.path();
    let base = ["/info/refs", "/git-upload-pack", "/git-receive-pack"].iter().find_map(|step| path.strip_suffix(step));
    repository.set_path(base.unwrap_or(path));
    repository.set_query(None);
    repository
}

/// The token whose scope covers a URL most narrowly.
fn covering(tokens: &[Token], url: &Url) -> Option<Token> {
    let fits = |token: &&Token| token.scope().is_some_and(|scope| scope.covers(url));
    let length = |token: &&Token| token.scope().map_or(0, Scope::length);
    tokens.iter().filter(fits).max_by_key(length).cloned()
}
