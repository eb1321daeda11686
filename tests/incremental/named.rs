//! How much a run renders after one change, case by case. Each result is held against a clean one.

use std::fs;

use crate::project::{ALL, CLUSTERS, EACH, FILES, Project};

/// What is rendered after a change of files.
fn after(changes: &[(&str, &str)]) -> (usize, usize) {
    let project = Project::generated();
    changes.iter().for_each(|(path, text)| project.write(path, text));
    let run = project.generate(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    project.assert_clean(&[], &run, &format!("{changes:?}"));
    run.counts()
}

fn file(path: &str) -> &'static str {
    FILES.iter().find(|(name, _)| *name == path).unwrap().1
}

/// The counts when so many are rendered.
fn only(rendered: usize) -> (usize, usize) {
    (rendered, ALL - rendered)
}

#[test]
fn nothing_changed() {
    let project = Project::generated();
    for _ in 0..2 {
        let run = project.generate(&[]);
        assert_eq!(run.counts(), only(0));
        assert!(run.stderr.contains("rendered 0 components, reused 27, in "), "{}", run.stderr);
        project.assert_clean(&[], &run, "nothing");
    }
}

#[test]
fn a_key_that_nobody_reads_renders_nothing() {
    let common = "subcomponents: {web: {config: {unread: 2, other: {x: 1}}}, injected: {namespace: inside, injectNamespace: true}}\n";
    assert_eq!(after(&[("config/common.yaml", common)]), only(0));
}

#[test]
fn one_reader_of_a_key_is_rendered() {
    assert_eq!(after(&[("config/c/east.yaml", "subcomponents: {db: {config: {replicas: 7}}}\n")]), only(1));
    assert_eq!(after(&[("config/prod.yaml", "subcomponents: {web: {config: {replicas: 7}}}\n")]), only(2));
}

#[test]
fn comments_and_moves_of_clusters_render_nothing() {
    let common = format!("# a comment\n{}", file("config/common.yaml"));
    assert_eq!(after(&[("config/common.yaml", &common)]), only(0));
    let stack = format!("# a comment\n{}", file("component.yaml"));
    assert_eq!(after(&[("component.yaml", &stack)]), only(0));
    assert_eq!(after(&[("clusters.yaml", &format!("# a comment\n{CLUSTERS}"))]), only(0));
}

#[test]
fn a_warning_that_appears_is_told_although_nobody_reads_the_key() {
    let common =
        "subcomponents: {web: {config: {unread: {a: 1}}}, injected: {namespace: inside, injectNamespace: true}}\n";
    assert_eq!(after(&[("config/common.yaml", common)]), only(3));
}

#[test]
fn files_of_a_chart_count_for_those_that_ask_for_them() {
    let template = format!("{}  more: 1\n", file("charts/web/templates/deployment.yaml"));
    assert_eq!(after(&[("charts/web/templates/deployment.yaml", &template)]), only(6));
    assert_eq!(after(&[("charts/web/README.md", "Read this.\n")]), only(0));
    assert_eq!(after(&[("charts/web/NEWS.md", "New.\n")]), only(0));
    assert_eq!(after(&[("charts/web/motd", "good day\n")]), only(6));
    let child = file("charts/parent/charts/child/values.yaml").replace("size: 0", "size: 9");
    assert_eq!(after(&[("charts/parent/charts/child/values.yaml", &child)]), only(3));
}

#[test]
fn capabilities_count_for_those_that_ask() {
    assert_eq!(after(&[("kiln.yaml", "kubeVersion: '1.34'\nvars: {domain: example.com}\n")]), only(3));
    let versions = "kubeVersion: '1.33'\nvars: {domain: example.com}\napiVersions: [monitoring.coreos.com/v1]\n";
    assert_eq!(after(&[("kiln.yaml", versions)]), only(3));
    let others = versions.replace("monitoring.coreos.com/v1", "x/v1");
    assert_eq!(after(&[("kiln.yaml", &others)]), only(0));
    assert_eq!(after(&[("kiln.yaml", "kubeVersion: '1.33'\nvars: {domain: example.org}\n")]), only(3));
}

#[test]
fn globals_reach_subcharts() {
    let common = |value: &str| {
        format!(
            "subcomponents: {{parent: {{config: {value}}}, injected: {{namespace: inside, injectNamespace: true}}}}\n"
        )
    };
    assert_eq!(after(&[("config/common.yaml", &common("{global: {region: here}}"))]), only(3));
    assert_eq!(after(&[("config/common.yaml", &common("{global: {other: here}}"))]), only(0));
    assert_eq!(after(&[("config/common.yaml", &common("{child: {own: 2}}"))]), only(0));
    assert_eq!(after(&[("config/common.yaml", &common("{child: {enabled: false}}"))]), only(3));
}

