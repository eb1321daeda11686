//! Holds what layers can do beyond Fabrikate's: conditions, expressions, documents, shared values and
//! patches, for environments and for clusters, in the project and in fetched components.
#![cfg(unix)]

#[path = "harness/settings.rs"]
mod settings;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use settings::without_settings;

/// Prints its values and nothing else.
const PRINT: &str = "values: {{ .Values | toJson }}\n";

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A stack of charts that print their values, with `kiln.yaml`.
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        let stack =
            "name: fleet\nsubcomponents:\n- {name: a, type: helm, path: chart}\n- {name: b, type: helm, path: chart}\n";
        project.write("component.yaml", stack);
        project.write("kiln.yaml", "");
        project.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
        project.write("chart/templates/x.yaml", PRINT);
        files.iter().for_each(|(path, text)| project.write(path, text));
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

    fn kiln(&self, words: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        without_settings(&mut command);
        Run(command.args(words).current_dir(self.folder.path()).env("HOME", self.folder.path()).output().unwrap())
    }

    /// Compiles, which must succeed.
    #[track_caller]
    fn generate(&self, words: &[&str]) {
        self.kiln(&[&["generate"], words].concat()).exits(0);
    }

    /// The values that a chart printed.
    #[track_caller]
    fn values(&self, file: &str) -> String {
        let text = fs::read_to_string(self.path("generated").join(file)).unwrap_or_else(|_| panic!("no {file}"));
        let line = text.lines().find_map(|line| line.strip_prefix("values: "));
        line.unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    fn has(&self, file: &str) -> bool {
        self.path("generated").join(file).is_file()
    }
}

struct Run(Output);

impl Run {
    #[track_caller]
    fn exits(self, code: i32) -> String {
        let said = String::from_utf8_lossy(&self.0.stderr).into_owned();
        assert_eq!(self.0.status.code(), Some(code), "{said}");
        said
    }

    #[track_caller]
    fn says(self, code: i32, words: &[&str]) {
        let said = self.exits(code);
        for word in words {
            assert!(said.contains(word), "no {word:?} in:\n{said}");
        }
    }

    #[track_caller]
    fn prints(self) -> String {
        let printed = String::from_utf8_lossy(&self.0.stdout).into_owned();
        self.exits(0);
        printed
    }
}

const CLUSTERS: &str = "clusters:\n- {name: east, labels: {stage: production, region: eu}, layers: [installations/east]}\n- {name: west, labels: {stage: testing}}\n";

#[test]
fn conditions_over_labels_layers_and_variables() {
    let stack = "name: fleet\nsubcomponents:\n- {name: a, type: helm, path: chart, when: \"stage == 'production'\"}\n- {name: b, type: helm, path: chart, when: \"region is defined and region == 'eu'\"}\n- {name: c, type: helm, path: chart, when: \"'installations/east' in layers\"}\n- {name: d, type: helm, path: chart, when: \"cluster.name == name and name == 'west' and vars.lab\"}\n- {name: e, type: helm, path: chart, when: false}\n- {name: own, source: ./own}\n";
    let project = Project::new(&[
        ("component.yaml", stack),
        ("kiln.yaml", "vars: {lab: true}\n"),
        (
            "own/component.yaml",
            "name: own\nwhen: \"stage != 'production'\"\nsubcomponents:\n- {name: f, type: helm, path: ../chart}\n",
        ),
        ("config/installations/east.yaml", "config: {}\n"),
        ("clusters.yaml", CLUSTERS),
    ]);
    project.generate(&[]);
    let files = |cluster: &str| {
        let names = ["a", "b", "c", "d", "e", "own/f"];
        names.into_iter().filter(|name| project.has(&format!("{cluster}/{name}.yaml"))).collect::<Vec<_>>()
    };
    assert_eq!(files("east"), ["a", "b", "c"]);
    assert_eq!(files("west"), ["d", "own/f"]);
    // Where there is no cluster there are no labels.
    project.kiln(&["generate", "installations/east"]).says(1, &["`stage` is not defined", "this is compiled for none"]);
}

