//! `urlParse` and `urlJoin`: Go's `net/url` between text and a map of parts.

use crate::golang::url::{self, Url};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Map as Dict, Str as Text};
use crate::value::{Map, Str, Value};

use super::call::{Outcome, bytes, fixed, map};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("urlParse", &[Text], url_parse),
    fixed("urlJoin", &[Dict], url_join),
    // Names are never looked up, as in Helm without --enable-dns.
    fixed("getHostByName", &[Text], |_, _| Ok("".into())),
];

fn url_parse(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let url = url::parse(bytes(args, 0)).map_err(|error| CallError::from(format!("unable to parse url: {error}")))?;
    let user = url.user.as_ref().map(url::User::print).unwrap_or_default();
    let hostname = url::hostname(&url.host).to_vec();
    Ok(Value::map([
        ("scheme", Value::str(url.scheme)),
        ("host", Value::str(url.host)),
        ("hostname", Value::str(hostname)),
        ("path", Value::str(url.path)),
        ("query", Value::str(url.query)),
        ("opaque", Value::str(url.opaque)),
        ("fragment", Value::str(url.fragment)),
        ("userinfo", Value::str(user)),
    ]))
}

/// A part of the map; "" when it is missing.
fn part(parts: &Map, key: &str) -> Result<Vec<u8>, CallError> {
    match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(Str::as_bytes(&text).to_vec()),
        Some(Value::Nil) => Err(super::call::NIL_POINTER.into()),
        Some(other) => {
            Err(format!("unable to parse {key} key, must be of type string, but {} found", other.kind().name()).into())
        }
    }
}

fn url_join(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let parts = map(args, 0);
    let mut url = Url {
        scheme: part(&parts, "scheme")?,
        host: part(&parts, "host")?,
        path: part(&parts, "path")?,
        query: part(&parts, "query")?,
        opaque: part(&parts, "opaque")?,
        fragment: part(&parts, "fragment")?,
        ..Url::default()
    };
    let user = part(&parts, "userinfo")?;
    if !user.is_empty() {
        let whole = [b"proto://", &user[..], b"@host"].concat();
        url.user = url::parse(&whole).map_err(|error| format!("unable to parse userinfo in dict: {error}"))?.user;
    }
    Ok(Value::str(url.print()))
}