#[test]
fn manifests_and_templates_count_as_a_whole() {
    assert_eq!(after(&[("manifests/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")]), only(3));
    // It is warned about.
    assert_eq!(after(&[("manifests/notes.txt", "x")]), only(3));
    let data = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pages}\n";
    assert_eq!(after(&[("templates/_data.j2", data)]), only(3));
}

#[test]
fn the_scope_of_a_custom_kind_counts_for_those_that_get_a_namespace() {
    let crd = file("charts/crds/crds/fleet.yaml").replace("scope: Cluster", "scope: Namespaced");
    assert_eq!(after(&[("charts/crds/crds/fleet.yaml", &crd)]), only(6));
}

#[test]
fn clusters_come_and_go() {
    let more = format!("{CLUSTERS}- {{name: south, layers: [testing]}}\n");
    assert_eq!(after(&[("clusters.yaml", &more)]), (EACH, ALL));
    let labels = CLUSTERS.replace("{name: east,", "{name: east, labels: {zone: a},");
    // Native templates see labels.
    assert_eq!(after(&[("clusters.yaml", &labels)]), only(1));
    let fewer = CLUSTERS.replace("- {name: west, layers: [c/west, prod]}\n", "");
    assert_eq!(after(&[("clusters.yaml", &fewer)]), (0, 2 * EACH));
}

#[test]
fn a_new_component_is_all_that_is_rendered() {
    let stack = format!("{}- {{name: more, type: helm, path: charts/web}}\n", file("component.yaml"));
    let project = Project::generated();
    project.write("component.yaml", &stack);
    assert_eq!(project.counts(&[]), (3, ALL));
    assert_eq!(project.counts(&[]), (0, ALL + 3));
}

#[test]
fn output_that_was_touched_is_healed() {
    let project = Project::generated();
    // The record may rely on how files look now.
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(project.counts(&[]), only(0));
    let heals = |what: &str, rendered: usize| {
        let run = project.generate(&[]);
        assert_eq!(run.counts(), only(rendered), "{what}");
        project.assert_clean(&[], &run, what);
    };
    project.write("generated/east/web.yaml", "edited\n");
    heals("edited", 1);
    project.write_secretly("generated/east/web.yaml", |bytes| bytes[0] = b'#');
    heals("edited secretly", 1);
    project.remove("generated/west/db.yaml");
    heals("removed", 1);
    fs::remove_dir_all(project.path("generated/north")).unwrap();
    heals("folder removed", EACH);
    let text = project.read("generated/north/web.yaml");
    project.write("generated/north/web.yaml", &text);
    heals("written with the same content", 0);
    project.remove("generated/.kiln/owners/east.json");
    heals("record of owners removed", 0);
    assert!(project.path("generated/.kiln/owners/east.json").exists());
    project.write("generated/east/foreign.txt", "mine");
    assert_eq!(project.counts(&[]), only(0));
    assert_eq!(project.read("generated/east/foreign.txt"), "mine");
}

#[test]
fn records_can_be_left_unread() {
    let project = Project::generated();
    assert_eq!(project.counts(&["--no-cache"]), (ALL, 0));
    assert_eq!(project.counts(&[]), only(0));
    assert_eq!(project.generate_with("KILN_NO_CACHE", "1").counts(), (ALL, 0));
}

#[test]
fn looking_writes_nothing() {
    let project = Project::generated();
    project.write("config/prod.yaml", "subcomponents: {web: {config: {replicas: 7}}}\n");
    let state = || fs::read(project.path("generated/.kiln/state/east")).unwrap();
    let before = state();
    let run = project.generate(&["--dry-run"]);
    assert_eq!((run.stdout.as_str(), run.counts()), ("~ east/web.yaml\n~ west/web.yaml\n", only(2)));
    let run = project.run(&["check"]);
    assert_eq!((run.code, run.counts()), (2, only(2)));
    assert!(run.stdout.contains("-  replicas: 3\n+  replicas: 7\n"), "{}", run.stdout);
    assert!(state() == before);
    assert_eq!(project.counts(&[]), only(2));
    assert_eq!(project.run(&["check"]).code, 0);
}

#[test]
fn a_part_of_the_clusters_keeps_its_own_records() {
    let project = Project::new();
    assert_eq!(project.counts(&["--cluster", "east"]), (EACH, 0));
    assert_eq!(project.counts(&["--cluster", "east"]), (0, EACH));
    assert_eq!(project.counts(&[]).1, EACH);
    project.write("config/c/west.yaml", "subcomponents: {db: {config: {replicas: 7}}}\n");
    assert_eq!(project.counts(&["--cluster", "east", "--cluster", "west"]), (1, 2 * EACH - 1));
}

