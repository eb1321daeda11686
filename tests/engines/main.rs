//! What `emit` of `publish.yaml` gives to kustomize, Flux and Argo CD, published into a folder.

#[path = "../harness/settings.rs"]
mod settings;

mod kustomize;
mod site;

use std::collections::BTreeSet;
use std::fs;

use serde_yaml::Value;

use site::Site;

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const ALL: &str = "  kustomization: true\n  flux: true\n  argocd: applicationset\n";
const TWO: &str =
    "clusters:\n- {name: a, layers: [], labels: {stage: prod}}\n- {name: b, layers: [], labels: {stage: staging}}\n";

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
