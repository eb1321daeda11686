use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use git2::{IndexAddOption, ObjectType, Oid, Repository, RepositoryInitOptions, Signature, Time};
use serde_json::Value;

use crate::settings::without_settings;

pub const KILN: &str = env!("CARGO_BIN_EXE_kiln");

/// A source repository and the one that it is published to.
pub struct Place {
    pub folder: tempfile::TempDir,
}

/// How a command ended, and what it printed.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "`{words}` is not in:\n{}", self.err);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Two components for three clusters.
const SHOP: [(&str, &str); 8] = [
    ("kiln.yaml", ""),
    (
        "component.yaml",
        "name: shop\nsubcomponents:\n  - {name: web, type: template, path: ./web}\n  - {name: db, type: template, path: ./db}\n",
    ),
    (
        "web/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: {{ config.replicas }}}\n",
    ),
    (
        "db/db.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata: {stage: \"{{ kiln.cluster.stage }}\"}\n",
    ),
    ("config/common.yaml", "subcomponents: {web: {config: {replicas: 1}}}\n"),
    (
        "clusters.yaml",
        "clusters:\n- {name: a, labels: {stage: staging}}\n- {name: b, labels: {stage: production}}\n- {name: c, labels: {stage: production}}\n",
    ),
    ("publish.yaml", "target: {repo: ../target.git, branch: main}\nowner: fleet\n"),
    (".gitignore", ".kiln/\n"),
];

impl Place {
    /// A small project that is committed, and an empty target.
    pub fn new() -> Self {
        let place = Self::empty();
        SHOP.iter().for_each(|(name, text)| place.write(name, text));
        place.commit("First");
        place
    }

    /// An empty source repository and an empty target.
    pub fn empty() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        for (name, bare) in [("source", false), ("target.git", true)] {
            let mut options = RepositoryInitOptions::new();
            options.bare(bare).initial_head("main").external_template(false);
            Repository::init_opts(folder.path().join(name), &options).unwrap();
        }
        Self { folder }
    }

    pub fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub fn target(&self) -> Repository {
        Repository::open_bare(self.folder.path().join("target.git")).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        let file = self.source().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.source().join(name)).unwrap()
    }

    pub fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name}: {text}");
        self.write(name, &text.replace(old, new));
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) -> Oid {
        let repository = Repository::open(self.source()).unwrap();
        let tree = repository.find_tree(self.tree()).unwrap();
        let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
        let seconds = parent.as_ref().map_or(1_700_000_000, |parent| parent.time().seconds() + 60);
        let who = Signature::new("dev", "dev@example.invalid", &Time::new(seconds, 60)).unwrap();
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(Some("HEAD"), &who, &who, message, &tree, &parents).unwrap()
    }

    /// The source as it stands, as a tree.
    pub fn tree(&self) -> Oid {
        let repository = Repository::open(self.source()).unwrap();
        let mut index = repository.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        index.write_tree().unwrap()
    }

    /// Changes the number of replicas and commits.
    pub fn bump(&self, replicas: u32) -> Oid {
        self.write("config/common.yaml", &format!("subcomponents: {{web: {{config: {{replicas: {replicas}}}}}}}\n"));
        self.commit(&format!("Bump to {replicas}"))
    }

    /// Checks another commit of the source out.
    pub fn checkout(&self, commit: Oid) {
        let repository = Repository::open(self.source()).unwrap();
        let object = repository.find_object(commit, None).unwrap();
        repository.checkout_tree(&object, Some(git2::build::CheckoutBuilder::new().force())).unwrap();
        repository.set_head_detached(commit).unwrap();
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(KILN);
        without_settings(&mut command);
        command.args(words).current_dir(self.source()).env("HOME", self.folder.path()).env("NO_COLOR", "1");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    pub fn kiln(&self, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    pub fn publish(&self, words: &[&str]) -> Ended {
        self.kiln(&[&["publish"], words].concat())
    }

    pub fn tip(&self, branch: &str) -> Option<Oid> {
        self.target().find_reference(&format!("refs/heads/{branch}")).ok().and_then(|tip| tip.target())
    }

    /// The files of a branch.
    pub fn files(&self, branch: &str) -> BTreeMap<String, String> {
        let target = self.target();
        let Some(tip) = self.tip(branch) else { return BTreeMap::new() };
        files_of(&target, tip)
    }

    /// The names of the files of a branch that are no records of kiln's.
    pub fn names(&self, branch: &str) -> Vec<String> {
        self.files(branch).into_keys().filter(|name| !name.contains(".kiln/")).collect()
    }

    pub fn message(&self, branch: &str) -> String {
        let target = self.target();
        let commit = target.find_commit(self.tip(branch).unwrap()).unwrap();
        String::from_utf8_lossy(commit.message_bytes()).into_owned()
    }

    /// How many commits a branch has.
    pub fn count(&self, branch: &str) -> usize {
        let target = self.target();
        let Some(tip) = self.tip(branch) else { return 0 };
        let mut walk = target.revwalk().unwrap();
        walk.push(tip).unwrap();
        walk.count()
    }

    /// Somebody else's commit on a branch of the target: files, or nothing where one goes away.
    pub fn edit(&self, branch: &str, edits: &[(&str, Option<&str>)]) -> Oid {
        let target = self.target();
        let parent = self.tip(branch).map(|tip| target.find_commit(tip).unwrap());
        let mut index = git2::Index::new().unwrap();
        if let Some(parent) = &parent {
            index.read_tree(&parent.tree().unwrap()).unwrap();
        }
        for (path, text) in edits {
            let Some(text) = text else {
                index.remove_path(Path::new(path)).unwrap();
                continue;
            };
            let id = target.blob(text.as_bytes()).unwrap();
            let zero = git2::IndexTime::new(0, 0);
            index
                .add(&git2::IndexEntry {
                    ctime: zero,
                    mtime: zero,
                    dev: 0,
                    ino: 0,
                    mode: 0o100_644,
                    uid: 0,
                    gid: 0,
                    file_size: 0,
                    id,
                    flags: 0,
                    flags_extended: 0,
                    path: path.as_bytes().to_vec(),
                })
                .unwrap();
        }
        let tree = target.find_tree(index.write_tree_to(&target).unwrap()).unwrap();
        let who = Signature::new("other", "other@example.invalid", &Time::new(1_700_000_500, 0)).unwrap();
        let parents: Vec<_> = parent.iter().collect();
        target.commit(Some(&format!("refs/heads/{branch}")), &who, &who, "By hand", &tree, &parents).unwrap()
    }
}

/// The files of a commit.
pub fn files_of(repository: &Repository, commit: Oid) -> BTreeMap<String, String> {
    let tree = repository.find_commit(commit).unwrap().tree().unwrap();
    let mut found = BTreeMap::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            let text = repository.find_blob(entry.id()).unwrap().content().to_vec();
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            found.insert(format!("{folder}{name}"), String::from_utf8_lossy(&text).into_owned());
        }
        git2::TreeWalkResult::Ok
    })
    .unwrap();
    found
}

/// Whether a program is there; says so when it is not.
pub fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("SKIPPED: no `{program}`");
    }
    found
}

/// Writes a hook of the target.
#[cfg(unix)]
pub fn hook(place: &Place, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = place.folder.path().join("target.git/hooks").join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}
