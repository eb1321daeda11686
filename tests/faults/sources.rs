//! A project whose sources are fetched, in two versions that its lock tells apart.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use git2::{IndexAddOption, Repository, Signature, Time};

use crate::project::{assert_clean, files, kiln, paths, succeeds};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Old,
    New,
}

/// Repositories, charts and files on this machine, and a project that asks for them.
pub struct Site {
    top: tempfile::TempDir,
    old_lock: Vec<u8>,
    new_lock: Vec<u8>,
    /// What an install from nothing leaves in the store.
    whole: BTreeSet<String>,
}

impl Site {
    pub fn new() -> Self {
        let mut site = Self {
            top: tempfile::tempdir().unwrap(),
            old_lock: Vec::new(),
            new_lock: Vec::new(),
            whole: Default::default(),
        };
        for name in ["one", "two", "three"] {
            let folder = site.path(&format!("remote/{name}"));
            let repository = Repository::init(&folder).unwrap();
            for version in ["v1", "v2"] {
                fs::write(folder.join("component.yaml"), format!("name: {name}\ntype: static\npath: m\n")).unwrap();
                fs::create_dir_all(folder.join("m")).unwrap();
                for at in 0..8 {
                    let manifest =
                        format!("kind: ConfigMap\nmetadata: {{name: {name}-{at}}}\ndata: {{version: {version}}}\n");
                    fs::write(folder.join(format!("m/{at}.yaml")), manifest).unwrap();
                }
                commit(&repository, version);
            }
        }
        let mut index = "apiVersion: v1\nentries:\n  db:\n".to_owned();
        fs::create_dir_all(site.path("remote/charts")).unwrap();
        for version in ["1.0.0", "2.0.0"] {
            let chart = site.path("db");
            fs::create_dir_all(chart.join("templates")).unwrap();
            fs::write(chart.join("Chart.yaml"), format!("apiVersion: v2\nname: db\nversion: {version}\n")).unwrap();
            fs::write(
                chart.join("templates/db.yaml"),
                format!("kind: ConfigMap\nmetadata: {{name: db, labels: {{v: '{version}'}}}}\n"),
            )
            .unwrap();
            let archive = format!("remote/charts/db-{version}.tgz");
            succeeds(Command::new("tar").current_dir(site.top.path()).args(["czf", &archive, "db"]));
            index.push_str(&format!("  - {{name: db, version: {version}, urls: [db-{version}.tgz]}}\n"));
        }
        fs::write(site.path("remote/charts/index.yaml"), index).unwrap();
        fs::create_dir_all(site.path("remote/files")).unwrap();
        for version in ["v1", "v2"] {
            fs::write(
                site.path(&format!("remote/files/{version}.yaml")),
                format!("kind: Namespace\nmetadata: {{name: {version}}}\n"),
            )
            .unwrap();
        }
        fs::create_dir(site.path("project")).unwrap();
        for version in [Version::New, Version::Old] {
            let _ = fs::remove_file(site.project().join("kiln.lock"));
            site.ask_for(version);
            succeeds(&mut site.install());
            let lock = fs::read(site.project().join("kiln.lock")).unwrap();
            match version {
                Version::Old => site.old_lock = lock,
                Version::New => site.new_lock = lock,
            }
        }
        // The seed of a lock is made once: it has to be the old one's.
        site.prepare();
        succeeds(&mut site.install());
        site.new_lock = fs::read(site.project().join("kiln.lock")).unwrap();
        site.whole = site.stored();
        assert_ne!(site.old_lock, site.new_lock);
        site
    }

    fn path(&self, below: &str) -> PathBuf {
        self.top.path().join(below)
    }

    pub fn project(&self) -> PathBuf {
        self.path("project")
    }

