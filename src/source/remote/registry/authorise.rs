use serde::Deserialize;
use ureq::http::{StatusCode, header};
use url::{Url, form_urlencoded};

use super::client::Registry;
use super::logins::Credential;
use crate::source::chart_repo::{challenge_parameters, challenge_word};
use crate::source::remote::client::{Answer, basic};

#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
}

impl Registry {
    /// The `Authorization` header that answers a refusal; `None` when it asks for nothing known.
    pub(super) fn authorise(&self, host: &str, scope: &str, refused: &Answer) -> Result<Option<String>, String> {
        let challenge = refused.headers.get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let Some(challenge) = challenge else { return Ok(None) };
        let failed = |error: String| format!("{}: {error}", refused.asked("GET"));
        let credential = self.credentials.of(host);
        if challenge_word(challenge, "Basic").is_some() || challenge.eq_ignore_ascii_case("Basic") {
            return match credential == Credential::default() {
                true => Err(failed("basic credential not found".to_owned())),
                false if !credential.login.is_whole() => {
                    Err(failed("missing username or password for basic auth".to_owned()))
                }
                false => Ok(Some(basic(&credential.login))),
            };
        }
        let Some(parameters) = challenge_word(challenge, "Bearer") else { return Ok(None) };
        let parameters = challenge_parameters(parameters);
        let find = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let realm = find("realm").unwrap_or_default();
        let scope = find("scope").filter(|scope| !scope.is_empty()).unwrap_or(scope);
        let is_safe = Url::parse(realm).is_ok_and(|url| url.scheme() == "https" || refused.url.scheme() == "http");
        if !is_safe {
            return Err(failed(format!("invalid realm {realm:?}")));
        }
        let service = find("service").unwrap_or_default();
        self.token(realm, service, scope, &credential).map(Some).map_err(failed)
    }

    /// Asks a token service. An identity token is traded by a form, all else by plain request.
    fn token(&self, realm: &str, service: &str, scope: &str, credential: &Credential) -> Result<String, String> {
        if !credential.access.is_empty() {
            return Ok(format!("Bearer {}", credential.access));
        }
        let (method, answer) = if credential.refresh.is_empty() {
            let login = &credential.login;
            let has_login = !login.username.is_empty() || !login.password.is_empty();
            let authorization = if has_login { basic(login) } else { String::new() };
            ("GET", self.get(&token_url(realm, service, scope)?, &authorization, "")?)
        } else {
            let form = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("client_id", "oras-go"), ("grant_type", "refresh_token")])
                .extend_pairs([("refresh_token", credential.refresh.as_str()), ("scope", scope), ("service", service)])
                .finish();
            ("POST", self.post(realm, &form)?)
        };
        if answer.status != StatusCode::OK {
            return Err(answer.refusal(method));
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|error| format!("{}: failed to decode response: {error}", answer.asked(method)))?;
        let token = if granted.access_token.is_empty() { granted.token } else { granted.access_token };
        match token.is_empty() {
            true => Err(format!("{}: empty token returned", answer.asked(method))),
            false => Ok(format!("Bearer {token}")),
        }
    }
}

/// The realm's URL with service and scopes, its parameters sorted by name.
fn token_url(realm: &str, service: &str, scope: &str) -> Result<String, String> {
    let mut url = Url::parse(realm).map_err(|error| format!("parse {realm:?}: {error}"))?;
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != "service").collect();
    if !service.is_empty() {
        pairs.push(("service".to_owned(), service.to_owned()));
    }
    pairs
        .extend(scope.split(' ').filter(|scope| !scope.is_empty()).map(|scope| ("scope".to_owned(), scope.to_owned())));
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    url.set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
    Ok(url.to_string())
}
