//! `kiln verify`: is what is on disk, and what records would leave there, what is compiled from nothing?

use std::fs;

use crate::project::Project;

#[test]
fn what_was_generated_is_verified() {
    let project = Project::generated();
    let before = project.tree("generated");
    let run = project.run(&["verify"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains(" 0 not, 0 that records are wrong about, in "), "{}", run.stderr);
    assert_eq!(project.run(&["verify", "--cluster", "east", "-q"]).code, 0);
    assert_eq!(before, project.tree("generated"));
    // Without records, too: there is nothing that they could be wrong about.
    fs::remove_dir_all(project.path("generated/.kiln/state")).unwrap();
    assert_eq!(project.run(&["verify"]).code, 0);
}

#[test]
fn what_differs_is_shown_and_left() {
    let project = Project::generated();
    project.write_secretly("generated/east/web.yaml", |bytes| bytes[2] ^= 1);
    let edited = project.read("generated/east/web.yaml");
    let run = project.run(&["verify"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stdout.contains("--- a/generated/east/web.yaml\n"), "{}", run.stdout);
    assert!(run.stderr.contains(" 1 not, 0 that records are wrong about, in "), "{}", run.stderr);
    assert_eq!(project.read("generated/east/web.yaml"), edited);
    // Other clusters are as they were.
    assert_eq!(project.run(&["verify", "--cluster", "west"]).code, 0);
    // What is stale because its sources changed differs as well.
    let project = Project::generated();
    project.write("config/prod.yaml", "subcomponents: {web: {config: {replicas: 7}}}\n");
    let run = project.run(&["verify"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains(" 2 not, 0 that records are wrong about, in "), "{}", run.stderr);
}

#[test]
fn environments_are_verified_too() {
    let project = Project::new();
    assert_eq!(project.generate(&["prod"]).code, 0);
    assert_eq!(project.run(&["verify", "prod"]).code, 0);
    project.remove("generated/prod/web.yaml");
    assert_eq!(project.run(&["verify", "prod"]).code, 2);
    project.write("charts/web/values.yaml", "replicas: -1\n");
    project.write("config/prod.yaml", "{}\n");
    assert_eq!(project.run(&["verify", "prod"]).code, 1);
}
