use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The environment variables as they were when a run began. Its values never print.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Arc<BTreeMap<OsString, OsString>>,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        Self { variables: Arc::new(std::env::vars_os().collect()) }
    }

    /// One that holds exactly these variables.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: Arc::new(variables.collect()) }
    }

    /// The same with one variable more.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut variables = BTreeMap::clone(&self.variables);
        variables.insert(name.into(), value.into());
        Self { variables: Arc::new(variables) }
    }

    /// A variable; `None` when it is not set, empty, or no UTF-8.
    pub(in crate::source) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(OsStr::new(name)).and_then(|value| value.to_str()).filter(|value| !value.is_empty())
    }

    /// The variables whose names begin with a text.
    pub(in crate::source) fn starting<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let texts = self.variables.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
        texts.filter(move |(name, _)| name.starts_with(prefix))
    }

    /// All of it, for a program that is started.
    pub(in crate::source) fn all(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// A path named by a variable.
    pub(in crate::source) fn path(&self, name: &str) -> Option<PathBuf> {
        self.variables.get(OsStr::new(name)).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// A path below the home folder; `None` without one.
    pub(super) fn home(&self, below: &str) -> Option<PathBuf> {
        self.path("HOME").map(|home| home.join(below))
    }

    /// A path below the folder of configurations: `XDG_CONFIG_HOME`, else `~/.config`.
    pub(super) fn config(&self, below: &str) -> Option<PathBuf> {
        self.path("XDG_CONFIG_HOME").or_else(|| self.home(".config")).map(|folder| folder.join(below))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(…)")
    }
}
