use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// Where fetched sources are.
#[derive(Debug, Clone, Default, Args)]
pub struct StoreArgs {
    /// Where fetched sources are kept (default: `kiln/store` in the user's cache folder,
    /// `$XDG_CACHE_HOME` or `~/.cache`; without a home folder `.kiln/store` of the project)
    #[arg(long, value_name = "DIR", env = "KILN_STORE")]
    pub store: Option<PathBuf>,
}

impl StoreArgs {
    /// What the environment says, for command lines that have no such flag.
    pub fn from_environment() -> Self {
        Self { store: std::env::var_os("KILN_STORE").filter(|path| !path.is_empty()).map(PathBuf::from) }
    }

    /// The store's folder; `None` where the user has no cache folder and the project must do.
    pub fn place(&self) -> Option<PathBuf> {
        let given = self.store.clone().filter(|path| !path.as_os_str().is_empty());
        given.or_else(|| in_cache(std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME")))
    }
}

/// The store in a user's cache folder. Paths that are not absolute count as unset, as the XDG base
/// directory specification says.
fn in_cache(cache: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: Option<OsString>| path.map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute(cache).or_else(|| absolute(home).map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("kiln/store"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_folder_of_the_user() {
        let place = |cache: &str, home: &str| {
            let given = |text: &str| (!text.is_empty()).then(|| OsString::from(text));
            in_cache(given(cache), given(home)).map(|path| path.display().to_string()).unwrap_or_default()
        };
        assert_eq!(place("/c", "/home/u"), "/c/kiln/store");
        assert_eq!(place("", "/home/u"), "/home/u/.cache/kiln/store");
        assert_eq!(place("relative", "/home/u"), "/home/u/.cache/kiln/store");
        assert_eq!(place("", ""), "");
        assert_eq!(place("", "u"), "");
    }
}