#[test]
fn environments_are_incremental_too() {
    let project = Project::new();
    assert_eq!(project.counts(&["c/east", "prod"]), (EACH, 0));
    assert_eq!(project.counts(&["c/east", "prod"]), (0, EACH));
    project.write("config/prod.yaml", "subcomponents: {web: {config: {replicas: 7}}}\n");
    let run = project.generate(&["c/east", "prod"]);
    assert_eq!(run.counts(), (1, EACH - 1));
    project.assert_clean(&["c/east", "prod"], &run, "environments");
}

#[test]
fn a_cluster_that_fails_changes_nothing_for_others() {
    let project = Project::generated();
    project.write("config/c/east.yaml", "subcomponents: {db: {config: {replicas: -1}}}\n");
    let run = project.generate(&[]);
    assert_eq!(run.code, 1);
    let run = project.generate(&["--keep-going"]);
    assert_eq!(run.code, 1);
    project.write("config/c/east.yaml", "subcomponents: {db: {config: {replicas: 4}}}\n");
    assert_eq!(project.counts(&[]), only(0));
}

#[test]
fn dates_and_seeds_count_for_those_that_ask() {
    let project = Project::generated();
    let at = |date: &str| project.generate_with("SOURCE_DATE_EPOCH", date).counts();
    assert_eq!(at("1000000000"), only(3));
    assert_eq!(at("1000000000"), only(0));
    assert!(project.read("generated/east/lucky.yaml").contains("2001-09-09"));
    assert_eq!(at("1100000000"), only(3));
}

#[test]
fn what_differs_from_run_to_run_is_rendered_each_time() {
    let project = Project::new();
    let number = || project.read("generated/east/lucky.yaml");
    project.counts(&["--nondeterminism", "helm"]);
    let before = number();
    let (rendered, _) = project.counts(&["--nondeterminism", "helm"]);
    assert!(rendered >= 3);
    assert_ne!(number(), before);
}

#[test]
fn refused_randomness_is_refused_although_there_is_a_result() {
    let project = Project::generated();
    let run = project.generate(&["--nondeterminism", "error"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("chart.nondeterministic"), "{}", run.stderr);
}

#[test]
fn hooks_that_may_run_leave_nothing_to_reuse() {
    let project = Project::generated();
    let stack = format!("{}hooks: {{before-generate: ['true']}}\n", file("component.yaml"));
    project.write("component.yaml", &stack);
    assert_eq!(project.counts(&["--allow-hooks"]), (ALL, 0));
    assert_eq!(project.counts(&["--no-hooks"]), only(0));
    assert_ne!(project.generate(&[]).code, 0);
}

#[test]
fn runs_at_once_do_no_harm() {
    let project = Project::generated();
    for replicas in ["7", "8"] {
        project.write("config/prod.yaml", &format!("subcomponents: {{web: {{config: {{replicas: {replicas}}}}}}}\n"));
        let runs: Vec<_> = (0..4).map(|_| project.command(&["generate", "-q"]).spawn().unwrap()).collect();
        assert!(runs.into_iter().all(|mut run| run.wait().unwrap().success()));
        let run = project.generate(&[]);
        assert_eq!(run.counts(), only(0));
        project.assert_clean(&[], &run, "runs at once");
    }
}

#[test]
fn records_move_with_the_project() {
    let project = Project::generated();
    let elsewhere = tempfile::tempdir().unwrap();
    let there = elsewhere.path().join("moved");
    fs::rename(project.path(""), &there).unwrap();
    let run = project.command(&["generate"]).current_dir(&there).output().unwrap();
    assert!(String::from_utf8_lossy(&run.stderr).contains("reused 27"), "{run:?}");
    let run = project.command(&["-C", "moved", "generate"]).current_dir(elsewhere.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&run.stderr).contains("reused 27"), "{run:?}");
}

#[test]
fn without_a_project_file_too() {
    let project = Project::new();
    project.remove("kiln.yaml");
    assert_eq!(project.counts(&[]), (ALL, 0));
    assert_eq!(project.counts(&[]), only(0));
    project.write("config/prod.yaml", "subcomponents: {web: {config: {replicas: 7}}}\n");
    let run = project.generate(&[]);
    assert_eq!(run.counts(), only(2));
    project.assert_clean(&[], &run, "Fabrikate's reading");
}

#[test]
fn values_of_the_command_line_count_for_those_that_read_them() {
    let project = Project::generated();
    let at = |value: &str| {
        let words = ["--set", value];
        let run = project.generate(&words);
        project.assert_clean(&words, &run, value);
        run.counts()
    };
    assert_eq!(at("shop/web:replicas=7"), only(3));
    assert_eq!(at("shop/web:replicas=8"), only(3));
    assert_eq!(at("shop/web:replicas=8"), only(0));
    assert_eq!(project.counts(&[]), only(3));
}
