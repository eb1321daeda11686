//! What `emit` of `publish.yaml` gives to kustomize, Flux and Argo CD, published into a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize as _;
use serde_yaml::Value;

struct Site {
    top: tempfile::TempDir,
}

impl Site {
    fn new(clusters: &str, emit: &str) -> Self {
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
        site.write("clusters.yaml", clusters);
        site.write(
            "publish.yaml",
            &format!(
                "owner: fleet\ntarget: {{repo: 'https://git.example.com/manifests.git', branch: main}}\nemit:\n{emit}"
            ),
        );
        site
    }

    fn write(&self, path: &str, text: &str) {
        let place = self.top.path().join("project").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    fn out(&self) -> PathBuf {
        self.top.path().join("out")
    }

    fn publish(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KILN_")) {
            command.env_remove(name);
        }
        command.args(["publish", "--to"]).arg(self.out()).args(words);
        command.current_dir(self.top.path().join("project")).env("HOME", self.top.path()).output().unwrap()
    }

    fn must_publish(&self, words: &[&str]) {
        let output = self.publish(words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn read(&self, path: &str) -> Value {
        documents(&self.out().join(path)).remove(0)
    }

    /// The paths below a folder of the output, without kiln's own state.
    fn paths(&self, folder: &str) -> BTreeSet<String> {
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

fn documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let documents = serde_yaml::Deserializer::from_str(&text).map(|document| Value::deserialize(document).unwrap());
    documents.filter(|document| !document.is_null()).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const ALL: &str = "  kustomization: true\n  flux: true\n  argocd: applicationset\n";
const TWO: &str =
    "clusters:\n- {name: a, layers: [], labels: {stage: prod}}\n- {name: b, layers: [], labels: {stage: staging}}\n";

#[test]
fn a_kustomization_holds_the_objects_of_its_cluster() {
    let site = Site::new(TWO, ALL);
    site.must_publish(&[]);
    let resources: Vec<String> = site.read("clusters/a/kustomization.yaml")["resources"]
        .as_sequence()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap().to_owned())
        .collect();
    assert!(resources.is_sorted() && !resources.is_empty());
    let objects = |paths: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
        paths
            .flat_map(|path| documents(&site.out().join("clusters/a").join(path)))
            .filter(|object| object["kind"].is_string())
            .map(|object| {
                format!(
                    "{} {:?} {:?}",
                    object["kind"].as_str().unwrap(),
                    object["metadata"]["namespace"],
                    object["metadata"]["name"]
                )
            })
            .collect()
    };
    // All manifests that lie there, and those that are named: the same objects.
    let files = site.paths("clusters/a");
    let manifests = files.iter().filter(|path| !["kustomization.yaml", "cluster.json"].contains(&path.as_str()));
    let mut manifests = manifests.cloned().collect::<Vec<_>>();
    assert_eq!(objects(&mut resources.iter()), objects(&mut manifests.iter()));
    // Nothing is named that has no object.
    manifests.retain(|path| {
        documents(&site.out().join("clusters/a").join(path)).iter().any(|object| object["kind"].is_string())
    });
    manifests.sort();
    assert_eq!(resources, manifests);
    assert_eq!(objects(&mut resources.iter()).len(), 3);
}

#[test]
fn engines_are_told_of_every_cluster_and_of_no_other() {
    let site = Site::new(TWO, ALL);
    site.must_publish(&[]);
    let wanted = [
        "flux/source/fleet.yaml",
        "flux/a.yaml",
        "flux/b.yaml",
        "argocd/projects/fleet.yaml",
        "argocd/applicationset.yaml",
    ];
    assert_eq!(site.paths("engine"), names(&wanted));
    assert_eq!(site.read("engine/flux/a.yaml")["spec"]["path"], "./clusters/a");
    assert_eq!(site.read("engine/flux/source/fleet.yaml")["spec"]["ignore"], "/.kiln/\n");
    assert_eq!(site.read("engine/flux/source/fleet.yaml")["spec"]["url"], "https://git.example.com/manifests.git");
    // What a part of the clusters publishes says the same about the others.
    let before = fs::read(site.out().join("engine/argocd/projects/fleet.yaml")).unwrap();
    site.must_publish(&["--cluster", "a"]);
    assert_eq!(fs::read(site.out().join("engine/argocd/projects/fleet.yaml")).unwrap(), before);
    assert_eq!(site.paths("engine"), names(&wanted));
    // A cluster that goes takes its objects with it.
    site.write("clusters.yaml", "clusters:\n- {name: a, layers: [], labels: {stage: prod}}\n");
    assert_eq!(site.publish(&[]).status.code(), Some(5), "whole clusters go only when that is allowed");
    site.must_publish(&["--allow-delete"]);
    assert!(!site.out().join("engine/flux/b.yaml").exists() && !site.out().join("clusters/b/cluster.json").exists());
    assert!(site.out().join("engine/flux/a.yaml").exists());
}

#[test]
fn a_hundred_clusters_are_a_hundred_applications() {
    let clusters: String = (0..100).map(|at| format!("- {{name: Cluster_{at}, layers: []}}\n")).collect();
    let site = Site::new(&format!("clusters:\n{clusters}"), "  kustomization: true\n  argocd: true\n");
    site.must_publish(&[]);
    let set = site.read("engine/argocd/applicationset.yaml");
    assert_eq!(set["spec"]["generators"][0]["git"]["files"][0]["path"], "clusters/*/cluster.json");
    assert_eq!(set["spec"]["template"]["metadata"]["name"], "{{ .application }}");
    let mut found = BTreeSet::new();
    for folder in fs::read_dir(site.out().join("clusters")).unwrap() {
        let text = fs::read(folder.unwrap().path().join("cluster.json")).unwrap();
        let parameters: serde_json::Value = serde_json::from_slice(&text).unwrap();
        found.insert(parameters["application"].as_str().unwrap().to_owned());
    }
    assert_eq!(found.len(), 100);
    assert!(found.contains("cluster-7"));
    assert_eq!(
        site.read("engine/argocd/projects/fleet.yaml")["spec"]["destinations"].as_sequence().unwrap().len(),
        100
    );
}

#[test]
fn settings_are_filled_for_each_cluster() {
    let emit = "  branch: 'env/{stage}'\n  flux:\n    name: '{stage}-{name}'\n    serviceAccountName: 'apply-{stage}'\n    targetNamespace: apps\n    kubeConfig: '{name}-kubeconfig'\n    secret: auth\n    dependsOn: {a: [b]}\n    prune: false\n  argocd:\n    form: application\n    server: 'https://{name}.example.com'\n    project: shared\n    writeProject: false\n";
    let site = Site::new(TWO, emit);
    site.must_publish(&[]);
    let wanted = [
        "flux/source/fleet-env-prod.yaml",
        "flux/source/fleet-env-staging.yaml",
        "flux/prod-a.yaml",
        "flux/staging-b.yaml",
        "argocd/a.yaml",
        "argocd/b.yaml",
    ];
    assert_eq!(site.paths("engine"), names(&wanted));
    let flux = &site.read("engine/flux/prod-a.yaml")["spec"];
    assert_eq!(
        (&flux["serviceAccountName"], &flux["targetNamespace"]),
        (&Value::from("apply-prod"), &Value::from("apps"))
    );
    assert_eq!((&flux["dependsOn"][0]["name"], &flux["prune"]), (&Value::from("staging-b"), &Value::from(false)));
    assert_eq!(flux["sourceRef"]["name"], "fleet-env-prod");
    let argo = &site.read("engine/argocd/b.yaml")["spec"];
    assert_eq!(
        (&argo["destination"]["server"], &argo["project"]),
        (&Value::from("https://b.example.com"), &Value::from("shared"))
    );
    assert_eq!(argo["source"]["targetRevision"], "env/staging");
    // Without a list of files Argo CD reads all of them.
    assert_eq!(argo["source"]["directory"]["recurse"], true);
    assert!(!site.out().join("clusters/a/cluster.json").exists());
}

#[test]
fn mistakes_are_found_before_anything_is_written() {
    for (clusters, emit, code) in [
        (TWO, "  flux: {dependsOn: {a: [c]}}\n", "emit.no-cluster"),
        (TWO, "  flux: {url: '/srv/manifests.git'}\n", "emit.url"),
        (TWO, "  flux: {interval: soon}\n", "emit.invalid-value"),
        (TWO, "  argocd: {server: 'https://{nme}'}\n", "clusters.placeholder"),
        ("clusters:\n- {name: a_b, layers: []}\n- {name: a-b, layers: []}\n", "  flux: true\n", "emit.name"),
    ] {
        let site = Site::new(clusters, emit);
        let output = site.publish(&[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.lines().any(|line| line == code), "{told}");
        assert!(site.paths("").is_empty(), "{:?}", site.paths(""));
    }
}
