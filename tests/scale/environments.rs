//! Plans, and runs of what changed, for environments on the command line: no list of clusters is read.

use std::fs;

use serde_json::Value;

use crate::project::Project;

/// The project as Fabrikate knows it: without kiln's own files.
fn fabrikate() -> Project {
    let project = Project::new();
    for file in ["kiln.yaml", "clusters.yaml"] {
        fs::remove_file(project.path(file)).unwrap();
    }
    project
}

fn plan(project: &Project, words: &[&str]) -> Value {
    let run = project.kiln(&[&["plan", "-o", "json"], words].concat());
    assert!(run.0.status.success(), "{}", run.said());
    serde_json::from_slice(&run.0.stdout).unwrap()
}

fn changed(plan: &Value) -> Vec<&str> {
    let units = plan["units"].as_array().unwrap().iter().filter(|unit| unit["change"] != "unchanged");
    units.map(|unit| unit["id"].as_str().unwrap()).collect()
}

#[test]
fn a_plan_for_environments_lists_the_components_of_their_folder() {
    for project in [fabrikate(), Project::new()] {
        project.write("config/sites/c3.yaml", "subcomponents: {db: {config: {size: 9}}}\n");
        let made = plan(&project, &["sites/c3", "prod"]);
        assert_eq!(made["environments"], serde_json::json!(["sites/c3", "prod"]));
        assert_eq!(made["counts"]["units"], 3);
        let unit = &made["units"][1];
        assert_eq!((&unit["id"], &unit["file"]), (&"sites/c3-prod/shop/db".into(), &"sites/c3-prod/db.yaml".into()));
        assert!(unit["key"].is_string());
        let job = &made["matrix"]["include"][0];
        assert_eq!((&job["args"], &job["clusters"]), (&"sites/c3 prod".into(), &"sites/c3-prod".into()));
        // The order of environments counts, and which they are.
        let key = |words: &[&str]| plan(&project, words)["units"][0]["key"].clone();
        assert_ne!(key(&["prod"]), key(&["testing"]));
        assert_ne!(key(&["prod", "testing"]), key(&["testing", "prod"]));
        // What the job's arguments are for.
        project.kiln(&["generate", "sites/c3", "prod", "-O", "out"]).exits(0);
        assert!(project.read("out/sites/c3-prod/db.yaml").contains("storage: 9Gi"));
    }
    let project = fabrikate();
    // As with `generate`: nothing typed and no file means `common` alone.
    assert_eq!(plan(&project, &[])["units"][0]["id"], "common/shop/web");
    project.kiln(&["plan", "--cluster", "c1"]).says(1, &["clusters.missing"]);
    project.kiln(&["plan", "prod", "-l", "stage=prod"]).says(3, &["usage.clusters"]);
    project.kiln(&["plan", "prdo"]).says(0, &["prdo"]);
}

#[test]
fn a_variable_that_names_clusters_is_passed_over() {
    let run = fabrikate().command(&["plan", "prod"]).env("KILN_CLUSTER", "c1").output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn a_plan_tells_what_changed_for_environments_and_why() {
    for project in [fabrikate(), Project::new()] {
        project.commit();
        assert!(changed(&plan(&project, &["prod", "--base", "HEAD"])).is_empty());
        project.write("config/prod.yaml", "subcomponents:\n  web:\n    config:\n      replicas: 4\n");
        let made = plan(&project, &["prod", "--base", "HEAD"]);
        assert_eq!(changed(&made), ["prod/shop/web"]);
        assert_eq!(made["units"][0]["reasons"][0]["text"], "value `replicas` set by config/prod.yaml:4 changed");
        // Another environment does not see it, and has no job.
        let other = plan(&project, &["testing", "--base", "HEAD"]);
        assert!(changed(&other).is_empty() && other["matrix"]["include"].as_array().unwrap().is_empty());
        project.write("charts/db/values.yaml", "size: 5\n");
        assert_eq!(changed(&plan(&project, &["testing", "--base", "HEAD"])), ["testing/shop/db"]);
    }
}

#[test]
fn only_what_changed_is_rendered_for_environments() {
    for project in [fabrikate(), Project::new()] {
        let generate = |words: &[&str]| project.kiln(&[&["generate", "sites/c3", "prod"], words].concat());
        generate(&["-O", "made"]).exits(0);
        fs::remove_dir_all(project.path("made/.kiln")).unwrap();
        project.commit();
        let changed = |said: &[&str]| {
            generate(&["--changed-since", "HEAD", "-O", "made"]).says(0, said);
            let _ = fs::remove_dir_all(project.path("whole"));
            generate(&["-O", "whole"]).exits(0);
            assert_eq!(project.tree("made"), project.tree("whole"));
        };
        changed(&["rendered 0 components, kept 3 that are as in HEAD"]);
        project
            .write("config/sites/c3.yaml", "subcomponents: {web: {config: {note: here}}, db: {config: {size: 3}}}\n");
        changed(&["1 changed", "rendered 1 component, kept 2"]);
        // A file that is not as committed then is made, and so is one that the stack has anew.
        project.write("made/sites/c3-prod/db.yaml", "by hand\n");
        changed(&["1 changed", "rendered 2 components, kept 1"]);
        project.write(
            "component.yaml",
            &project
                .read("component.yaml")
                .replace("- {name: rules,", "- {name: more, type: static, path: rules}\n- {name: rules,"),
        );
        changed(&["1 added", "rendered 2 components, kept 2"]);
        generate(&["--changed-since", "nowhere"]).says(1, &["has no commit `nowhere`"]);
        // Others were never committed.
        project.kiln(&["generate", "testing", "--changed-since", "HEAD", "-O", "made"]).says(0, &["kept 0"]);
    }
    // Nothing typed and no list of clusters: `common` alone.
    let project = fabrikate();
    project.kiln(&["generate"]).exits(0);
    fs::remove_dir_all(project.path("generated/.kiln")).unwrap();
    crate::project::commit(project.folder.path());
    project.kiln(&["generate", "--changed-since", "HEAD"]).says(0, &["kept 3 that are as in HEAD"]);
}

#[test]
fn what_is_the_same_for_no_cluster_is_the_same_for_environments() {
    // Templates that look for a cluster find none, in plans and publications as in runs.
    let project = Project::new();
    project.write(
        "seen/note.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ kiln.cluster is defined }}'}\n",
    );
    project.write("component.yaml", "name: shop\nsubcomponents:\n- {name: seen, type: template, path: seen}\n");
    project.write("config/common.yaml", "");
    project.write("config/prod.yaml", "");
    project.kiln(&["generate", "prod", "-O", "made"]).exits(0);
    let text = project.read("made/prod/seen.yaml");
    fs::remove_dir_all(project.path("made/.kiln")).unwrap();
    project.commit();
    project.kiln(&["generate", "prod", "--changed-since", "HEAD", "-O", "made"]).says(0, &["kept 1"]);
    project.kiln(&["publish", "prod", "--to", "put"]).exits(0);
    assert!(text.contains("False") || text.contains("false"), "{text}");
    let put = walk(&project.path("put"));
    assert!(put.iter().any(|file| file == &text), "{put:?}");
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path().is_dir() {
            true => found.extend(walk(&entry.path())),
            false => found.extend(fs::read_to_string(entry.path())),
        }
    }
    found
}
