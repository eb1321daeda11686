use super::environment::Environment;
use super::scope::Scope;
use super::token::Token;
use crate::source::error::{INVALID, SourceError, TOKEN_MISSING};

const PREFIX: &str = "KILN_TOKEN_";
const URL_SUFFIX: &str = "_URL";

/// A secret of the operator's: the variable `KILN_TOKEN_NAME`, with the URL that it is for before it,
/// or in `KILN_TOKEN_NAME_URL`.
pub(super) struct Variable {
    name: String,
    scope: Scope,
    secret: String,
}

/// Reads all such variables. One that does not say where it may be sent is an error, whether it is
/// needed or not: it is a mistake that would show much later.
pub(super) fn read(environment: &Environment) -> Result<Vec<Variable>, SourceError> {
    let mut found = Vec::new();
    for (name, value) in environment.starting(PREFIX) {
        let value = value.trim();
        // The URL of another variable, which may be missing.
        let other = name.strip_suffix(URL_SUFFIX).filter(|other| other.len() > PREFIX.len());
        if let Some(other) = other.filter(|_| !value.contains(char::is_whitespace)) {
            let scope = Scope::parse(value).ok_or_else(|| homeless(other))?;
            let secret = environment.get(other).unwrap_or_default().trim().to_owned();
            found.push(Variable { name: other.to_owned(), scope, secret });
            continue;
        }
        if environment.get(&format!("{name}{URL_SUFFIX}")).is_some() {
            continue;
        }
        let (place, secret) = match value.split_once(char::is_whitespace) {
            Some((place, secret)) => (place, secret.trim()),
            None if value.contains("://") => (value, ""),
            // Secrets that a CI system does not hand out are set to nothing.
            None if value.is_empty() => continue,
            None => return Err(homeless(name)),
        };
        let scope = Scope::parse(place).ok_or_else(|| homeless(name))?;
        found.push(Variable { name: name.to_owned(), scope, secret: secret.to_owned() });
    }
    found.sort_by_key(|variable| std::cmp::Reverse(variable.scope.length()));
    Ok(found)
}

fn homeless(name: &str) -> SourceError {
    let name = name.escape_debug();
    let message = format!("the variable `{name}` does not say where its token may be sent");
    let help = format!("write `https://HOST/PATH SECRET` into it, or put the URL into `{name}{URL_SUFFIX}`");
    SourceError::policy(INVALID, message).help(help)
}

impl Variable {
    /// Where it may be sent.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The token; one that is empty is an error.
    pub(super) fn token(&self) -> Result<Token, SourceError> {
        if self.secret.is_empty() {
            let message = format!(
                "the variable `{}` is for {}, but holds no token",
                self.name.escape_debug(),
                self.scope.shown()
            );
            return Err(SourceError::world(TOKEN_MISSING, message).help(format!("set `{}`", self.name.escape_debug())));
        }
        let origin = format!("the variable `{}`", self.name.escape_debug());
        Ok(Token::basic(&self.secret).within(self.scope.clone()).found_as(origin))
    }
}
