//! Holds what `kiln generate` does with `clusters.yaml`: one folder per cluster, the same bytes as a run
//! for the cluster alone, all or nothing.
#![cfg(unix)]

#[path = "harness/settings.rs"]
mod settings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use settings::without_settings;

/// A stack of two charts; `web` fails where `replicas` is negative, `policies` shows the cluster.
const FILES: &[(&str, &str)] = &[
    (
        "component.yaml",
        "name: shop\nsubcomponents:\n- {name: web, type: helm, path: charts/web}\n- {name: db, type: helm, path: charts/web}\n",
    ),
    ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    ("charts/web/values.yaml", "replicas: 1\n"),
    (
        "charts/web/templates/deployment.yaml",
        "{{- if lt (int .Values.replicas) 0 }}{{ fail \"replicas are negative\" }}{{ end }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  annotations: {kube: {{ .Capabilities.KubeVersion.Version | quote }}, monitored: {{ .Capabilities.APIVersions.Has \"monitoring.coreos.com/v1\" | quote }}}\nspec: {replicas: {{ .Values.replicas }}}\n",
    ),
    ("config/common.yaml", "subcomponents: {web: {config: {color: grey}}}\n"),
    ("config/prod.yaml", "subcomponents: {web: {config: {replicas: 3}}}\n"),
    ("config/testing.yaml", "subcomponents: {web: {config: {replicas: 2}}}\n"),
    ("config/east.yaml", "subcomponents: {db: {config: {replicas: 4}}}\n"),
    ("config/west.yaml", "subcomponents: {db: {config: {replicas: 5}}}\n"),
    ("config/broken.yaml", "subcomponents: {web: {config: {replicas: -1}}}\n"),
];

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// The stack with these clusters; with `kiln.yaml` unless `lax`.
    fn new(clusters: &str) -> Self {
        let project = Self::lax(clusters);
        project.write("kiln.yaml", "");
        project
    }

    fn lax(clusters: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in FILES {
            project.write(path, text);
        }
        project.write("clusters.yaml", clusters);
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn generate(&self, words: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        without_settings(&mut command);
        Run(command.arg("generate").args(words).current_dir(self.folder.path()).output().unwrap())
    }

    /// The generated files, without kiln's own records.
    fn tree(&self, below: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        collect(&self.path(below), "", &mut found);
        found
    }

    fn folders(&self) -> Vec<String> {
        let mut names: Vec<String> = (fs::read_dir(self.path("generated")).into_iter().flatten().flatten())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != ".kiln")
            .collect();
        names.sort();
        names
    }
}

fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true if name == ".kiln" => {}
            true => collect(&entry.path(), &format!("{name}/"), found),
            false => {
                found.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
}

struct Run(Output);

impl Run {
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    #[track_caller]
    fn exits(self, code: i32) -> String {
        let said = self.said();
        assert_eq!(self.0.status.code(), Some(code), "{said}");
        said
    }

    #[track_caller]
    fn says(self, code: i32, words: &[&str]) {
        let said = self.exits(code);
        for word in words {
            assert!(said.contains(word), "no `{word}` in:\n{said}");
        }
    }
}

const TWO: &str = "clusters:\n- {name: blue, layers: [east, prod]}\n- {name: green, layers: [west, prod]}\n";

#[test]
fn one_run_gives_what_a_run_for_each_cluster_gives() {
    for project in [Project::new(TWO), Project::lax(TWO)] {
        project
            .generate(&["--clusters"])
            .says(0, &["2 clusters: ", "0 changed", "rendered 3 components, used 1 again, in"]);
        assert_eq!(project.folders(), ["blue", "green"]);
        project.generate(&["east", "prod"]).exits(0);
        project.generate(&["west", "prod"]).exits(0);
        assert_eq!(project.tree("generated/blue"), project.tree("generated/east-prod"));
        assert_eq!(project.tree("generated/green"), project.tree("generated/west-prod"));
        assert!(project.read("generated/blue/web.yaml").contains("replicas: 3"));
        // Nothing said: all clusters. Nothing changed: nothing is touched.
        let before = fs::metadata(project.path("generated/blue/web.yaml")).unwrap().modified().unwrap();
        project.generate(&[]).says(0, &["0 added, 0 changed, 0 removed"]);
        assert_eq!(fs::metadata(project.path("generated/blue/web.yaml")).unwrap().modified().unwrap(), before);
    }
}