    fn ask_for(&self, version: Version) {
        let (tag, range) = match version {
            Version::Old => ("v1", "1.0.0"),
            Version::New => ("v2", "2.0.0"),
        };
        let git: String = ["one", "two", "three"]
            .map(|name| {
                format!("- {{name: {name}, method: git, source: 'https://git.example.com/{name}', version: {tag}}}\n")
            })
            .concat();
        let text = format!(
            "name: shop\nsubcomponents:\n{git}\
             - {{name: db, type: helm, method: helm, source: 'https://charts.example.com', path: db, version: {range}}}\n\
             - {{name: spaces, type: static, method: http, source: 'https://files.example.com/{tag}.yaml'}}\n"
        );
        fs::write(self.project().join("component.yaml"), text).unwrap();
    }

    /// The program in the project, with mirrors of everything on this machine.
    pub fn command(&self) -> Command {
        let remote = self.path("remote").display().to_string();
        let rules = format!(
            "https://git.example.com/=file://{remote}/,https://charts.example.com=file://{remote}/charts,\
             https://files.example.com=file://{remote}/files"
        );
        let mut command = kiln();
        command.current_dir(self.project()).env("KILN_REWRITE", rules).env("HOME", self.path("home"));
        command.env_remove("XDG_CACHE_HOME").env("KILN_STORE", self.store());
        command
    }

    pub fn install(&self) -> Command {
        let mut command = self.command();
        command.args(["install", "--quiet"]);
        command
    }

    fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// The old lock, an empty store, and the wish for the new version.
    pub fn prepare(&self) {
        let _ = fs::remove_dir_all(self.store());
        fs::write(self.project().join("kiln.lock"), &self.old_lock).unwrap();
        self.ask_for(Version::New);
    }

    /// How long an install takes.
    pub fn duration(&self) -> Duration {
        let one = |_| {
            self.prepare();
            let started = Instant::now();
            succeeds(&mut self.install());
            started.elapsed()
        };
        [0, 1, 2].map(one).into_iter().min().unwrap()
    }

    /// Which lock the project has.
    pub fn lock(&self) -> Result<Version, String> {
        let text = fs::read(self.project().join("kiln.lock")).unwrap_or_default();
        match text {
            text if text == self.old_lock => Ok(Version::Old),
            text if text == self.new_lock => Ok(Version::New),
            text => Err(String::from_utf8_lossy(&text).into_owned()),
        }
    }

    /// With the new lock in place the store has everything: the lock is written last.
    pub fn check_store(&self, lock: Version) {
        if lock == Version::New {
            succeeds(self.command().args(["generate", "--locked", "--quiet"]));
        }
    }

    /// Installs in peace, and holds that this puts everything in order: what could not be removed is gone, too.
    pub fn heal(&self) {
        succeeds(&mut self.install());
        assert_eq!(self.lock(), Ok(Version::New));
        succeeds(self.command().args(["generate", "--locked", "--quiet"]));
        let written = files(&self.project().join("generated"));
        assert!(written.values().all(|text| !String::from_utf8_lossy(text).contains("v1")), "{:?}", written.keys());
        assert_clean(&self.project());
        assert_clean(&self.store());
        assert_eq!(self.stored(), self.whole, "the store has other files than after an undisturbed install");
    }

    /// The paths in the store, without locks and notes.
    fn stored(&self) -> BTreeSet<String> {
        let is_content =
            |path: &String| ["git/", "charts/", "files/", "verified/"].iter().any(|kind| path.starts_with(kind));
        paths(&self.store()).into_iter().filter(is_content).collect()
    }
}

/// Commits everything below a repository's folder and tags it, at a fixed time.
fn commit(repository: &Repository, tag: &str) {
    let mut index = repository.index().unwrap();
    index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = Signature::new("a", "a@example.com", &Time::new(1_700_000_000, 0)).unwrap();
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    let id = repository.commit(Some("HEAD"), &author, &author, tag, &tree, &parents).unwrap();
    repository.tag_lightweight(tag, &repository.find_object(id, None).unwrap(), false).unwrap();
}
