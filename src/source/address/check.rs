use std::path::{Path, PathBuf};

use url::Url;

use super::text::{Parts, carries_secret, shown, split};
use crate::source::error::{INVALID, NOT_ALLOWED, SourceError};
use crate::source::spec::Trust;

/// A place that may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Address {
    /// A folder or file on this machine.
    Local(PathBuf),
    /// https, or http to a host that is allowed to be insecure. Holds no userinfo.
    Web(Url),
    /// ssh.
    Ssh(SshAddress),
    /// The git protocol, to a host that is allowed to be insecure.
    Daemon {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The path, with its leading slash.
        path: String,
    },
    /// A registry of OCI artefacts: its URL and path, with the protocol that it is reached by.
    Oci(Url),
}

/// Where ssh goes. Every part is safe as an argument of the `ssh` program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct SshAddress {
    /// The user, when one is named.
    pub user: Option<String>,
    /// The host, without brackets.
    pub host: String,
    /// The port, when one is named.
    pub port: Option<u16>,
    /// The path on the host.
    pub path: String,
}

/// What the source is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum For {
    /// A git repository.
    Git,
    /// A chart repository.
    Charts,
    /// A single file.
    File,
}

/// What the operator allows.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Policy {
    /// Hosts that may be reached without encryption.
    pub allow_insecure: Vec<String>,
    /// The project's folder, which relative paths start at.
    pub project: PathBuf,
}

const SSH_HELP: &str = "write `ssh://USER@HOST/PATH` or `USER@HOST:PATH`";
const TOKEN_HELP: &str =
    "remove it from the URL; name the environment variable that holds the token in `access.yaml` beside the component";
/// The most bytes of a URL.
const MAX_URL_BYTES: usize = 8 * 1024;

/// Checks what a component wrote (`asked`) and gives the place to go to (`target`, which is `asked`
/// unless the operator rewrites URLs).
pub(in crate::source) fn resolve(
    asked: &str,
    target: &str,
    purpose: For,
    trust: Trust,
    policy: &Policy,
) -> Result<Address, SourceError> {
    check_text(asked)?;
    let rewritten = asked != target;
    if rewritten {
        check_text(target)?;
        // What was asked must make sense by itself, but insecure or local it may be: nobody goes there.
        check_fetched(asked, &address(asked, purpose, &policy.project)?, trust)?;
        let address = address(target, purpose, &policy.project)?;
        check_secure(target, &address, policy)?;
        return Ok(address);
    }
    let address = address(asked, purpose, &policy.project)?;
    check_fetched(asked, &address, trust)?;
    check_secure(asked, &address, policy)?;
    Ok(address)
}

/// What no URL may hold, whatever its protocol.
fn check_text(url: &str) -> Result<(), SourceError> {
    let invalid = |message: String| Err(SourceError::new(INVALID, message));
    if url.trim().is_empty() {
        return invalid("`source` is empty".to_owned());
    }
    if url.len() > MAX_URL_BYTES {
        return invalid(format!("the source is longer than the limit of {MAX_URL_BYTES} bytes"));
    }
    if url.chars().any(char::is_control) || has_encoded_control(url) {
        return invalid(format!("the URL `{}` contains a control character", shown(url)));
    }
    if url.starts_with('-') {
        return invalid(format!("`{}` is an option, not a URL", shown(url)));
    }
    if let Some((helper, _)) = url.split_once("::")
        && helper.chars().all(|char| char.is_ascii_alphanumeric() || "+.-_".contains(char))
    {
        let message = format!("the protocol `{helper}::` of `{}` is not allowed", shown(url));
        return Err(SourceError::policy(NOT_ALLOWED, message).help("use https or ssh"));
    }
    Ok(())
}

/// Whether percent signs hide a control character.
fn has_encoded_control(url: &str) -> bool {
    url.as_bytes().windows(3).any(|window| {
        let digit = |byte: u8| (byte as char).to_digit(16);
        match (window[0], digit(window[1]), digit(window[2])) {
            (b'%', Some(high), Some(low)) => matches!(high * 16 + low, 0..=0x1f | 0x7f),
            _ => false,
        }
    })
}

