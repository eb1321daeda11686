//! What a release is made of.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::bom::bom;
use crate::place::{Place, root};

fn metadata() -> Option<(Value, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .output()
        .ok()?;
    if !output.status.success() {
        // Packages for other systems need not be on this machine.
        eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr).trim());
        return None;
    }
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    Some((serde_json::from_slice(&output.stdout).unwrap(), lock))
}

#[test]
fn the_list_of_parts_is_whole_and_consistent() {
    let Some((metadata, lock)) = metadata() else { return };
    let document = bom(&metadata, &lock).unwrap();
    assert_eq!((&document["bomFormat"], &document["specVersion"]), (&Value::from("CycloneDX"), &Value::from("1.5")));
    assert_eq!(document["metadata"]["component"]["purl"], format!("pkg:cargo/kiln@{}", env!("CARGO_PKG_VERSION")));
    let components = document["components"].as_array().unwrap();
    let names: BTreeSet<&str> = components.iter().map(|component| component["name"].as_str().unwrap()).collect();
    // What is linked in and what it is built with, but nothing that only tests use.
    for name in ["serde", "git2", "libgit2-sys", "clap"] {
        assert!(names.contains(name), "{name} is missing");
    }
    for name in ["proptest", "libtest-mimic", "divan", "kiln"] {
        assert!(!names.contains(name), "{name} is no part of it");
    }
    let references: BTreeSet<&str> = components
        .iter()
        .chain([&document["metadata"]["component"]])
        .map(|component| component["bom-ref"].as_str().unwrap())
        .collect();
    assert_eq!(references.len(), components.len() + 1, "each part has a reference of its own");
    for component in components {
        let digest = component["hashes"][0]["content"].as_str().unwrap_or_default();
        assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{component}");
        assert!(component["licenses"][0]["expression"].is_string() || component.get("licenses").is_none());
    }
    for dependency in document["dependencies"].as_array().unwrap() {
        let below = dependency["dependsOn"].as_array().unwrap();
        for reference in below.iter().chain([&dependency["ref"]]) {
            assert!(references.contains(reference.as_str().unwrap()), "{reference}");
        }
    }
    assert_eq!(bom(&metadata, &lock).unwrap(), document);
}

#[test]
fn what_is_not_metadata_is_an_error() {
    assert_eq!(bom(&serde_json::json!({}), ""), Err("cargo metadata has no packages".to_owned()));
}

#[test]
fn release_scripts_say_how_they_are_called() {
    let place = Place::new();
    for script in ["build.sh", "reproduce.sh", "bundle.sh"] {
        let path = root().join("ci/release").join(script);
        let output = place.script("sh", &format!("sh '{}'", path.display()), &[]);
        assert_eq!(output.status.code(), Some(3), "{script}");
        assert!(
            String::from_utf8_lossy(&output.stderr).starts_with(&format!("usage: ci/release/{script} ")),
            "{script}"
        );
    }
}
