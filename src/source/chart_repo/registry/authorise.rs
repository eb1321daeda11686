use std::sync::PoisonError;

use serde::Deserialize;
use url::Url;

use super::challenge::{challenge_parameters, challenge_word};
use super::client::{MAX_DOCUMENT_BYTES, Registry, Result, parse};
use crate::source::address::shown;
use crate::source::credentials::{RegistryLogin, Token};
use crate::source::error::{SourceError, UNAUTHORIZED};

#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

impl Registry<'_> {
    /// The token to send, asked for once for each chart: registries answer a first request with where
    /// to get one, even for what everybody may read.
    pub(super) fn authorised(&self, chart: &str, url: &Url) -> Result<Option<Token>> {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = granted.get(chart) {
            return Ok(token.clone());
        }
        let token = match self.web.challenge(url)? {
            None => self.token.clone(),
            Some(challenge) => self.answer(&challenge, url)?,
        };
        granted.insert(chart.to_owned(), token.clone());
        Ok(token)
    }

    /// Follows a challenge: `Bearer realm="…",service="…",scope="…"`, or `Basic`.
    fn answer(&self, challenge: &str, url: &Url) -> Result<Option<Token>> {
        let (login, notes) = match &self.token {
            Some(token) => (Some(RegistryLogin::Direct(token.clone())), Vec::new()),
            None => self.web.registry_login(url)?,
        };
        let direct = |login| match login {
            Some(RegistryLogin::Direct(token)) => Some(token),
            Some(RegistryLogin::Identity(_)) | None => None,
        };
        let Some(parameters) = challenge_word(challenge, "Bearer") else { return Ok(direct(login)) };
        let parameters = challenge_parameters(parameters);
        let find = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let refuse = |words: &str| {
            let message = format!("{} asks for authorisation {words}", shown(url.as_str()));
            SourceError::world(UNAUTHORIZED, message)
        };
        let realm = find("realm").ok_or_else(|| refuse("without saying where to get it"))?;
        let mut service = Url::parse(realm).map_err(|_| refuse("at a place that is no URL"))?;
        for name in ["service", "scope"] {
            if let Some(value) = find(name) {
                service.query_pairs_mut().append_pair(name, value);
            }
        }
        // The login goes to the service that its own registry names, never from https to http.
        let is_safe = service.scheme() == "https" || url.scheme() == "http";
        let bytes = match login {
            Some(_) if !is_safe => return Err(refuse("over a connection that is not encrypted")),
            Some(RegistryLogin::Identity(secret)) => {
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("grant_type", "refresh_token"), ("client_id", "kiln"), ("refresh_token", &*secret)])
                    .extend_pairs(service.query_pairs())
                    .finish();
                service.set_query(None);
                self.web.post_form(&service, &form, MAX_DOCUMENT_BYTES)?
            }
            // Nothing but the registry's own login: what the service hands out goes to the registry.
            login => {
                let own = direct(login).map(|token| token.for_host_of(&service));
                let answer = self.web.download_with(&service, own.as_ref(), MAX_DOCUMENT_BYTES, "the token");
                answer.map_err(|error| error.with_notes(&notes))?
            }
        };
        let granted: Granted = parse(&service, &bytes)?;
        Ok(granted.token.or(granted.access_token).map(|secret| Token::bearer(&secret)))
    }
}
