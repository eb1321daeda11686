use std::fs;

use crate::project::Project;

/// A project whose generated trees are committed with it.
fn committed() -> Project {
    let project = Project::new();
    project.kiln(&["generate", "-O", "made"]).exits(0);
    fs::remove_dir_all(project.path("made/.kiln")).unwrap();
    project.commit();
    project
}

/// Renders what changed since the last commit, and proves that a run from nothing gives the same.
#[track_caller]
fn changed(project: &Project, said: &[&str]) {
    project.kiln(&["generate", "--clusters", "--changed-since", "HEAD", "-O", "made"]).says(0, said);
    let _ = fs::remove_dir_all(project.path("whole"));
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    assert_eq!(project.tree("made"), project.tree("whole"));
}

#[test]
fn only_what_differs_is_rendered() {
    let project = committed();
    changed(&project, &["rendered 0 components", "kept 27 that are as in HEAD"]);
    // One value of one cluster: one component of it.
    project.write("config/sites/c3.yaml", &project.read("config/sites/c3.yaml").replace("site-3", "here"));
    changed(&project, &["1 changed", "rendered 1 component,", "kept 26"]);
    // Not by names: a shared file with a comment, and one with a value that most clusters do not see.
    project.write("config/common.yaml", "# a comment\nsubcomponents: {web: {config: {color: grey}}}\n");
    changed(&project, &["rendered 1 component,", "kept 26"]);
    project.write("config/testing.yaml", "subcomponents: {web: {config: {replicas: 7}}}\n");
    changed(&project, &["rendered 5 components,", "kept 22"]);
    project.commit();
    changed(&project, &["rendered 0 components", "kept 27"]);
    // A chart, a cluster more, a component less.
    project.write("charts/db/values.yaml", "size: 2\n");
    changed(&project, &["rendered 9 components", "kept 18"]);
    project.write("clusters.yaml", &format!("{}- {{name: c10, layers: [testing]}}\n", project.read("clusters.yaml")));
    project.write("config/sites/c6.yaml", "subcomponents: {db: {disabled: true}, web: {config: {note: site-6}}}\n");
    changed(&project, &["3 added", "1 removed", "rendered 11 components, kept 18"]);
}

#[test]
fn files_that_are_not_as_committed_are_rendered() {
    let project = committed();
    let text = project.read("made/c2/web.yaml");
    project.write("made/c2/web.yaml", "by hand\n");
    fs::remove_file(project.path("made/c5/db.yaml")).unwrap();
    changed(&project, &["1 added, 1 changed", "kept 25"]);
    assert_eq!(project.read("made/c2/web.yaml"), text);
    // Nothing that was committed, nothing that is kept.
    let project = Project::new();
    project.commit();
    changed(&project, &["kept 0"]);
    project.kiln(&["generate", "--changed-since", "nowhere"]).says(1, &["has no commit `nowhere`"]);
}

#[test]
fn kinds_of_one_component_count_for_the_namespaces_of_others() {
    let project = Project::new();
    let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n";
    project.write("charts/web/templates/widget.yaml", widget);
    project.write("config/prod.yaml", "subcomponents:\n  web: {namespace: front, injectNamespace: true}\n");
    let definition = |scope: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\nspec:\n  group: example.com\n  scope: {scope}\n  names: {{kind: Widget, plural: widgets}}\n  versions: []\n"
        )
    };
    project.write("rules/definition.yaml", &definition("Namespaced"));
    project.kiln(&["generate", "-O", "made"]).exits(0);
    project.commit();
    assert!(project.read("made/c1/web.yaml").contains("namespace: front"));
    project.write("rules/definition.yaml", &definition("Cluster"));
    changed(&project, &["kept"]);
    project.commit();
    // The component with the definitions is the same, and is needed all the same.
    project.write("config/sites/c1.yaml", "subcomponents: {web: {config: {note: new}}}\n");
    changed(&project, &["kept"]);
}

#[test]
fn parts_can_render_what_changed() {
    let project = committed();
    project.write("config/sites/c3.yaml", &project.read("config/sites/c3.yaml").replace("site-3", "here"));
    for shard in ["1/2", "2/2"] {
        project.kiln(&["generate", "--changed-since", "HEAD", "--shard", shard, "-O", "made"]).exits(0);
    }
    project.kiln(&["merge", "joined", "made"]).says(0, &["9 clusters of 2 parts"]);
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    assert_eq!(project.tree("joined"), project.tree("whole"));
}