#[test]
fn a_condition_that_cannot_hold_fails_its_cluster_only() {
    let stack = "name: fleet\nsubcomponents:\n- {name: a, type: helm, path: chart, when: \"region == 'eu'\"}\n";
    let project =
        Project::new(&[("component.yaml", stack), ("clusters.yaml", CLUSTERS), ("config/installations/east.yaml", "")]);
    let words = ["west: `region` is not defined: the cluster `west` has no such label", "component.yaml:3:45"];
    project.kiln(&["generate"]).says(1, &words);
    project.kiln(&["generate", "--keep-going"]).says(1, &words);
    assert!(project.has("east/a.yaml"));
}

#[test]
fn expressions_in_layers_are_asked_for() {
    let text = "config: {host: \"${{ name }}.${{ vars.domain }}\", count: \"${{ vars.count }}\", go: \"{{ .Release.Name }}\", l: [\"${{ stage }}\"]}";
    let project = Project::new(&[
        ("clusters.yaml", CLUSTERS),
        ("kiln.yaml", "vars: {domain: example.com, count: 3}\n"),
        (
            "config/installations/east.yaml",
            "expressions: true\nsubcomponents:\n  a:\n    namespace: ns-${{ stage }}\n    config: {x: \"${{ labels.region }}\"}\n",
        ),
        ("config/common.yaml", &format!("expressions: true\nsubcomponents: {{a: {{{text}}}}}\n")),
        ("chart/templates/x.yaml", "values: {{ .Values | toJson }}\nns: {{ .Release.Namespace }}\n"),
    ]);
    project.generate(&[]);
    assert_eq!(
        project.values("east/a.yaml"),
        r#"{"count":3,"go":"{{ .Release.Name }}","host":"east.example.com","l":["production"],"x":"eu"}"#
    );
    assert!(fs::read_to_string(project.path("generated/east/a.yaml")).unwrap().contains("ns: ns-production"));
    assert_eq!(
        project.values("west/a.yaml"),
        r#"{"count":3,"go":"{{ .Release.Name }}","host":"west.example.com","l":["testing"]}"#
    );
    // Without the key the text is a text.
    project.write("config/common.yaml", &format!("subcomponents: {{a: {{{text}}}}}\n"));
    project.generate(&["--cluster", "west"]);
    assert!(project.values("west/a.yaml").contains("${{ name }}.${{ vars.domain }}"));
    project.write(
        "config/common.yaml",
        "expressions: true\nsubcomponents:\n  a:\n    config:\n      host: x.${{ vars.domian }}\n",
    );
    project
        .kiln(&["generate"])
        .says(1, &["config/common.yaml:5:19", "`vars` has no key `domian`", "did you mean `domain`?"]);
}

#[test]
fn component_fields_may_differ_by_label() {
    let stack = "name: fleet\nexpressions: true\nsubcomponents:\n- name: a\n  type: helm\n  path: charts/${{ stage }}\n- name: own\n  source: ./${{ 'big' if stage == 'production' else 'small' }}\n";
    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    let own = |name: &str| format!("name: own\nsubcomponents:\n- {{name: {name}, type: helm, path: ../chart}}\n");
    let clusters = format!("{CLUSTERS}- {{name: third, labels: {{stage: production}}}}\n");
    let project = Project::new(&[
        ("component.yaml", stack),
        ("clusters.yaml", &clusters),
        ("config/installations/east.yaml", ""),
        ("charts/production/Chart.yaml", &chart("p")),
        ("charts/production/templates/x.yaml", "kind: P\n"),
        ("charts/testing/Chart.yaml", &chart("t")),
        ("charts/testing/templates/x.yaml", "kind: T\n"),
        ("big/component.yaml", &own("big")),
        ("small/component.yaml", &own("small")),
    ]);
    project.generate(&[]);
    let kind = |file: &str| fs::read_to_string(project.path(file)).unwrap().lines().last().unwrap().to_owned();
    assert_eq!(kind("generated/east/a.yaml"), "kind: P");
    assert_eq!(kind("generated/third/a.yaml"), "kind: P");
    assert_eq!(kind("generated/west/a.yaml"), "kind: T");
    assert!(
        project.has("east/own/big.yaml") && project.has("west/own/small.yaml") && !project.has("west/own/big.yaml")
    );
    project.write("component.yaml", &stack.replace("${{ stage }}", "${{ stag }}"));
    project.kiln(&["generate"]).says(1, &["component.yaml:6:20", "`stag` is not defined", "did you mean `stage`?"]);
}

