use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::settings::without_settings;

/// A stack of two charts and manifests for nine clusters, in which every layer changes something.
const FILES: &[(&str, &str)] = &[
    ("kiln.yaml", ""),
    (
        "component.yaml",
        "name: shop\nsubcomponents:\n- {name: web, type: helm, path: charts/web}\n- {name: db, type: helm, path: charts/db}\n- {name: rules, type: static, path: rules}\n",
    ),
    ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    ("charts/web/values.yaml", "replicas: 1\nnote: none\n"),
    (
        "charts/web/templates/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}, annotations: {note: {{ .Values.note | quote }}, kube: {{ .Capabilities.KubeVersion.Version | quote }}}}\nspec: {replicas: {{ .Values.replicas }}}\n",
    ),
    ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
    ("charts/db/values.yaml", "size: 1\n"),
    (
        "charts/db/templates/volume.yaml",
        "{{- if lt (int .Values.size) 0 }}{{ fail \"the size is negative\" }}{{ end }}\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: {{ .Release.Name }}}\nspec: {resources: {requests: {storage: {{ .Values.size }}Gi}}}\n",
    ),
    ("rules/rule.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rule}\n"),
    ("config/common.yaml", "subcomponents: {web: {config: {color: grey}}}\n"),
    ("config/prod.yaml", "subcomponents:\n  web:\n    config:\n      replicas: 3\n"),
    ("config/testing.yaml", "subcomponents: {web: {config: {replicas: 2}}}\n"),
];

/// Clusters c1 to c9; the odd ones are in production.
pub fn clusters() -> String {
    let entry = |at: usize| {
        let stage = if at % 2 == 1 { "prod" } else { "testing" };
        format!("- {{name: c{at}, labels: {{stage: {stage}}}}}\n")
    };
    let entries: String = (1..=9).map(entry).collect();
    format!("defaults: {{layers: [\"sites/{{name}}\", \"{{stage}}\"]}}\nclusters:\n{entries}")
}

pub struct Project {
    pub folder: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in FILES {
            project.write(path, text);
        }
        project.write("clusters.yaml", &clusters());
        for at in 1..=9 {
            project.write(
                &format!("config/sites/c{at}.yaml"),
                &format!(
                    "subcomponents:\n  web:\n    config:\n      note: site-{at}\n  db:\n    config:\n      size: {at}\n"
                ),
            );
        }
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// A kiln that is about to run in the project, with nothing of this process's own settings.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_kiln"));
        command.args(words);
        command
    }

    /// A shell that is about to run so.
    pub fn shell(&self) -> Command {
        self.program("sh")
    }

    fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        without_settings(&mut command);
        command.current_dir(self.folder.path());
        command
    }

    pub fn kiln(&self, words: &[&str]) -> Run {
        Run(self.command(words).output().unwrap())
    }

    /// Commits everything but what is generated.
    pub fn commit(&self) {
        if !self.path(".gitignore").exists() {
            self.write(".gitignore", "/generated/\n/whole/\n/out*/\n");
        }
        commit(self.folder.path());
    }

    /// All files below a folder, kiln's own records of files too.
    pub fn tree(&self, below: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        collect(&self.path(below), "", &mut found);
        found
    }
}

/// Commits everything in a folder, which becomes a repository.
pub fn commit(folder: &Path) {
    let repository = git2::Repository::open(folder).or_else(|_| git2::Repository::init(folder)).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.update_all(["*"], None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("t", "t@example.com", &git2::Time::new(0, 0)).unwrap();
    let head = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
    repository.commit(Some("HEAD"), &author, &author, "state", &tree, &head.iter().collect::<Vec<_>>()).unwrap();
}

/// The files below a folder, without locks and records of single runs.
fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if below == ".kiln/" && name != ".kiln/owners" {
            continue;
        }
        match entry.path().is_dir() {
            true => collect(&entry.path(), &format!("{name}/"), found),
            false => {
                found.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
}

pub struct Run(pub Output);

impl Run {
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> String {
        let said = self.said();
        assert_eq!(self.0.status.code(), Some(code), "{said}");
        said
    }

    #[track_caller]
    pub fn says(self, code: i32, words: &[&str]) {
        let said = self.exits(code);
        for word in words {
            assert!(said.contains(word), "no `{word}` in:\n{said}");
        }
    }
}
