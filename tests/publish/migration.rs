use std::fs;
use std::path::Path;

use crate::support::{Ended, Place};

/// R-FB-3: Bedrock's `build.sh` by its variables.
#[test]
fn the_variables_of_bedrock_are_read() {
    let place = Place::empty();
    place.write("component.yaml", "name: shop\ntype: static\npath: ./manifests\n");
    place.write("manifests/web.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: web}\n");
    for layer in ["DEV", "QA", "STAGING", "WEST", "PROD", "EAST"] {
        place.write(&format!("config/{layer}.yaml"), "config: {a: 1}\n");
    }
    place.commit("First");
    place.edit("live", &[("README.md", Some("hello\n")), ("policies/p.yaml", Some("kind: Policy\n"))]);
    let secret = "tok3n-that-nobody-may-see";
    let target = place.folder.path().join("target.git");
    let run = |more: &[(&str, &str)]| {
        let mut command = place.command(&["publish", "--bedrock-env"]);
        command.env("REPO", &target).env("BRANCH_NAME", "live").env("ACCESS_TOKEN_SECRET", secret);
        command.env("FAB_ENVS", "DEV,QA,STAGING WEST,PROD EAST").env("COMMIT_MESSAGE", "first of all");
        command.envs(more.iter().copied());
        Ended::of(&command.output().unwrap())
    };
    let verified = run(&[("VERIFY_ONLY", "1")]).expect(0);
    assert_eq!(place.count("live"), 1);
    let first = run(&[]).expect(0);
    let tops: std::collections::BTreeSet<String> =
        place.names("live").iter().map(|name| name.split('/').next().unwrap().to_owned()).collect();
    let tops: Vec<&str> = tops.iter().map(String::as_str).collect();
    assert_eq!(tops, ["DEV", "PROD-EAST", "QA", "README.md", "STAGING-WEST", "policies"]);
    assert!(place.message("live").starts_with("Updated k8s manifest files post commit: first of all\n"));
    let second = run(&[]).expect(0);
    assert_eq!(place.count("live"), 2);
    // The token is nowhere.
    for ended in [&verified, &first, &second] {
        assert!(!ended.out.contains(secret) && !ended.err.contains(secret));
    }
    assert_eq!(files_with(place.folder.path(), secret), Vec::<String>::new());
    Ended::of(&place.command(&["publish", "--bedrock-env"]).output().unwrap()).expect(3).says("REPO");
}

/// R-FB-4: output that shrinks, or is nothing.
#[test]
fn output_that_shrinks_is_refused() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    place.write("component.yaml", "name: shop\nsubcomponents:\n  - {name: db, type: template, path: ./db}\n");
    place.write("config/common.yaml", "");
    place.commit("Less");
    place.publish(&["--max-delete", "20%"]).expect(5).says("would delete 3 files (50 %)");
    place.publish(&["--max-delete", "60%"]).expect(0);
}

/// Files below a folder that hold a text.
pub fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let content = fs::read(entry.path()).unwrap_or_default();
        if content.windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