#[test]
fn documents_of_installations() {
    let object = "kind: ConfigMap\ndata:\n  values: |\n    V1:\n      Name: from-cm\n      Port: 1\n";
    // V1: {Name: from-secret}
    let secret = "kind: Secret\ndata: {values: VjE6IHtOYW1lOiBmcm9tLXNlY3JldH0=}\n";
    let layer = "expressions: true\nsharedConfig:\n  from:\n  - configMap: installations/${{ name }}/cm.yaml\n  - secret: installations/${{ name }}/s.yaml\n  at: Installation\n";
    let project = Project::new(&[
        ("clusters.yaml", "clusters: [{name: east}]\n"),
        ("config/common.yaml", layer),
        ("config/installations/east/cm.yaml", object),
        ("config/installations/east/s.yaml", secret),
        ("chart/templates/x.yaml", "values: {{ .Values.Installation.V1.Name }} {{ .Values.Installation.V1.Port }}\n"),
    ]);
    project.generate(&[]);
    assert_eq!(
        (project.values("east/a.yaml"), project.values("east/b.yaml")),
        ("from-secret 1".into(), "from-secret 1".into())
    );
    project.write("config/installations/east/s.yaml", "kind: Secret\nstringData: {value: 'a: 1'}\n");
    project.kiln(&["generate"]).says(1, &["has no key `values`", "config/installations/east/s.yaml:1:1"]);
}

#[test]
fn values_of_a_document_are_named_in_errors_of_templates() {
    let project = Project::new(&[
        ("config/common.yaml", "subcomponents: {a: {valuesFrom: [{configMap: cm.yaml}]}}\n"),
        ("config/cm.yaml", "kind: ConfigMap\ndata:\n  values: |\n    service:\n      port: none\n"),
        ("chart/templates/x.yaml", "port: {{ add1 .Values.service.port.number }}\n"),
    ]);
    project.kiln(&["generate"]).says(1, &["config/cm.yaml:5:13"]);
}

