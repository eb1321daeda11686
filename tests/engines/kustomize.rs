//! `kustomization.yaml` says what a cluster has: no more and no less than the manifests beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::site::{Site, documents, documents_of};
use crate::{ALL, TWO};

/// An object's kind, namespace and name.
type Identity = (String, String, String, String);

/// Objects by what they are; no two are the same one.
fn by_identity(objects: impl IntoIterator<Item = Value>) -> BTreeMap<Identity, Value> {
    let mut found = BTreeMap::new();
    for object in objects {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, metadata) = (text(&object["kind"]), &object["metadata"]);
        let identity = (text(&object["apiVersion"]), kind, text(&metadata["namespace"]), text(&metadata["name"]));
        assert!(found.insert(identity.clone(), object).is_none(), "{identity:?} is there twice");
    }
    found
}

fn is_object(document: &Value) -> bool {
    document["kind"].is_string()
}

fn resources(site: &Site, cluster: &str) -> Vec<String> {
    let kustomization = site.read(&format!("{cluster}/kustomization.yaml"));
    let keys: Vec<&str> = kustomization.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap()).collect();
    assert_eq!(keys, ["apiVersion", "kind", "resources"]);
    let resources = kustomization["resources"].as_sequence().unwrap();
    resources.iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

/// The objects of the files that a cluster's `kustomization.yaml` lists, which are exactly those with objects in them.
fn listed(site: &Site, cluster: &str) -> BTreeMap<Identity, Value> {
    let resources = resources(site, cluster);
    assert!(resources.is_sorted(), "{resources:?}");
    let folder = site.out().join(cluster);
    let objects = |path: &String| documents(&folder.join(path)).into_iter().filter(is_object).collect::<Vec<_>>();
    let mut there = site.paths(cluster);
    there.retain(|path| !["kustomization.yaml", "cluster.json"].contains(&path.as_str()) && !objects(path).is_empty());
    assert_eq!(there, resources.iter().cloned().collect::<BTreeSet<_>>());
    by_identity(resources.iter().flat_map(objects))
}

/// What kustomize builds of a folder; nothing without `KILN_TEST_KUSTOMIZE`, the path of its program.
fn built(folder: &Path) -> Option<BTreeMap<Identity, Value>> {
    let Some(program) = std::env::var_os("KILN_TEST_KUSTOMIZE") else {
        eprintln!("SKIPPED: set KILN_TEST_KUSTOMIZE to the program `kustomize`");
        return None;
    };
    let output = Command::new(program).arg("build").arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(by_identity(documents_of(&text).into_iter().filter(is_object)))
}

#[test]
fn a_kustomization_holds_the_objects_of_its_cluster() {
    let site = Site::new(TWO, ALL);
    site.must_publish(&[]);
    for cluster in ["clusters/a", "clusters/b"] {
        let listed = listed(&site, cluster);
        assert_eq!(listed.len(), 3);
        if let Some(built) = built(&site.out().join(cluster)) {
            assert_eq!(built, listed);
        }
    }
    // What goes is listed no more; what somebody lays beside it never was.
    site.write("m/space.yaml", "# nothing\n");
    std::fs::write(site.out().join("clusters/a/stray.yaml"), "kind: ConfigMap\n").unwrap();
    site.must_publish(&["--allow-delete"]);
    assert_eq!(resources(&site, "clusters/a"), ["web.yaml"]);
    assert_eq!(listed(&site, "clusters/b").len(), 2);
}

/// R-PB-16, on a stack with everything that clusters of today run.
#[test]
fn a_whole_platform_is_listed_file_by_file() {
    let clusters = "clusters:\n- {name: busy, layers: [prod, east]}\n- {name: quiet, layers: []}\n";
    let site = Site::of_stack("stacks/cloud-native", clusters, "  kustomization: true\n");
    site.must_publish(&[]);
    for (cluster, least) in [("clusters/busy", 140), ("clusters/quiet", 120)] {
        let listed = listed(&site, cluster);
        assert!(listed.len() > least, "{}", listed.len());
        let Some(built) = built(&site.out().join(cluster)) else { continue };
        assert_eq!(built.keys().collect::<Vec<_>>(), listed.keys().collect::<Vec<_>>());
        for (identity, object) in &listed {
            assert_eq!(&built[identity], object, "{identity:?}");
        }
    }
}
