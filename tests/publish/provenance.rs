use std::fs;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::Place;

#[test]
fn trailers_tell_where_a_commit_comes_from() {
    let place = Place::new();
    let source = place.bump(2);
    place.publish(&[]).expect(0);
    let message = place.message("main");
    assert!(
        message.starts_with(&format!("render: 3 clusters from {} — Bump to 2\n", &source.to_string()[..12])),
        "{message}"
    );
    for line in [
        format!("Kiln-Source: source@{source}"),
        "Kiln-Config-Digest: sha256:".to_owned(),
        "Kiln-Owner: fleet".to_owned(),
        "Kiln-Clusters: 3 changed, 0 unchanged".to_owned(),
        "Kiln-Output-Digest: sha256:".to_owned(),
    ] {
        assert!(message.contains(&line), "{line}: {message}");
    }
    let target = place.target();
    let commit = target.find_commit(place.tip("main").unwrap()).unwrap();
    let source = git2::Repository::open(place.source()).unwrap();
    let from = source.head().unwrap().peel_to_commit().unwrap();
    assert_eq!((commit.time().seconds(), commit.time().offset_minutes()), (from.time().seconds(), 60));
}

#[test]
fn the_same_source_gives_the_same_commit() {
    let tips = [(); 2].map(|()| {
        let place = Place::new();
        place.publish(&[]).expect(0);
        place.tip("main").unwrap()
    });
    assert_eq!(tips[0], tips[1]);
}

#[test]
fn a_source_that_was_edited_is_marked() {
    let place = Place::new();
    place.write("config/common.yaml", "subcomponents: {web: {config: {replicas: 9}}}\n");
    place.publish(&["--require-clean"]).expect(5).says("publish.dirty-source").says("config/common.yaml");
    place.publish(&[]).expect(0).says("publish.dirty-source");
    assert!(place.message("main").contains("-dirty"));
}

#[test]
fn a_source_without_commits_is_published_and_does_not_overwrite_one_with_commits() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    fs::remove_dir_all(place.source().join(".git")).unwrap();
    place.publish(&[]).expect(5).says("this source has no commits");
    place.publish(&["--branch", "other"]).expect(0);
    place.publish(&["--branch", "other"]).expect(0).says("nothing changes");
}

/// The in-toto statement: every file on the branch with its digest, and what it was made from.
#[test]
fn a_statement_tells_what_was_published_and_from_what() {
    let place = Place::new();
    let file = place.folder.path().join("statement.json");
    let flag = file.display().to_string();
    place.publish(&["--provenance", &flag, "--dry-run"]).expect(3);
    assert!(!file.exists());
    place.publish(&["--provenance", &flag]).expect(0);
    let first = fs::read(&file).unwrap();
    let statement: Value = serde_json::from_slice(&first).unwrap();
    let digest = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let files = place.files("main");
    let told: Vec<(String, String)> = statement["subject"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subject| (subject["name"].as_str().unwrap().into(), subject["digest"]["sha256"].as_str().unwrap().into()))
        .collect();
    let expected: Vec<(String, String)> =
        place.names("main").into_iter().map(|name| (name.clone(), digest(&files[&name]))).collect();
    assert_eq!((told.len(), told), (6, expected));
    let parts = &statement["predicate"]["buildDefinition"];
    assert_eq!(parts["externalParameters"]["command"], "publish");
    assert_eq!(parts["externalParameters"]["clusters"], serde_json::json!(["a", "b", "c"]));
    let materials = parts["resolvedDependencies"].as_array().unwrap();
    let names: Vec<&str> = materials.iter().filter_map(|material| material["name"].as_str()).collect();
    for name in ["component.yaml", "config/common.yaml", "clusters.yaml", "publish.yaml"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    // A run that changes nothing states the same.
    place.publish(&["--provenance", &flag]).expect(0).says("nothing changes");
    assert_eq!(fs::read(&file).unwrap(), first);
}