#[test]
fn layers_of_a_component_in_a_folder_of_its_own() {
    let project = Project::new(&[
        ("component.yaml", "name: fleet\nsubcomponents:\n- {name: team, source: ./team}\n"),
        (
            "team/component.yaml",
            "name: team\nmerge: {lists: replace}\nsubcomponents:\n- {name: a, type: helm, path: ../chart}\n",
        ),
        ("team/config/installations/x.yaml", "sharedConfig: {l: [1], keep: 1}\n"),
        ("team/config/installations/x.patch.yaml", "subcomponents: {a: [{op: remove, path: /drop}]}\n"),
        ("team/config/common.yaml", "subcomponents: {a: {config: {drop: 1, l: [2]}}}\n"),
        ("config/prod.yaml", "subcomponents: {team: {subcomponents: {a: {config: {l: [3]}}}}}\n"),
    ]);
    project.generate(&["prod", "installations/x"]);
    assert_eq!(project.values("prod-installations/x/team/a.yaml"), r#"{"keep":1,"l":[3]}"#);
    // Without kiln.yaml too.
    fs::remove_file(project.path("kiln.yaml")).unwrap();
    project.generate(&["prod", "installations/x"]);
    assert_eq!(project.values("prod-installations/x/team/a.yaml"), r#"{"keep":1,"l":[3]}"#);
}

#[test]
fn values_are_set_by_the_address_of_a_component() {
    let project = Project::new(&[
        ("config/common.yaml", "subcomponents: {a: {config: {n: 1, l: [1, 2, 3], m: {x: 1, a.b: 1}}}}\n"),
        ("cert.pem", "PEM,=\n"),
    ]);
    let flags = [
        "--set",
        r"fleet/a:n=1000000,l[1]=two,m.a\.b=2,m.y=null",
        "--set-string",
        "a:s=007",
        "--set-json",
        r#"fleet/b:{"j": [1]}"#,
        "--set-file",
        "fleet/b:file=cert.pem",
        "--set-literal",
        "fleet/b:lit=a,b=c",
    ];
    project.generate(&flags);
    assert_eq!(
        project.values("common/a.yaml"),
        r#"{"l":[1,"two",3],"m":{"a.b":2,"x":1,"y":null},"n":1000000,"s":"007"}"#
    );
    assert_eq!(project.values("common/b.yaml"), r#"{"file":"PEM,=\n","j":[1],"lit":"a,b=c"}"#);
    project.kiln(&[&["check", "-q"], &flags[..]].concat()).exits(0);
    project.kiln(&["check", "-q"]).exits(2);
    // For all clusters of a run too.
    project.write("clusters.yaml", "clusters: [{name: one}, {name: two}]\n");
    project.generate(&["--set", "fleet/a:n=2"]);
    for cluster in ["one", "two"] {
        assert!(project.values(&format!("{cluster}/a.yaml")).contains(r#""n":2"#));
    }
}

#[test]
fn what_cannot_be_set() {
    let project = Project::new(&[]);
    let cases = [
        ("fleet/c:n=1", "the stack has no component `fleet/c`", "the nearest: fleet/a"),
        ("n=1", "`fleet` is no chart or template, and reads no values", "fleet/a:key=value"),
        ("a:n", "`--set a:n`: key \"n\" has no value", ""),
        ("a:l[x]=1", "`--set a:l[x]=1`:", ""),
    ];
    for (text, message, help) in cases {
        project.kiln(&["generate", "--set", text]).says(3, &["usage.set", message, help]);
    }
    project.kiln(&["generate", "--set-file", "a:x=gone"]).says(3, &["cannot read `gone`"]);
    let one = Project::new(&[("component.yaml", "name: one\ntype: helm\npath: chart\n")]);
    one.generate(&["--set", "image=nginx:1.29"]);
    assert_eq!(one.values("common/one.yaml"), r#"{"image":"nginx:1.29"}"#);
}

#[test]
fn the_order_of_layers_is_printed() {
    let stack = "name: fleet\nsubcomponents:\n- {name: a, type: helm, path: chart, merge: {lists: replace, paths: {\"**.env\": {byKey: name}}}}\n- {name: b, type: helm, path: chart}\n- {name: c, type: helm, path: chart, when: \"stage == 'testing'\"}\n";
    let project = Project::new(&[
        ("component.yaml", stack),
        ("clusters.yaml", CLUSTERS),
        (
            "config/common.yaml",
            "sharedConfig: {domain: x}\nsubcomponents: {a: {config: {l: 1}}, b: {disabled: true}}\n",
        ),
        ("config/installations/east.yaml", "subcomponents: {a: {valuesFrom: [{configMap: cm.yaml}]}}\n"),
        ("config/installations/east.patch.yaml", "subcomponents: {a: [{op: remove, path: /l}]}\n"),
    ]);
    let east = "east: installations/east > common\n\nfleet\n  file config/installations/east.yaml\n  file config/installations/east.patch.yaml\n  file config/common.yaml\n\nfleet/a\n  config/installations/east.patch.yaml: 1 operation\n  config/installations/east.yaml: valuesFrom ConfigMap cm.yaml\n  config/common.yaml: config, sharedConfig\n  merge: lists replace, null delete, **.env byKey: name (component.yaml:3:45)\n\nfleet/b: left out, disabled at config/common.yaml:2:52\n\nfleet/c: left out, not when stage == 'testing' (component.yaml:5:44)\n";
    assert_eq!(project.kiln(&["layers", "--cluster", "east"]).prints(), east);
    let json = project.kiln(&["layers", "-l", "stage=testing", "-o", "json"]).prints();
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&read["kind"], &read["targets"][0]["cluster"]), (&"Layers".into(), &"west".into()));
    let third = &read["targets"][0]["components"][3];
    assert_eq!((&third["component"], &third["when"][0]), (&"fleet/c".into(), &"stage == 'testing'".into()));
    // Files that are not there are named for the folder that could have them.
    project.write(
        "component.yaml",
        "name: fleet\nsubcomponents:\n- {name: a, type: helm, path: chart}\n- {name: b, type: helm, path: chart}\n",
    );
    let printed = project.kiln(&["layers", "installations/east", "gone"]).prints();
    assert!(printed.contains("  file config/gone.yaml (absent)\n"), "{printed}");
}

#[test]
fn errors_of_templates_name_the_flag_that_set_a_value() {
    let template = "port: {{ add1 .Values.port.number }}\n";
    let project = Project::new(&[("chart/templates/x.yaml", template)]);
    let words = ["`port` is set here, in `--set`, without `number`", "[--set:1:1]", "fleet/a:port=none"];
    project.kiln(&["generate", "--set", "fleet/a:port=none"]).says(1, &words);
}
