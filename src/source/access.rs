use std::collections::HashMap;

use super::address::shown;
use super::error::{SourceError, TOKEN_MISSING};
use super::web::Token;

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

    /// The token for a source as written, when one is named. An unset variable is an error.
    pub(super) fn token(&self, source: &str) -> Result<Option<Token>, SourceError> {
        let Some(variable) = self.variables.get(source) else { return Ok(None) };
        match std::env::var(variable) {
            Ok(secret) if !secret.trim().is_empty() => Ok(Some(Token::basic(&secret))),
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
