//! Random edits, one after the other; after each the incremental result is held against a clean one. Values
//! come from small sets, so that earlier states come again.

use std::fs;

use crate::project::{CLUSTERS, FILES, Project};

/// Edits in each of the runs. `KILN_INCREMENTAL_EDITS` asks for more.
const EDITS: usize = 40;

/// A generator of numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

fn file(path: &str) -> &'static str {
    FILES.iter().find(|(name, _)| *name == path).unwrap().1
}

/// The files of a folder below the output, sorted.
fn outputs(project: &Project, below: &str) -> Vec<String> {
    let found = project.tree(below).into_keys();
    found.map(|path| format!("{below}/{path}")).collect()
}

/// Files of kiln's own records.
fn records(project: &Project) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for folder in ["state", "asked", "owners"] {
        let entries = fs::read_dir(project.path("generated/.kiln").join(folder)).into_iter().flatten();
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    found.sort();
    found
}

const STACK: [&str; 4] = [
    "",
    "- {name: more, type: helm, path: charts/web}\n",
    "- {name: more, type: static, path: manifests}\n",
    "- name: group\n  type: component\n  subcomponents: [{name: inner, type: helm, path: charts/kube}]\n",
];
const COMMON: [&str; 9] = [
    "",
    "web: {config: {unread: 2}}",
    "web: {config: {unread: {a: 1}}}",
    "web: {config: {env: {A: b}}}, db: {namespace: other}",
    "parent: {config: {global: {region: here}, child: {size: 3}}}",
    "parent: {config: {child: {enabled: false}}}",
    "db: {disabled: true}",
    "kube: {namespace: k, injectNamespace: true}",
    "pages: {config: {color: red}}",
];
const INJECTED: [&str; 3] = [
    "{namespace: inside, injectNamespace: true}",
    "{namespace: outside, injectNamespace: true}",
    "{namespace: inside}",
];
const KILN: [&str; 5] = [
    "kubeVersion: '1.33'\nvars: {domain: example.com}\n",
    "kubeVersion: '1.34'\nvars: {domain: example.com}\n",
    "kubeVersion: '1.33'\nvars: {domain: example.org}\n",
    "kubeVersion: '1.33'\nvars: {domain: example.com}\napiVersions: [monitoring.coreos.com/v1]\n",
    "vars: {domain: example.com}\nlimits: {fuel: 1_000_000}\n",
];
const TEMPLATE_MORE: [&str; 4] =
    ["", "  port: {{ .Values.unread }}\n", "  kube: {{ .Capabilities.KubeVersion }}\n", "  {{ fail \"no\" }}\n"];

