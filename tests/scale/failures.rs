//! One cluster that fails never hides another, whatever a run is spared.

use std::fs;

use crate::project::Project;

const NEGATIVE: &str = "subcomponents: {web: {config: {note: x}}, db: {config: {size: -1}}}\n";

/// Clusters c3 and c8 fail: one in a template, one in its layer.
fn broken(project: &Project) {
    project.write("config/sites/c3.yaml", NEGATIVE);
    project.write("config/sites/c8.yaml", "subcomponents: {web: {config: [}}\n");
}

fn mended(project: &Project) {
    for at in [3, 8] {
        let text = format!("subcomponents: {{web: {{config: {{note: site-{at}}}}}, db: {{config: {{size: {at}}}}}}}\n");
        project.write(&format!("config/sites/c{at}.yaml"), &text);
    }
}

/// Both failures are told, and which clusters they are of.
#[track_caller]
fn tells_both(said: &str) {
    for words in ["the size is negative", "c3", "config/sites/c8.yaml:1:"] {
        assert!(said.contains(words), "no `{words}` in:\n{said}");
    }
}

#[test]
fn parts_write_what_does_not_fail_and_their_join_names_what_did() {
    let project = Project::new();
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    broken(&project);
    let mut said = String::new();
    for part in ["1/2", "2/2"] {
        let run = project.kiln(&["generate", "--shard", part, "--keep-going", "-O", "made"]);
        said.push_str(&run.said());
    }
    tells_both(&said);
    for at in [1, 2, 4, 5, 6, 7, 9] {
        for file in ["web", "db", "rules"] {
            let path = format!("c{at}/{file}.yaml");
            assert_eq!(project.read(&format!("made/{path}")), project.read(&format!("whole/{path}")));
        }
    }
    assert!(!project.path("made/c3").exists() && !project.path("made/c8").exists());
    let said = project.kiln(&["merge", "joined", "made"]).exits(1);
    assert!(said.contains("c3") && said.contains("c8"), "{said}");
    // The part that has it alone is run again.
    mended(&project);
    for part in ["1/2", "2/2"] {
        project.kiln(&["generate", "--shard", part, "--keep-going", "-O", "made"]).exits(0);
    }
    project.kiln(&["merge", "joined", "made"]).exits(0);
    assert_eq!(project.tree("joined"), project.tree("whole"));
}

#[test]
fn what_changed_since_a_revision_fails_for_its_clusters_alone() {
    let project = Project::new();
    project.kiln(&["generate", "-O", "made"]).exits(0);
    fs::remove_dir_all(project.path("made/.kiln")).unwrap();
    project.commit();
    let before = project.tree("made/c3");
    broken(&project);
    project.write("config/sites/c5.yaml", "subcomponents: {web: {config: {note: five}}, db: {config: {size: 5}}}\n");
    let words = ["generate", "--changed-since", "HEAD", "--keep-going", "-O", "made"];
    tells_both(&project.kiln(&words).exits(1));
    assert!(project.read("made/c5/web.yaml").contains("five"));
    assert_eq!(project.tree("made/c3"), before, "what failed is left as it was");
    // Without, nothing is written.
    project.write("config/sites/c5.yaml", "subcomponents: {web: {config: {note: 5}}, db: {config: {size: 5}}}\n");
    tells_both(&project.kiln(&["generate", "--changed-since", "HEAD", "-O", "made"]).exits(1));
    assert!(project.read("made/c5/web.yaml").contains("five"));
}

#[test]
fn what_stands_from_earlier_runs_hides_no_failure() {
    let project = Project::new();
    project.kiln(&["generate", "-O", "made"]).exits(0);
    broken(&project);
    // Again and again: a failure is not remembered as success, and what stands is not rendered.
    for reused in ["rendered 3 components, reused 21", "rendered 2 components, reused 22", "reused 22"] {
        project.write("config/sites/c1.yaml", &project.read("config/sites/c1.yaml").replace("site-1", "one"));
        let said = project.kiln(&["generate", "--keep-going", "-O", "made"]).exits(1);
        tells_both(&said);
        assert!(said.contains("7 clusters") && said.contains(reused), "{said}");
    }
    assert!(project.read("made/c1/web.yaml").contains("one"));
    mended(&project);
    project.kiln(&["generate", "--keep-going", "-O", "made"]).exits(0);
    project.kiln(&["generate", "--no-cache", "-O", "whole"]).exits(0);
    assert_eq!(project.tree("made"), project.tree("whole"));
}

#[test]
fn a_cache_that_others_filled_hides_no_failure() {
    let server = crate::cache::Server::start();
    let project = Project::new();
    let cached = ["--cache-url", &server.url, "--cache-mode", "readwrite"];
    project.kiln(&[&["generate", "-O", "whole"], &cached[..]].concat()).exits(0);
    broken(&project);
    for (out, rendered) in [("one", "rendered 2 components"), ("other", "rendered 1 component,")] {
        let said = project.kiln(&[&["generate", "--keep-going", "-O", out], &cached[..]].concat()).exits(1);
        tells_both(&said);
        // The component that fails, and at first the one beside it that has a new value.
        assert!(said.contains(rendered), "{said}");
        for at in [1, 2, 4, 5, 6, 7, 9] {
            let path = format!("c{at}/web.yaml");
            assert_eq!(project.read(&format!("{out}/{path}")), project.read(&format!("whole/{path}")));
        }
    }
}
