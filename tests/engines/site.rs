use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kiln::span::Source;
use kiln::yaml::{load_node, parse_stream, to_yaml_frozen};
use serde_yaml::Value;

use crate::settings::without_settings;

/// A project, and the folder that it publishes into.
pub struct Site {
    top: tempfile::TempDir,
}

impl Site {
    /// A stack of a few objects for clusters, with settings of `emit`.
    pub fn new(clusters: &str, emit: &str) -> Self {
        let site = Self { top: tempfile::tempdir().unwrap() };
        let text = "name: shop\nsubcomponents:\n- {name: web, type: helm, path: web}\n- {name: deep, path: deep}\n";
        site.write("component.yaml", text);
        site.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
        site.write(
            "web/templates/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: x}\n",
        );
        site.write("deep/component.yaml", "name: deep\nsubcomponents:\n- {name: space, type: static, path: ../m}\n- {name: bare, type: static, path: ../n}\n");
        site.write("m/space.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
        site.write("n/note.yaml", "# nothing here\n");
        site.write("kiln.yaml", "");
        site.publishes(clusters, emit);
        site
    }

    /// A copy of one of the repository's stacks.
    pub fn of_stack(stack: &str, clusters: &str, emit: &str) -> Self {
        let site = Self { top: tempfile::tempdir().unwrap() };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(stack), &site.top.path().join("project"));
        site.publishes(clusters, emit);
        site
    }

    fn publishes(&self, clusters: &str, emit: &str) {
        let target = "{repo: 'https://git.example.com/manifests.git', branch: main}";
        self.write("clusters.yaml", clusters);
        self.write("publish.yaml", &format!("owner: fleet\ntarget: {target}\nemit:\n{emit}"));
    }

    pub fn write(&self, path: &str, text: &str) {
        let place = self.top.path().join("project").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    pub fn out(&self) -> PathBuf {
        self.top.path().join("out")
    }

    pub fn publish(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        without_settings(&mut command);
        command.args(["publish", "--to"]).arg(self.out()).args(words);
        command.current_dir(self.top.path().join("project")).env("HOME", self.top.path()).output().unwrap()
    }

    pub fn must_publish(&self, words: &[&str]) {
        let output = self.publish(words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn read(&self, path: &str) -> Value {
        documents(&self.out().join(path)).remove(0)
    }

    /// The paths below a folder of the output, without kiln's own state.
    pub fn paths(&self, folder: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![self.out().join(folder)];
        while let Some(below) = folders.pop() {
            for entry in fs::read_dir(below).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    found.insert(path.strip_prefix(self.out().join(folder)).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found
    }
}

/// The documents of a file that hold something.
pub fn documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    documents_of(&text)
}

/// The documents of a text that hold something, as Kubernetes reads them: `0440` is a number.
pub fn documents_of(text: &str) -> Vec<Value> {
    let documents = parse_stream(&Source::new("text", text)).unwrap();
    let values = documents.iter().map(|document| to_yaml_frozen(&load_node(&document.root).unwrap()).unwrap());
    let values = values.map(|text| serde_yaml::from_slice::<Value>(&text).unwrap());
    values.filter(|value| !value.is_null()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (name, place) = (entry.file_name(), entry.path());
        if name == "generated" || name == ".kiln" {
            continue;
        }
        if place.is_dir() {
            copy(&place, &to.join(name));
        } else {
            fs::copy(&place, to.join(name)).unwrap();
        }
    }
}