#[test]
fn with_environments_the_file_is_not_read() {
    let project = Project::new("nonsense: [\n");
    project.generate(&["prod"]).exits(0);
    assert_eq!(project.folders(), ["prod"]);
    project.generate(&[]).says(1, &["clusters.yaml"]);
    project.generate(&["prod", "--cluster", "blue"]).says(3, &["usage.clusters"]);
    // A variable may be set for many runs.
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    without_settings(&mut command).args(["generate", "prod"]).env("KILN_CLUSTER", "blue").env("KILN_KEEP_GOING", "1");
    assert!(command.current_dir(project.folder.path()).status().unwrap().success());
    fs::remove_file(project.path("clusters.yaml")).unwrap();
    project.generate(&["--clusters"]).says(1, &["clusters.missing", "there is no `clusters.yaml`"]);
    project.generate(&[]).exits(0);
    assert_eq!(project.folders(), ["common", "prod"]);
}

const LABELLED: &str = "clusters:\n- {name: amber-badger, labels: {provider: aws, stage: prod}, layers: [prod]}\n- {name: amber-crane, labels: {provider: aws, stage: testing}, layers: [testing]}\n- {name: bold-badger, labels: {provider: kvm, stage: prod}, layers: [prod]}\n- {name: teal-vole, labels: {provider: kvm, stage: prod}, layers: [prod]}\n";

#[test]
fn clusters_are_selected() {
    let project = Project::new(LABELLED);
    project.generate(&["-l", "provider=aws,stage!=testing"]).says(0, &["1 cluster: "]);
    assert_eq!(project.folders(), ["amber-badger"]);
    project.generate(&["--cluster", "teal-vole", "--cluster", "bold-badger"]).exits(0);
    assert_eq!(project.folders(), ["amber-badger", "bold-badger", "teal-vole"]);
    let nearest = ["clusters.unknown", "`amber-badger`, `amber-crane`, `bold-badger`"];
    project.generate(&["--cluster", "amber-badgr"]).says(1, &nearest);
    project.generate(&["-l", "prvider=aws"]).says(1, &["clusters.unknown-label", "did you mean `provider`?"]);
    project
        .generate(&["-l", "provider=azure"])
        .says(1, &["clusters.no-match", "no cluster in clusters.yaml was selected"]);
    project.generate(&["-l", "provider in (aws"]).exits(3);
}

#[test]
fn an_unknown_layer_is_an_error() {
    let clusters = "clusters:\n- {name: blue, layers: [east, prdo]}\n";
    let project = Project::new(clusters);
    project.generate(&[]).says(1, &["config.unknown-layer", "clusters.yaml:2:31", "did you mean `prod`?"]);
    assert!(project.folders().is_empty());
    project.generate(&["--allow-missing-layers"]).says(0, &["config.unknown-layer"]);
    assert_eq!(project.folders(), ["blue"]);
    Project::lax(clusters).generate(&[]).says(0, &["config.unknown-layer"]);
    // A layer that one component has is a layer.
    let project = Project::new("clusters: [{name: blue, layers: [own]}]\n");
    project.write("component.yaml", "name: shop\nsubcomponents:\n- {name: sub, source: ./sub}\n");
    project.write("config/common.yaml", "");
    for layer in ["prod", "testing", "east", "west", "broken"] {
        project.write(&format!("config/{layer}.yaml"), "");
    }
    project.write("sub/component.yaml", "name: sub\n");
    project.write("sub/config/own.yaml", "");
    project.generate(&[]).exits(0);
}