fn address(url: &str, purpose: For, project: &Path) -> Result<Address, SourceError> {
    let Some(parts) = split(url) else { return without_scheme(url, purpose, project) };
    let scheme = parts.scheme.to_ascii_lowercase();
    if scheme != "file" {
        check_host(url, &parts)?;
    }
    match (&*scheme, purpose) {
        ("https" | "http", _) => web(url, &parts),
        ("ssh", For::Git) => ssh(url, &parts),
        ("git", For::Git) => {
            let (host, port) = host_and_port(url, &parts)?;
            Ok(Address::Daemon { host, port: port.unwrap_or(9418), path: parts.rest.to_owned() })
        }
        ("file", _) if parts.host.is_empty() || parts.host == "localhost" => {
            let path = Url::parse(url)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .ok_or_else(|| SourceError::new(INVALID, format!("`{}` names no absolute path", shown(url))))?;
            Ok(Address::Local(path))
        }
        ("file", _) => Err(SourceError::new(INVALID, format!("the host in `{}` must be empty", shown(url)))
            .help("write `file:///` and an absolute path")),
        ("oci", For::Charts) => match web(&format!("https://{}", &url[parts.scheme.len() + 3..]), &parts)? {
            Address::Web(registry) => Ok(Address::Oci(registry)),
            other => Ok(other),
        },
        _ => Err(SourceError::policy(
            NOT_ALLOWED,
            format!("the protocol `{}` of `{}` is not allowed here", parts.scheme.escape_debug(), shown(url)),
        )
        .help(match purpose {
            For::Git => "use https or ssh",
            For::Charts => "use https or oci",
            For::File => "use https",
        })),
    }
}

/// `user@host:path`, a path, or nothing sensible.
fn without_scheme(url: &str, purpose: For, project: &Path) -> Result<Address, SourceError> {
    let head = &url[..url.find('/').unwrap_or(url.len())];
    match (purpose, head.split_once(':')) {
        (For::Git, Some((place, _))) if place.contains('@') => {
            let path = &url[place.len() + 1..];
            let (user, host) = place.rsplit_once('@').unwrap_or(("", place));
            check_ssh(url, Some(user), host)?;
            if path.is_empty() || path.starts_with('-') {
                let message = format!("`{}` names no path on `{host}`", shown(url));
                return Err(SourceError::new(INVALID, message).help(SSH_HELP));
            }
            let host = host.trim_matches(['[', ']']).to_owned();
            Ok(Address::Ssh(SshAddress { user: Some(user.to_owned()), host, port: None, path: path.to_owned() }))
        }
        (_, Some((scheme, _))) => Err(SourceError::policy(
            NOT_ALLOWED,
            format!("the protocol `{}:` of `{}` is not allowed", scheme.escape_debug(), shown(url)),
        )
        .help("use https or ssh")),
        (For::Git, None) => Ok(Address::Local(project.join(url))),
        (_, None) => Err(SourceError::new(INVALID, format!("`{}` is not a URL", shown(url))).help("write `https://…`")),
    }
}

fn check_host(url: &str, parts: &Parts<'_>) -> Result<(), SourceError> {
    let invalid = |message: String| Err(SourceError::new(INVALID, message));
    if parts.host.is_empty() {
        return invalid(format!("the URL `{}` has no host", shown(url)));
    }
    if parts.host.starts_with('-') {
        return invalid(format!("the host of `{}` looks like an option", shown(url)));
    }
    if !parts.host.is_ascii() {
        return Err(SourceError::new(INVALID, format!("the host of `{}` is not plain ASCII", shown(url)))
            .help("write the host in punycode (`xn--…`), so that look-alike letters show"));
    }
    Ok(())
}

fn web(url: &str, parts: &Parts<'_>) -> Result<Address, SourceError> {
    if let Some(userinfo) = parts.userinfo {
        // Some hosts print their URLs with a user name, so that alone is fine. It is not sent.
        let harmless =
            userinfo.len() < 20 && userinfo.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char));
        if !harmless {
            let message = format!("the URL `{}` contains a credential (userinfo before `@`)", shown(url));
            return Err(SourceError::policy(INVALID, message).help(TOKEN_HELP));
        }
    }
    let mut parsed = Url::parse(url)
        .map_err(|error| SourceError::new(INVALID, format!("`{}` is not a valid URL: {error}", shown(url))))?;
    if parsed.query().is_some_and(carries_secret) {
        let message = format!("the query of `{}` contains a credential", shown(url));
        return Err(SourceError::policy(INVALID, message).help(TOKEN_HELP));
    }
    // Neither can fail: the URL has a host.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.set_fragment(None);
    Ok(Address::Web(parsed))
}