/// Makes one edit, and says which.
fn edit(project: &Project, numbers: &mut Numbers) -> String {
    let replicas = numbers.pick(&["1", "2", "3", "-1", "9"]);
    match numbers.below(20) {
        0 => {
            let (said, injected) = (numbers.pick(&COMMON), numbers.pick(&INJECTED));
            let comma = if said.is_empty() { "" } else { ", " };
            let text = format!("subcomponents: {{{said}{comma}injected: {injected}}}\n");
            project.write("config/common.yaml", &text);
            text
        }
        1 | 2 => {
            let layer =
                numbers.pick(&["config/prod.yaml", "config/testing.yaml", "config/c/east.yaml", "config/c/west.yaml"]);
            project.write(layer, &format!("subcomponents: {{web: {{config: {{replicas: {replicas}}}}}}}\n"));
            format!("{layer} {replicas}")
        }
        3 => {
            project.remove("config/c/north.yaml");
            project.remove("config/c/north.json");
            match numbers.below(3) {
                0 => project.write("config/c/north.yaml", file("config/c/north.yaml")),
                1 => project
                    .write("config/c/north.json", "{\"subcomponents\": {\"db\": {\"config\": {\"replicas\": 7}}}}"),
                _ => {}
            }
            "north".to_owned()
        }
        4 => {
            let path = "charts/web/templates/deployment.yaml";
            project.write(path, &format!("{}{}", file(path), numbers.pick(&TEMPLATE_MORE)));
            path.to_owned()
        }
        5 => {
            let path = numbers.pick(&["charts/web/README.md", "charts/web/motd", "charts/web/.helmignore"]);
            match numbers.below(4) {
                0 => project.remove(path),
                at => project.write(path, ["x\n", "motd\n", "README.md\n"][at - 1]),
            }
            path.to_owned()
        }
        6 => {
            let text = file("charts/web/values.yaml").replace("replicas: 1", &format!("replicas: {replicas}"));
            project.write("charts/web/values.yaml", &text);
            text
        }
        7 => {
            let more = numbers.pick(&STACK);
            let comment = numbers.pick(&["", "# a comment\n"]);
            project.write("component.yaml", &format!("{comment}{}{more}", file("component.yaml")));
            format!("stack {comment}{more}")
        }
        8 => {
            let text = numbers.pick(&KILN);
            project.write("kiln.yaml", text);
            text.to_owned()
        }
        9 => {
            let all = CLUSTERS.replace("clusters:\n", "");
            let more = "- {name: south, layers: [testing], labels: {zone: a}, kubeVersion: '1.30'}\n";
            let text = match numbers.below(5) {
                0 => CLUSTERS.to_owned(),
                1 => format!("clusters:\n{more}{all}"),
                2 => CLUSTERS.replace("{name: east,", "{name: east, labels: {zone: a},"),
                3 => CLUSTERS.replace("{name: west,", "{name: west, components: {except: [shop/db]},"),
                _ => format!("# a comment\n{CLUSTERS}{more}"),
            };
            project.write("clusters.yaml", &text);
            text
        }
        10 | 11 => {
            let files = outputs(project, "generated");
            if files.is_empty() {
                return "nothing to edit".to_owned();
            }
            let path = &files[numbers.below(files.len())];
            match numbers.below(3) {
                0 => project.write(path, "edited by hand\n"),
                1 => project.remove(path),
                _ => project.write_secretly(path, |bytes| bytes.reverse()),
            }
            format!("output {path}")
        }
        12 => {
            let _ = fs::remove_dir_all(project.path(numbers.pick(&["generated/east", "generated/west", "generated"])));
            "output removed".to_owned()
        }
        13 => {
            match numbers.below(4) {
                0 => project.write("manifests/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"),
                1 => project.remove("manifests/b.yaml"),
                2 => project.write("manifests/notes.txt", "x"),
                _ => project.remove("manifests/notes.txt"),
            }
            "manifests".to_owned()
        }
        14 => {
            let name = numbers.pick(&["page", "pages"]);
            project.write("templates/_data.j2", &file("templates/_data.j2").replace("page", name));
            format!("templates {name}")
        }
        15 | 16 => {
            let files = records(project);
            if files.is_empty() {
                return "no state".to_owned();
            }
            let place = &files[numbers.below(files.len())];
            let mut bytes = fs::read(place).unwrap();
            match numbers.below(3) {
                0 => bytes.truncate(bytes.len() / 2),
                1 if !bytes.is_empty() => {
                    let at = numbers.below(bytes.len());
                    bytes[at] ^= 1 << numbers.below(8);
                }
                _ => bytes.clear(),
            }
            // A record of owners that is damaged makes files foreign, which stay: that is another matter.
            if !place.to_string_lossy().contains("owners") {
                fs::write(place, bytes).unwrap();
            }
            format!("damaged {}", place.display())
        }
        17 => {
            let scope = numbers.pick(&["Cluster", "Namespaced"]);
            let text = file("charts/crds/crds/fleet.yaml").replace("Cluster,", &format!("{scope},"));
            project.write("charts/crds/crds/fleet.yaml", &text);
            format!("scope {scope}")
        }
        18 => {
            let path =
                numbers.pick(&["config/prod.yaml", "charts/web/motd", "charts/web/values.yaml", "component.yaml"]);
            if project.path(path).exists() {
                project.write_secretly(path, |bytes| {
                    if let Some(at) = bytes.iter().position(u8::is_ascii_digit) {
                        bytes[at] = if bytes[at] == b'2' { b'3' } else { b'2' };
                    }
                });
            }
            format!("{path} secretly")
        }
        _ => {
            let path = "charts/parent/charts/child/values.yaml";
            project.write(path, &file(path).replace("own: 1", numbers.pick(&["own: 1", "own: 2", "size: 3"])));
            path.to_owned()
        }
    }
}

fn edits(seed: u64) {
    let count = std::env::var("KILN_INCREMENTAL_EDITS").ok().and_then(|count| count.parse().ok()).unwrap_or(EDITS);
    let (project, mut numbers) = (Project::new(), Numbers(seed));
    let (mut rendered, mut reused) = (0, 0);
    for at in 0..count {
        let what = (0..=numbers.below(2)).map(|_| edit(&project, &mut numbers)).collect::<Vec<_>>().join(" + ");
        let words: &[&str] = numbers.pick(&[&[], &[], &[], &["--jobs", "1"], &["--force-types"]]);
        let run = project.generate(words);
        project.assert_clean(words, &run, &format!("seed {seed}, edit {at}: {what}"));
        if run.code == 0 {
            let counts = run.counts();
            (rendered, reused) = (rendered + counts.0, reused + counts.1);
        } else {
            // What failed would fail again and again.
            let at_fault = |path: &str| path.starts_with("c") || path.ends_with(".yaml");
            FILES.iter().filter(|(path, _)| at_fault(path)).for_each(|(path, text)| project.write(path, text));
        }
    }
    assert!(reused > rendered, "seed {seed}: rendered {rendered}, reused {reused}");
}

#[test]
fn random_edits_1() {
    edits(1);
}

#[test]
fn random_edits_2() {
    edits(2);
}

#[test]
fn random_edits_3() {
    edits(3);
}

#[test]
fn random_edits_4() {
    edits(4);
}