#[test]
fn no_two_clusters_write_the_same_folder() {
    let project = Project::new("clusters:\n- {name: blue, output: x}\n- {name: green, output: x}\n");
    project.generate(&[]).says(1, &["clusters.same-output", "`blue` and `green`"]);
    let project = Project::new("clusters:\n- {name: blue}\n- {name: blue}\n");
    project.generate(&[]).says(1, &["clusters.duplicate-name"]);
    assert!(project.folders().is_empty());
}

fn three(second: &str) -> String {
    format!(
        "clusters:\n- {{name: a, layers: [prod]}}\n- {{name: b, layers: [broken]{second}}}\n- {{name: c, layers: [prod]}}\n"
    )
}

#[test]
fn by_default_one_failure_leaves_everything_as_it_was() {
    let project = Project::new("clusters: [{name: a, layers: [east]}]\n");
    project.generate(&[]).exits(0);
    let before = project.tree("generated");
    project.write("clusters.yaml", &three(""));
    project.generate(&[]).says(1, &["b: ", "replicas are negative"]);
    assert_eq!(project.tree("generated"), before);
    assert!(fs::read_dir(project.path("generated/.kiln/staging")).into_iter().flatten().next().is_none());
    project.generate(&["--keep-going"]).says(1, &["b: ", "2 clusters: "]);
    assert_eq!(project.folders(), ["a", "c"]);
    assert!(project.read("generated/a/web.yaml").contains("replicas: 3"));
}

#[test]
fn an_allowed_failure_keeps_the_output_as_it_was() {
    let project = Project::new("clusters: [{name: b, layers: [prod]}]\n");
    project.generate(&[]).exits(0);
    let before = project.tree("generated/b");
    project.write("clusters.yaml", &three(", allowFailure: true"));
    project.generate(&[]).says(0, &["clusters.allowed-failure", "replicas are negative", "2 clusters: "]);
    assert_eq!(project.folders(), ["a", "b", "c"]);
    assert_eq!(project.tree("generated/b"), before);
}

#[test]
fn all_failures_are_told_and_shared_ones_once() {
    let project =
        Project::new("defaults: {layers: [broken]}\nclusters: [{name: a}, {name: b}, {name: c, layers: [prod]}]\n");
    let said = project.generate(&[]).exits(1);
    assert_eq!(said.matches("chart.template").count(), 1, "{said}");
    assert!(said.contains("a, b: "), "{said}");
    project.write("clusters.yaml", "clusters: [{name: a, layers: [prdo]}, {name: b, layers: [broken]}]\n");
    project.generate(&[]).says(1, &["a: no component has a layer `prdo`", "b: ", "replicas are negative"]);
}

#[test]
fn components_and_clusters_can_be_left_out() {
    let project = Project::new(
        "clusters:\n- {name: a, layers: [prod], components: {except: [shop/db]}}\n- {name: b, layers: [prod], components: {only: [shop/db]}}\n- {name: c, layers: [broken], disabled: true}\n",
    );
    project.write("generated/c/hand.yaml", "mine: true\n");
    project.generate(&[]).says(0, &["2 clusters: ", "rendered 2 components"]);
    assert_eq!(project.tree("generated/a").keys().collect::<Vec<_>>(), ["web.yaml"]);
    assert_eq!(project.tree("generated/b").keys().collect::<Vec<_>>(), ["db.yaml"]);
    project.write("clusters.yaml", "clusters: [{name: a, components: {only: [shop/dbb]}}]\n");
    project.generate(&[]).says(1, &["clusters.unknown-component", "did you mean `shop/db`?"]);
}

#[test]
fn files_of_a_disabled_cluster_stay_until_they_are_pruned() {
    let project = Project::new(TWO);
    project.generate(&[]).exits(0);
    project.write("generated/green/NOTES.md", "by hand\n");
    project.write("clusters.yaml", &TWO.replace("{name", "{disabled: true, name"));
    project.generate(&[]).says(0, &["0 clusters: "]);
    assert_eq!(project.tree("generated/green").len(), 3);
    project.generate(&["--prune-disabled", "--dry-run"]).says(0, &["4 removed"]);
    assert_eq!(project.folders(), ["blue", "green"]);
    project.generate(&["--prune-disabled"]).says(0, &["0 clusters (and 2 removed): ", "4 removed"]);
    assert_eq!(project.folders(), ["green"]);
    assert_eq!(project.tree("generated/green").keys().collect::<Vec<_>>(), ["NOTES.md"]);
    project.generate(&["--prune-disabled"]).says(0, &["0 removed"]);
}

