//! `merge` refuses parts of runs that did not read the same.

use std::fs;

use crate::project::Project;

/// A project with a file of each kind that a run reads.
fn project() -> Project {
    let project = Project::new();
    let write = |path: &str, text: &str| project.write(path, text);
    write("kiln.yaml", "apiVersions: {file: caps.yaml}\nvars: {domain: example.com}\n");
    write("caps.yaml", "- example.com/v1\n");
    write(
        "component.yaml",
        "name: shop\nsubcomponents:\n- {name: web, type: helm, path: charts/web}\n- {name: parts, type: component, path: parts}\n- {name: rules, type: static, path: rules}\n- {name: notes, type: template, path: notes}\n",
    );
    write(
        "parts/component.yaml",
        "name: parts\ntype: helm\npath: ../charts/db\nvaluesFrom: [{configMap: ../shared/cm.yaml}]\n",
    );
    write("parts/config/common.yaml", "config: {deep: 1}\n");
    for path in ["shared/cm.yaml", "shared/layer.yaml", "shared/all.yaml"] {
        write(path, "kind: ConfigMap\nmetadata: {name: v}\ndata: {values: \"deep: 1\"}\n");
    }
    write("shared/secret.yaml", "kind: Secret\nmetadata: {name: s}\nstringData: {values: \"deep: 1\"}\n");
    write(
        "config/common.yaml",
        "expressions: true\nvaluesFrom: [{configMap: '../shared/${{ name }}.yaml'}]\nsharedConfig: {from: [{configMap: ../shared/all.yaml}]}\nsubcomponents: {web: {config: {color: grey}}}\n",
    );
    // Written so that its letters do not show.
    write(
        "config/prod.yaml",
        "subcomponents: {web: {\"values\\u0046rom\": [{\"config\\u004dap\": ../shared/layer.yaml}]}}\n",
    );
    write("config/testing.yaml", "subcomponents: {web: {valuesFrom: [{secret: ../shared/secret.yaml}]}}\n");
    write("config/prod.patch.yaml", "subcomponents: {web: {config: [{op: add, path: /note, value: patched}]}}\n");
    for at in 1..=9 {
        write(&format!("config/sites/c{at}.yaml"), &format!("subcomponents: {{web: {{config: {{note: s{at}}}}}}}\n"));
    }
    write(
        "notes/note.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n, labels: {d: '{{ vars.domain }}'}}\n",
    );
    write(
        "images.yaml",
        "kind: Images\nimages:\n- {name: shop/web, channels: {live: registry.example.com/shop/web:1}}\nbind:\n- {component: web, image: shop/web, values: {ref: image}}\n",
    );
    let listed = crate::project::clusters().replace("defaults: {", "defaults: {images: {channel: live}, ");
    write("clusters.yaml", &listed.replace("clusters:\n", "glob: more/*/cluster.yaml\nclusters:\n"));
    write("more/m/cluster.yaml", "name: m\nlayers: [testing]\napiVersions: {file: caps.yaml}\n");
    write("more/m/caps.yaml", "- more.example.com/v1\n");
    // Which document it is depends on the cluster.
    for at in 1..=9 {
        write(&format!("shared/c{at}.yaml"), "kind: ConfigMap\ndata: {values: \"deep: 1\"}\n");
    }
    write("shared/m.yaml", "kind: ConfigMap\ndata: {values: \"deep: 1\"}\n");
    let tokens = "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n";
    write("charts/common/Chart.yaml", tokens);
    write("charts/common/templates/_name.tpl", "{{ define \"common.name\" }}n{{ end }}\n");
    write(
        "charts/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: common, version: 1.0.0, repository: \"file://../common\"}]\n",
    );
    project
}

fn part(project: &Project, index: u32, flags: &[&str]) {
    let (shard, out) = (format!("{index}/2"), format!("out-{index}"));
    project.kiln(&[&["generate", "--shard", &shard, "-O", &out], flags].concat()).exits(0);
}

