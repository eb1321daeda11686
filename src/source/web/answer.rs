use std::io::Read;

use ureq::http::{Response, StatusCode, header};
use url::Url;

use super::retry::{may_pass, retry_after};
use crate::source::address::shown;
use crate::source::error::{NOT_FOUND, SourceError, UNAUTHORIZED, UNREACHABLE};

/// An answer with a body that is still to be read.
pub(in crate::source) struct Answer {
    /// Where the body came from, after redirects.
    pub(in crate::source) url: Url,
    /// The content type, lower case, without parameters.
    pub(in crate::source) content_type: String,
    /// The body, not yet bounded.
    pub(in crate::source) body: Box<dyn Read + Send>,
}

/// A server's last word on a request, whatever its status.
pub(super) struct Reply {
    /// Where it came from, after redirects.
    pub(super) url: Url,
    pub(super) response: Response<ureq::Body>,
    /// What was sent to log in, for messages.
    pub(super) sent: Option<String>,
    /// Why nothing more could be sent.
    pub(super) notes: Vec<String>,
}

impl Reply {
    /// The body of an answer with status 200; everything else is an error.
    pub(super) fn accept(self) -> Result<Answer, SourceError> {
        let status = self.response.status();
        let place = shown(self.url.as_str());
        match status {
            StatusCode::OK => {}
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                let error = SourceError::world(UNAUTHORIZED, format!("{place}: the proxy answers {status}"));
                return Err(error.help("put `user:password@` before the proxy's host in the proxy variable"));
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(SourceError::world(UNAUTHORIZED, format!("{place} answers {status}")).help(self.advice()));
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                let error = SourceError::world(NOT_FOUND, format!("{place} answers {status}: not found"));
                return Err(error.help("check the URL; private sources also answer like this when no token is given"));
            }
            _ => {
                let error = SourceError::world(UNREACHABLE, format!("{place} answers {status}"));
                let wish = retry_after(self.response.headers()).filter(|_| may_pass(status));
                return Err(match wish {
                    Some(wish) => error.help(format!("the server asks to come back in {} seconds", wish.as_secs())),
                    None => error,
                });
            }
        }
        let content_type = self
            .response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        // The readers bound the body themselves, with messages that name the limit.
        let body = Box::new(self.response.into_body().into_with_config().limit(u64::MAX).reader());
        Ok(Answer { url: self.url, content_type, body })
    }

    /// What to do about a refusal.
    fn advice(&self) -> String {
        match &self.sent {
            Some(origin) => format!("check that {origin} is valid and may read there"),
            None => {
                let mut advice = "name the variable that holds a token in `access.yaml` beside the component, \
                                  or set `KILN_TOKEN_NAME` to `URL TOKEN`"
                    .to_owned();
                for note in &self.notes {
                    advice.push_str(&format!("; {note}"));
                }
                advice
            }
        }
    }
}