#[test]
fn clusters_are_discovered() {
    let project = Project::new("clusters: {glob: clusters/*/cluster.yaml}\ndefaults: {layers: ['{stage}']}\n");
    project.write("clusters/blue/cluster.yaml", "name: blue\nlabels: {stage: prod}\n");
    project.generate(&[]).exits(0);
    project.write("clusters/green/cluster.yaml", "labels: {stage: testing}\n");
    project.generate(&[]).exits(0);
    assert_eq!(project.folders(), ["blue", "green"]);
    assert!(project.read("generated/green/web.yaml").contains("replicas: 2"));
}

#[test]
fn clusters_of_a_cross_product() {
    let project = Project::new(
        "defaults: {layers: ['{stage}', '{region}']}\nmatrix:\n  name: '{stage}-{region}'\n  axes: {stage: [testing, prod], region: [east, west]}\n  exclude: [{stage: testing, region: west}]\n",
    );
    project.generate(&[]).exits(0);
    assert_eq!(project.folders(), ["prod-east", "prod-west", "testing-east"]);
    let own = project.tree("generated/prod-west");
    project.generate(&["prod", "west"]).says(0, &["0 added", "2 unchanged"]);
    assert_eq!(project.tree("generated/prod-west"), own);
}

#[test]
fn templates_know_their_cluster() {
    let project = Project::new(
        "clusters: [{name: blue, labels: {customer: acme}}, {name: green, labels: {customer: umbrella}}]\n",
    );
    project.write("component.yaml", "name: shop\ntype: template\npath: templates\n");
    project.write("config/common.yaml", "");
    project.write(
        "templates/map.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ kiln.cluster.name }}}\ndata: {customer: {{ kiln.cluster.customer }}}\n",
    );
    project.generate(&[]).exits(0);
    assert!(project.read("generated/green/shop.yaml").contains("name: green}\ndata: {customer: umbrella}"));
    project.write("templates/map.yaml.j2", "x: {{ kiln.cluster.custmer }}\n");
    project.generate(&[]).says(1, &["template.undefined", "all 2 clusters: "]);
}

#[test]
fn each_cluster_has_its_kubernetes() {
    let project = Project::new(
        "clusters:\n- {name: a, kubeVersion: '1.31'}\n- {name: b, apiVersions: [monitoring.coreos.com/v1]}\n- {name: c, kubeVersion: '1.30.2', apiVersions: {file: caps.txt}}\n",
    );
    project.write("caps.txt", "apps/v1\nmonitoring.coreos.com/v1\n");
    project.write("kiln.yaml", "kubeVersion: '1.33'\n");
    project.generate(&[]).exits(0);
    let kube = |cluster: &str| {
        let text = project.read(&format!("generated/{cluster}/web.yaml"));
        text.lines().find(|line| line.contains("annotations")).unwrap().trim().to_owned()
    };
    assert_eq!(kube("a"), "annotations: {kube: \"v1.31\", monitored: \"false\"}");
    assert_eq!(kube("b"), "annotations: {kube: \"v1.33\", monitored: \"true\"}");
    assert_eq!(kube("c"), "annotations: {kube: \"v1.30.2\", monitored: \"true\"}");
}

