use std::env;
use std::path::PathBuf;

use super::pflag::Words;
use super::settings;

/// The files and folders where helm keeps what it knows, for one command line.
#[derive(Clone, Debug)]
pub struct Files {
    /// The list of repositories.
    pub repository_config: PathBuf,
    /// The folder with the indexes of repositories and with fetched charts.
    pub repository_cache: PathBuf,
    /// The logins for registries.
    pub registry_config: PathBuf,
    /// Docker's own logins, which helm looks at after its own.
    pub docker_config: PathBuf,
}

impl Files {
    /// Reads the flags and the environment.
    pub fn of(words: &Words) -> Self {
        let docker = env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let home = || PathBuf::from(settings::variable("HOME")).join(".docker");
        Self {
            repository_config: settings::repository_config(words).into(),
            repository_cache: settings::repository_cache(words).into(),
            registry_config: settings::registry_config(words).into(),
            docker_config: docker.unwrap_or_else(home).join("config.json"),
        }
    }

    /// The cached index of a repository.
    pub fn index(&self, repository: &str) -> PathBuf {
        self.repository_cache.join(file_of(repository, "index.yaml"))
    }

    /// The cached list of a repository's charts.
    pub fn charts(&self, repository: &str) -> PathBuf {
        self.repository_cache.join(file_of(repository, "charts.txt"))
    }
}

/// `NAME-index.yaml`. A name with slashes, which helm does not let in but a file may hold, stays in
/// the folder.
fn file_of(repository: &str, what: &str) -> String {
    match repository.replace('/', "-") {
        name if name.is_empty() => what.to_owned(),
        name => format!("{name}-{what}"),
    }
}
