use std::path::{Path, PathBuf};

use git2::Config;
use url::Url;

use super::environment::Environment;
use crate::source::git;

/// The settings for credentials in the user's git configuration: the system's, the user's, and those
/// in the environment. A repository's own are not read: they may come from anybody.
#[derive(Default)]
pub(super) struct GitConfig {
    /// What stands between `credential.` and the setting's name, the setting in lower case, its value;
    /// in the order in which git reads them.
    settings: Vec<(String, String, String)>,
}

/// What the settings come to for one URL.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Helpers {
    /// The helpers as written, in order.
    pub(super) helpers: Vec<String>,
    /// Whether they are told the path.
    pub(super) with_path: bool,
    /// The name to log in with.
    pub(super) username: Option<String>,
}

impl GitConfig {
    /// Reads the files. What cannot be read has no settings: it is git's to complain about.
    pub(super) fn read(environment: &Environment) -> Self {
        let mut found = Self::default();
        for path in files(environment) {
            found.add_file(&path);
        }
        let count = environment.get("GIT_CONFIG_COUNT").and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
        for at in 0..count.min(1000) {
            if let Some(key) = environment.get(&format!("GIT_CONFIG_KEY_{at}")) {
                found.add(key, environment.get(&format!("GIT_CONFIG_VALUE_{at}")).unwrap_or_default());
            }
        }
        found
    }

    fn add_file(&mut self, path: &Path) {
        if !path.is_file() || git::prepare().is_err() {
            return;
        }
        let Ok(config) = Config::open(path) else { return };
        let Ok(mut entries) = config.entries(Some("^credential\\.")) else { return };
        while let Some(Ok(entry)) = entries.next() {
            if let Ok(name) = entry.name() {
                // A setting without a value is switched on.
                let value = if entry.has_value() { entry.value().unwrap_or_default() } else { "true" };
                self.add(name, value);
            }
        }
    }

    fn add(&mut self, key: &str, value: &str) {
        let Some((section, rest)) = key.split_once('.') else { return };
        let (place, name) = rest.rsplit_once('.').unwrap_or(("", rest));
        if section.eq_ignore_ascii_case("credential") {
            self.settings.push((place.to_owned(), name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// The helpers for a repository.
    pub(super) fn helpers(&self, url: &Url) -> Helpers {
        let mut found = Helpers::default();
        for (_, name, value) in self.settings.iter().filter(|(place, ..)| matches(place, url)) {
            match name.as_str() {
                // An empty helper forgets those before it.
                "helper" if value.is_empty() => found.helpers.clear(),
                "helper" => found.helpers.push(value.clone()),
                "usehttppath" => found.with_path = matches!(&*value.to_ascii_lowercase(), "true" | "yes" | "on" | "1"),
                "username" => found.username = Some(value.clone()),
                _ => {}
            }
        }
        found
    }
}

/// The files of git's configuration that are not a repository's, the least important first.
pub(in crate::source) fn files(environment: &Environment) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let no_system = environment.get("GIT_CONFIG_NOSYSTEM").is_some_and(|value| !matches!(value, "0" | "false" | "no"));
    if !no_system {
        files.push(environment.path("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig")));
    }
    match environment.path("GIT_CONFIG_GLOBAL") {
        Some(path) => files.push(path),
        None => {
            files.extend(environment.config("git/config"));
            files.extend(environment.home(".gitconfig"));
        }
    }
    files
}

/// Whether a place such as `https://*.example.com/org` is that of a URL. Without a scheme any fits.
fn matches(place: &str, url: &Url) -> bool {
    if place.is_empty() {
        return true;
    }
    let (scheme, rest) = match place.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, place),
    };
    if scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case(url.scheme())) {
        return false;
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let default = if url.scheme() == "https" { 443 } else { 80 };
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port.parse().unwrap_or(default)),
        _ => (host, default),
    };
    let fits_host = url.host_str().is_some_and(|own| {
        let (wanted, own): (Vec<&str>, Vec<&str>) = (host.split('.').collect(), own.split('.').collect());
        let fits = |(wanted, own): (&&str, &&str)| *wanted == "*" || wanted.eq_ignore_ascii_case(own);
        wanted.len() == own.len() && wanted.iter().zip(&own).all(fits)
    });
    let path = path.trim_end_matches('/');
    let own = url.path().trim_start_matches('/');
    let fits_path =
        own.strip_prefix(path).is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'));
    fits_host && url.port_or_known_default() == Some(port) && fits_path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_fit_by_host_port_and_whole_segments() {
        let url = Url::parse("https://git.example.com/org/r.git").unwrap();
        for (place, expected) in [
            ("", true),
            ("https://git.example.com", true),
            ("https://GIT.example.com/", true),
            ("https://*.example.com", true),
            ("git.example.com", true),
            ("https://me@git.example.com", true),
            ("https://git.example.com/org", true),
            ("https://git.example.com/or", false),
            ("https://example.com", false),
            ("https://*.com", false),
            ("http://git.example.com", false),
            ("https://git.example.com:8443", false),
            ("https://git.example.com:443", true),
        ] {
            assert_eq!(matches(place, &url), expected, "{place}");
        }
    }

    #[test]
    fn files_and_the_environment_add_up_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[credential]\n\thelper = first\n[credential \"https://h.example\"]\n\thelper =\n\
                    \thelper = \"!f() { echo; }; f\"\n\tuseHttpPath\n[credential \"https://other.example\"]\n\thelper = no\n\
                    [include]\n\tpath = more\n";
        std::fs::write(folder.path().join(".gitconfig"), text).unwrap();
        std::fs::write(folder.path().join("more"), "[credential]\n\tusername = me\n").unwrap();
        let environment = Environment::of([
            ("HOME", folder.path().to_str().unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "Credential.Helper"),
            ("GIT_CONFIG_VALUE_0", "last"),
        ]);
        let found = GitConfig::read(&environment).helpers(&Url::parse("https://h.example/r").unwrap());
        let helpers = ["!f() { echo; }; f", "last"].map(str::to_owned).to_vec();
        assert_eq!(found, Helpers { helpers, with_path: true, username: Some("me".to_owned()) });
    }
}