#[test]
fn what_is_the_same_for_many_clusters_is_rendered_once() {
    let project = Project::new(
        "defaults: {layers: ['{stage}', '{name}']}\nmatrix: {name: '{stage}-{n}', axes: {stage: [prod, testing], n: ['1', '2', '3']}}\n",
    );
    for (at, stage) in ["prod", "testing"].into_iter().flat_map(|stage| (1..4).map(move |at| (at, stage))) {
        let own = format!("subcomponents: {{db: {{config: {{replicas: {at}}}}}}}\n");
        project.write(&format!("config/{stage}-{at}.yaml"), &own);
    }
    // `web` differs by stage, `db` by number.
    project.generate(&[]).says(0, &["6 clusters: ", "rendered 5 components, used 7 again, in"]);
    for cluster in ["prod-2", "testing-3"] {
        let own = project.tree(&format!("generated/{cluster}"));
        project.generate(&["--cluster", cluster, "-O", "alone"]).exits(0);
        assert_eq!(project.tree(&format!("alone/{cluster}")), own);
    }
    // What differs from run to run differs from cluster to cluster.
    project.write("charts/web/templates/secret.yaml", "kind: Secret\nmetadata: {name: {{ randAlphaNum 40 }}}\n");
    project.generate(&["--nondeterminism", "helm"]).says(0, &["rendered 12 components in"]);
    assert_ne!(project.read("generated/prod-1/web.yaml"), project.read("generated/prod-2/web.yaml"));
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let names: Vec<String> =
        (0..40).map(|at| format!("- {{name: c{at}, layers: [{}]}}\n", ["prod", "testing"][at % 2])).collect();
    let project = Project::new(&format!("clusters:\n{}", names.concat()));
    project.generate(&["-j1", "-O", "one"]).exits(0);
    for threads in ["2", "8"] {
        project.generate(&["-j", threads, "-O", "many"]).exits(0);
        assert_eq!(project.tree("one"), project.tree("many"));
        fs::remove_dir_all(project.path("many")).unwrap();
    }
}

#[test]
fn two_runs_at_once_write_whole_trees() {
    let project = Project::new(TWO);
    let runs: Vec<_> = std::thread::scope(|scope| {
        let start = |words: &'static [&'static str]| {
            let project = &project;
            scope.spawn(move || project.generate(words).exits(0))
        };
        let all = [start(&[]), start(&["--cluster", "blue"]), start(&["-l", "name=green"]), start(&[])];
        all.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(runs.len(), 4);
    assert_eq!(project.tree("generated").len(), 4);
}

#[test]
fn a_dry_run_lists_files_by_cluster() {
    let project = Project::new(TWO);
    let run = project.generate(&["--dry-run"]);
    assert_eq!(
        String::from_utf8_lossy(&run.0.stdout),
        "+ blue/db.yaml\n+ blue/web.yaml\n+ green/db.yaml\n+ green/web.yaml\n"
    );
    assert!(project.folders().is_empty());
}

#[test]
fn a_check_prints_what_differs_and_writes_nothing() {
    let project = Project::new(TWO);
    project.generate(&[]).exits(0);
    let before = project.tree("generated");
    let current = project.generate(&["--check"]);
    assert!(current.0.stdout.is_empty());
    current.exits(0);

    project.write("config/east.yaml", "subcomponents: {db: {config: {replicas: 6}}}\n");
    fs::remove_file(project.path("generated/green/web.yaml")).unwrap();
    let stale = project.generate(&["--check"]);
    let shown = String::from_utf8_lossy(&stale.0.stdout).into_owned();
    stale.exits(2);
    assert!(shown.starts_with("--- a/generated/blue/db.yaml\n+++ b/generated/blue/db.yaml\n@@"), "{shown}");
    assert!(shown.contains("\n-spec: {replicas: 4}\n+spec: {replicas: 6}\n"), "{shown}");
    assert!(shown.contains("\n--- /dev/null\n+++ b/generated/green/web.yaml\n"), "{shown}");
    assert_eq!(shown.matches("--- ").count(), 2, "{shown}");
    let unchanged: BTreeMap<_, _> = before.into_iter().filter(|(path, _)| path != "green/web.yaml").collect();
    assert_eq!(project.tree("generated"), unchanged);

    // A failure is no difference.
    project.write("config/east.yaml", "subcomponents: {web: {config: {replicas: -1}}}\n");
    project.generate(&["--check"]).exits(1);
    project.write("config/east.yaml", "subcomponents: {db: {config: {replicas: 4}}}\n");
    project.generate(&["--check", "east", "prod"]).exits(2);
}
