use std::collections::HashMap;

use url::Url;

use super::environment::Environment;
use super::scope::Scope;
use super::token::Token;
use crate::source::address::shown;
use crate::source::error::{SourceError, TOKEN_MISSING};

/// Which environment variable holds the token for which source: the content of `access.yaml` files.
/// Tokens are read when they are needed and stay in memory.
#[derive(Clone, Debug, Default)]
pub struct Access {
    variables: HashMap<String, String>,
}

impl Access {
    /// Adds a line of an `access.yaml`; for each source the first one counts, as in Fabrikate. Only
    /// files of the project may be added, never those of fetched components.
    pub fn add(&mut self, source: impl Into<String>, variable: impl Into<String>) {
        self.variables.entry(source.into()).or_insert_with(|| variable.into());
    }

    /// The token for a source as written, when one is named and is meant for where the source is
    /// fetched from: a mirror does not get it. An unset variable is an error.
    pub(in crate::source) fn token(
        &self,
        source: &str,
        target: &Url,
        environment: &Environment,
    ) -> Result<Option<Token>, SourceError> {
        let Some(variable) = self.variables.get(source) else { return Ok(None) };
        let Some(scope) = scope(source).filter(|scope| scope.covers(target)) else { return Ok(None) };
        match environment.get(variable).map(str::trim) {
            Some(secret) if !secret.is_empty() => {
                let origin = format!("the variable `{}` of `access.yaml`", variable.escape_debug());
                Ok(Some(Token::basic(secret).within(scope).found_as(origin)))
            }
            _ => {
                let message = format!(
                    "`access.yaml` names the environment variable `{}` for {}, but it is not set",
                    variable.escape_debug(),
                    shown(source)
                );
                Err(SourceError::world(TOKEN_MISSING, message).help(format!("set `{}`", variable.escape_debug())))
            }
        }
    }
}

/// The place of a source as written, which may name a user that is not sent.
fn scope(source: &str) -> Option<Scope> {
    let mut plain = crate::source::address::without_credentials(source);
    plain.truncate(plain.find(['?', '#']).unwrap_or(plain.len()));
    Scope::parse(&plain)
}