#[track_caller]
fn refused(project: &Project, what: &str) {
    let run = project.kiln(&["merge", "joined", "out-1", "out-2"]);
    let said = run.said();
    assert_eq!(run.0.status.code(), Some(4), "{what}: {said}");
    assert!(said.contains("the digest of the plan"), "{what}: {said}");
    assert!(!project.path("joined").exists(), "{what}");
}

#[test]
fn a_file_of_any_kind_that_changed_between_parts_is_noticed() {
    let project = project();
    part(&project, 1, &[]);
    part(&project, 2, &[]);
    project.kiln(&["merge", "joined", "out-1", "out-2"]).exits(0);
    fs::remove_dir_all(project.path("joined")).unwrap();
    let comment = |text: String| format!("{text}# changed\n");
    let changes: Vec<(&str, String)> = [
        "kiln.yaml",
        "clusters.yaml",
        "more/m/cluster.yaml",
        "images.yaml",
        "component.yaml",
        "parts/component.yaml",
        "parts/config/common.yaml",
        "config/common.yaml",
        "config/prod.yaml",
        "config/sites/c9.yaml",
        "config/prod.patch.yaml",
        "shared/cm.yaml",
        "shared/c8.yaml",
        "shared/m.yaml",
        "shared/layer.yaml",
        "shared/all.yaml",
        "shared/secret.yaml",
        "charts/web/Chart.yaml",
        "charts/web/values.yaml",
        "charts/web/templates/deployment.yaml",
        "charts/db/templates/volume.yaml",
        "charts/common/templates/_name.tpl",
        "rules/rule.yaml",
        "notes/note.yaml",
    ]
    .into_iter()
    .map(|path| (path, comment(project.read(path))))
    .chain([
        ("caps.yaml", "- example.com/v2\n".to_owned()),
        ("more/m/caps.yaml", "- more.example.com/v2\n".to_owned()),
        ("charts/web/templates/more.yaml", "# new\n".to_owned()),
        ("rules/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n".to_owned()),
    ])
    .collect();
    for (path, text) in changes {
        let before = fs::read_to_string(project.path(path)).ok();
        project.write(path, &text);
        part(&project, 2, &[]);
        refused(&project, path);
        match before {
            Some(before) => project.write(path, &before),
            None => fs::remove_file(project.path(path)).unwrap(),
        }
    }
    part(&project, 2, &[]);
    project.kiln(&["merge", "joined", "out-1", "out-2"]).exits(0);
}

#[test]
fn flags_that_show_in_the_result_must_be_the_same_for_all_parts() {
    let project = project();
    project.write("values.yaml", "note: file\n");
    part(&project, 1, &[]);
    let sets: [&[&str]; 5] = [
        &["--set", "shop/web:note=flag"],
        &["--set-file", "shop/web:note=values.yaml"],
        &["--force-types"],
        &["--nondeterminism", "error"],
        &["-l", "stage=prod"],
    ];
    for flags in sets {
        part(&project, 2, flags);
        refused(&project, &flags.join(" "));
    }
    // What only this machine knows counts for nothing: threads, records, and files that nobody reads.
    project.write("left-over.txt", "x");
    project.write("out-3/c1/web.yaml", "x");
    part(&project, 2, &["--jobs", "1", "--no-cache", "--timings"]);
    project.kiln(&["merge", "joined", "out-1", "out-2"]).exits(0);
}

#[test]
fn the_place_of_the_project_counts_for_nothing() {
    let (one, other) = (project(), project());
    part(&one, 1, &[]);
    let out = one.path("out-2");
    let folder = other.folder.path().to_str().unwrap();
    let words = ["-C", folder, "generate", "--shard", "2/2", "-O", out.to_str().unwrap()];
    one.kiln(&words).exits(0);
    one.kiln(&["merge", "joined", "out-1", "out-2"]).exits(0);
}
