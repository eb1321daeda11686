//! What a registry answers when it refuses.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::golang::strconv;
use crate::source::remote::client::Answer;

/// The most bytes of an answer that are looked at.
const MAX_BYTES: usize = 8 * 1024;

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    detail: Option<Json>,
}

impl Answer {
    /// `GET "URL": response status code 404: name unknown: …`.
    pub(super) fn refusal(&self, method: &str) -> String {
        let body = &self.body[..self.body.len().min(MAX_BYTES)];
        let reasons = serde_json::from_slice(body).map_or_else(|_| Vec::new(), |refusal: Refusal| refusal.errors);
        let words = match reasons.is_empty() {
            true => self.status.canonical_reason().unwrap_or_default().to_owned(),
            false => reasons.iter().map(Reason::words).collect::<Vec<_>>().join("; "),
        };
        format!("{}: response status code {}: {words}", self.asked(method), self.status.as_u16())
    }

    /// `GET "URL"`.
    pub(super) fn asked(&self, method: &str) -> String {
        format!("{method} {}", strconv::quote(self.url.as_str().as_bytes()))
    }
}

impl Reason {
    fn words(&self) -> String {
        let code = self.code.replace('_', " ").to_lowercase();
        match (&self.message, &self.detail) {
            (message, _) if message.is_empty() => code,
            (message, None | Some(Json::Null)) => format!("{code}: {message}"),
            (message, Some(detail)) => format!("{code}: {message}: {}", go_print(detail)),
        }
    }
}

/// JSON as Go's `%v` prints it.
fn go_print(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(go_print).collect::<Vec<_>>().join(" ")),
        Json::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let shown: Vec<String> = entries.iter().map(|(key, value)| format!("{key}:{}", go_print(value))).collect();
            format!("map[{}]", shown.join(" "))
        }
        other => other.to_string(),
    }
}