fn ssh(url: &str, parts: &Parts<'_>) -> Result<Address, SourceError> {
    let (host, port) = host_and_port(url, parts)?;
    if parts.userinfo.is_some_and(|userinfo| userinfo.contains(':')) {
        let message = format!("the URL `{}` contains a password", shown(url));
        return Err(
            SourceError::policy(INVALID, message).help("remove it; ssh takes keys from its agent and configuration")
        );
    }
    check_ssh(url, parts.userinfo, &host)?;
    if parts.rest.len() < 2 {
        return Err(SourceError::new(INVALID, format!("the URL `{}` has no path", shown(url))).help(SSH_HELP));
    }
    // As git does: `/~user/x` is relative to a home.
    let path = if parts.rest.starts_with("/~") { &parts.rest[1..] } else { parts.rest };
    Ok(Address::Ssh(SshAddress { user: parts.userinfo.map(str::to_owned), host, port, path: path.to_owned() }))
}

/// User and host become arguments of a program: only plain characters, no leading dash.
fn check_ssh(url: &str, user: Option<&str>, host: &str) -> Result<(), SourceError> {
    let plain = |text: &str, extra: &str| {
        !text.is_empty()
            && !text.starts_with('-')
            && text.chars().all(|char| char.is_ascii_alphanumeric() || extra.contains(char))
    };
    let invalid = |what: &str| {
        let message =
            format!("the {what} of `{}` is invalid: an option, empty, or with unusual characters", shown(url));
        Err(SourceError::new(INVALID, message).help(SSH_HELP))
    };
    if user.is_some_and(|user| !plain(user, "._+-")) {
        return invalid("user");
    }
    if !plain(host, "._-:[]") {
        return invalid("host");
    }
    Ok(())
}

fn host_and_port(url: &str, parts: &Parts<'_>) -> Result<(String, Option<u16>), SourceError> {
    let bracket = parts.host.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match parts.host[bracket..].find(':') {
        None => (parts.host, None),
        Some(at) => {
            let at = bracket + at;
            let port = parts.host[at + 1..].parse().map_err(|_| {
                SourceError::new(INVALID, format!("the port in `{}` is not a number from 0 to 65535", shown(url)))
            })?;
            (&parts.host[..at], Some(port))
        }
    };
    Ok((host.trim_matches(['[', ']']).to_owned(), port))
}

/// Fetched components reach out by https and ssh only.
fn check_fetched(url: &str, address: &Address, trust: Trust) -> Result<(), SourceError> {
    let fine = match address {
        Address::Ssh(_) | Address::Oci(_) => true,
        Address::Web(url) => url.scheme() == "https",
        Address::Local(_) | Address::Daemon { .. } => false,
    };
    if trust == Trust::Project || fine {
        return Ok(());
    }
    let message = format!("a fetched component asks for `{}`, which is outside of what it may reach", shown(url));
    Err(SourceError::policy(NOT_ALLOWED, message).help("fetched components may use https and ssh only"))
}

/// Unencrypted protocols need the operator's word.
fn check_secure(url: &str, address: &Address, policy: &Policy) -> Result<(), SourceError> {
    let (host, protocol) = match address {
        Address::Web(url) if url.scheme() != "https" => (url.host_str().unwrap_or_default(), "http"),
        Address::Daemon { host, .. } => (&**host, "git"),
        _ => return Ok(()),
    };
    if is_allowed(host, &policy.allow_insecure) {
        return Ok(());
    }
    let error = SourceError::policy(
        NOT_ALLOWED,
        format!(
            "the protocol `{protocol}` of `{}` is not encrypted, and not allowed for the host `{host}`",
            shown(url)
        ),
    );
    Err(error.help(format!("use https, or pass `--allow-insecure {host}`")))
}

/// Whether a host is among those that may be reached without encryption.
pub(super) fn is_allowed(host: &str, allowed: &[String]) -> bool {
    let bare = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
    allowed.iter().any(|name| bare(name) == bare(host))
}

impl Policy {
    /// Whether a URL found on the way (a redirect, an archive of a chart index) may be followed.
    pub(in crate::source) fn allows_web(&self, url: &Url) -> Result<(), SourceError> {
        match url.scheme() {
            "https" => Ok(()),
            "http" => check_secure(url.as_str(), &Address::Web(url.clone()), self),
            scheme => Err(SourceError::policy(
                NOT_ALLOWED,
                format!("the protocol `{}` of `{}` is not allowed", scheme.escape_debug(), shown(url.as_str())),
            )),
        }
    }
}
