//! Fetching from repositories in folders, from real servers, and from servers that mean no good.

mod ranges;
mod rogues;
mod servers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use git2::Oid;
use tempfile::TempDir;
use url::Url;

use super::*;
use crate::source::address::{Policy, SshAddress};
use crate::source::credentials::Environment;
use crate::source::error::SourceError;
use crate::source::web::{Web, WebOptions};

/// Somebody who fetches into a store of his own.
struct Client {
    folder: TempDir,
    environment: Environment,
    timeout: Duration,
}

impl Client {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        create_bare(&folder.path().join("store.git")).unwrap();
        let environment = Environment::of([("GIT_CONFIG_NOSYSTEM", "1")]);
        Self { folder, environment, timeout: Duration::from_secs(60) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.git")
    }

    fn fetch(&self, url: &str, ask: &GitAsk) -> Result<GitFetched, SourceError> {
        let (store, scratch) = (self.path(), self.folder.path());
        let fetching = Fetching { shown: url, store: &store, scratch, deadline: Instant::now() + self.timeout };
        fetch(&self.remote(url), std::slice::from_ref(ask), &fetching).pop().unwrap()
    }

    fn remote(&self, url: &str) -> GitRemote {
        if url.starts_with('/') {
            return GitRemote::Local(PathBuf::from(url));
        }
        let url = Url::parse(url).unwrap();
        let host = url.host_str().unwrap().to_owned();
        GitRemote::Elsewhere(match url.scheme() {
            "git" => Connection::Daemon { host, port: url.port().unwrap(), path: url.path().to_owned() },
            "ssh" => {
                let user = Some(url.username().to_owned());
                let address = SshAddress { user, host, port: url.port(), path: url.path().to_owned() };
                Connection::Ssh { address, environment: self.environment.clone() }
            }
            _ => {
                let policy = Policy { allow_insecure: vec!["127.0.0.1".to_owned()], project: PathBuf::new() };
                let (timeout, environment) = (self.timeout, self.environment.clone());
                let web = Arc::new(Web::new(WebOptions { policy, timeout, environment, ca_file: None }));
                Connection::Web(WebConnection { web, url, token: None })
            }
        })
    }

    /// What is in the store: nothing half made is ever there.
    fn packs(&self) -> usize {
        let folder = self.path().join("objects/pack");
        std::fs::read_dir(folder).map_or(0, |entries| entries.count())
    }

    /// Temporary folders that were left.
    fn left(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count() - 1
    }

    fn text(&self, fetched: &GitFetched, name: &str) -> String {
        let repository = open_bare(&self.path()).unwrap();
        let tree = repository.find_tree(fetched.tree).unwrap();
        let blob = repository.find_blob(tree.get_name(name).unwrap().id()).unwrap();
        String::from_utf8(blob.content().to_vec()).unwrap()
    }
}

fn version(version: &str) -> GitAsk {
    GitAsk { version: Some(version.to_owned()), branch: None, locked: None, before: None }
}

fn branch(branch: &str) -> GitAsk {
    GitAsk { version: None, branch: Some(branch.to_owned()), locked: None, before: None }
}

fn locked(commit: Oid, branch: &str) -> GitAsk {
    GitAsk { version: None, branch: Some(branch.to_owned()), locked: Some(commit.to_string()), before: None }
}
