//! Where helm keeps its files, and what else its environment says. Flags go before variables.

use std::env;

use crate::golang::path::clean_text;

use super::pflag::Words;

/// A kind of helm's own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Downloaded charts and indexes.
    Cache,
    /// Settings: `repositories.yaml`, credentials of registries.
    Config,
    /// Plugins.
    Data,
}

impl Home {
    /// A path below this kind's folder; empty for the folder itself.
    pub fn path(self, below: &str) -> String {
        let (own, shared, default) = match self {
            Self::Cache => ("HELM_CACHE_HOME", "XDG_CACHE_HOME", ".cache"),
            Self::Config => ("HELM_CONFIG_HOME", "XDG_CONFIG_HOME", ".config"),
            Self::Data => ("HELM_DATA_HOME", "XDG_DATA_HOME", ".local/share"),
        };
        let set = |name: &str| Some(variable(name)).filter(|value| !value.is_empty());
        let folder = set(own).unwrap_or_else(|| {
            let shared = set(shared).unwrap_or_else(|| join(&variable("HOME"), default));
            join(&shared, "helm")
        });
        join(&folder, below)
    }
}

/// The namespace: the flag, else the environment, else `default`.
pub fn namespace(words: &Words) -> String {
    let flag = words.last("namespace").map(str::to_owned);
    let name = flag.or_else(|| env::var("HELM_NAMESPACE").ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "default".to_owned())
}

/// The file with the names of repositories.
pub fn repository_config(words: &Words) -> String {
    setting(words, "repository-config", "HELM_REPOSITORY_CONFIG", || Home::Config.path("repositories.yaml"))
}

/// The folder with the indexes of repositories.
pub fn repository_cache(words: &Words) -> String {
    setting(words, "repository-cache", "HELM_REPOSITORY_CACHE", || Home::Cache.path("repository"))
}

/// The file with credentials of registries.
pub fn registry_config(words: &Words) -> String {
    setting(words, "registry-config", "HELM_REGISTRY_CONFIG", || Home::Config.path("registry/config.json"))
}

/// A flag, else a variable even when it is empty, else a default.
pub fn setting(words: &Words, flag: &str, name: &str, default: impl FnOnce() -> String) -> String {
    let variable = || env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    words.last(flag).map(str::to_owned).or_else(variable).unwrap_or_else(default)
}

/// A variable; empty when it is not set.
pub fn variable(name: &str) -> String {
    env::var_os(name).map_or_else(String::new, |value| value.to_string_lossy().into_owned())
}

/// The time that made files carry, in seconds since 1970: `SOURCE_DATE_EPOCH`, else 0.
pub fn source_date() -> u64 {
    variable("SOURCE_DATE_EPOCH").parse().unwrap_or(0)
}

/// Joins and cleans paths as Go does, without looking at files.
fn join(folder: &str, below: &str) -> String {
    match (folder, below) {
        ("", "") => String::new(),
        ("", only) | (only, "") => clean_text(only),
        _ => clean_text(&format!("{folder}/{below}")),
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_joined_and_cleaned_as_go_does() {
        for (folder, below, expected) in [
            ("/a/", "b", "/a/b"),
            ("/a//b/../c", "", "/a/c"),
            ("", "b/c", "b/c"),
            ("", "", ""),
            ("a", "../..", ".."),
            ("/", "..", "/"),
            ("a", "..", "."),
        ] {
            assert_eq!(join(folder, below), expected, "{folder} {below}");
        }
    }
}
