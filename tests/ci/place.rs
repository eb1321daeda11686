//! A place to run scripts in: a stack, and the program on the path.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use git2::{Commit, IndexAddOption, Repository, RepositoryInitOptions, Signature, Time};

use crate::settings::without_settings;

pub const KILN: &str = env!("CARGO_BIN_EXE_kiln");

/// The repository's own folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary folder with a stack in `shop` and a `bin` on the path that has kiln.
pub struct Place {
    top: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        let place = Self { top: tempfile::tempdir().unwrap() };
        fs::create_dir_all(place.path("bin")).unwrap();
        std::os::unix::fs::symlink(KILN, place.path("bin/kiln")).unwrap();
        place.write("shop/component.yaml", "name: shop\nsubcomponents:\n- {name: web, type: helm, path: web}\n");
        place.write("shop/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
        place.write(
            "shop/web/templates/web.yaml",
            "kind: ConfigMap\nmetadata: {name: web}\ndata: {stage: {{ .Values.stage }}}\n",
        );
        place.write("shop/kiln.yaml", "");
        for stage in ["common", "staging"] {
            let values = format!("subcomponents:\n  web:\n    config: {{stage: {stage}}}\n");
            place.write(&format!("shop/config/{stage}.yaml"), &values);
        }
        place
    }

    /// Makes the stack a repository that publishes one cluster to the repository that is given back.
    pub fn publishes(&self) -> Repository {
        self.write("shop/clusters.yaml", "clusters: [{name: staging, layers: [staging]}]\n");
        self.write("shop/publish.yaml", "target: {repo: ../target.git}\nowner: shop\npaths: {clusters: \"{name}\"}\n");
        Repository::init(self.path("shop")).unwrap();
        let options = &mut RepositoryInitOptions::new();
        Repository::init_opts(self.path("target.git"), options.bare(true).initial_head("main")).unwrap()
    }

    /// Commits the stack as it stands.
    pub fn commit(&self, message: &str) {
        let repository = Repository::open(self.path("shop")).unwrap();
        let mut index = repository.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
        let who = Signature::new("dev", "dev@example.com", &Time::new(1_700_000_000, 0)).unwrap();
        let parents: Vec<&Commit<'_>> = parent.iter().collect();
        repository.commit(Some("HEAD"), &who, &who, message, &tree, &parents).unwrap();
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.top.path().join(below)
    }

    pub fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    /// A program that starts here, with kiln on the path and none of its settings.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        without_settings(&mut command);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.current_dir(self.top.path()).env("PATH", path).env("HOME", self.path("home"));
        command
    }

    /// Runs a script as `shell -c` would.
    pub fn script(&self, shell: &str, script: &str, variables: &[(&str, &str)]) -> Output {
        self.command(shell).args(["-c", script]).envs(variables.iter().copied()).output().unwrap()
    }
}

/// What a program that had to succeed printed.
pub fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
