//! A stack in which every kind of component and of reading occurs, and runs of kiln in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::settings::without_settings;

/// Components by what they are sensitive to. Rendered are nine a cluster.
pub const FILES: &[(&str, &str)] = &[
    ("kiln.yaml", "kubeVersion: '1.33'\nvars: {domain: example.com}\n"),
    (
        "component.yaml",
        "name: shop\nsubcomponents:\n\
         - {name: web, type: helm, path: charts/web}\n\
         - {name: db, type: helm, path: charts/web}\n\
         - {name: kube, type: helm, path: charts/kube}\n\
         - {name: parent, type: helm, path: charts/parent}\n\
         - {name: lucky, type: helm, path: charts/lucky}\n\
         - {name: crds, type: helm, path: charts/crds}\n\
         - {name: injected, type: helm, path: charts/injected}\n\
         - {name: policies, type: static, path: manifests}\n\
         - {name: pages, type: template, path: templates}\n",
    ),
    ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    ("charts/web/README.md", "Read me.\n"),
    ("charts/web/motd", "hello\n"),
    ("charts/web/values.yaml", "replicas: 1\nimage: {repository: web, tag: '1'}\nenv: {}\nunread: 1\ntable: {a: 1}\n"),
    (
        "charts/web/templates/deployment.yaml",
        "{{- if lt (int .Values.replicas) 0 }}{{ fail \"replicas are negative\" }}{{ end }}\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  annotations:\n    motd: {{ .Files.Get \"motd\" | quote }}\n\
         spec:\n  replicas: {{ .Values.replicas }}\n  image: {{ .Values.image.tag | quote }}\n  env: {{ toYaml .Values.env | nindent 4 }}\n",
    ),
    ("charts/kube/Chart.yaml", "apiVersion: v2\nname: kube\nversion: 1.0.0\n"),
    (
        "charts/kube/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube}\ndata:\n  version: {{ .Capabilities.KubeVersion.Version | quote }}\n  monitored: {{ .Capabilities.APIVersions.Has \"monitoring.coreos.com/v1\" | quote }}\n",
    ),
    (
        "charts/parent/Chart.yaml",
        "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies: [{name: child, version: 1.0.0, condition: child.enabled}]\n",
    ),
    ("charts/parent/values.yaml", "child: {size: 1}\nglobal: {region: nowhere}\n"),
    ("charts/parent/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: parent}\n"),
    ("charts/parent/charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 1.0.0\n"),
    ("charts/parent/charts/child/values.yaml", "size: 0\nown: 1\n"),
    (
        "charts/parent/charts/child/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: child}\ndata: {size: {{ .Values.size | quote }}, region: {{ .Values.global.region | quote }}}\n",
    ),
    ("charts/lucky/Chart.yaml", "apiVersion: v2\nname: lucky\nversion: 1.0.0\n"),
    (
        "charts/lucky/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lucky}\ndata: {number: {{ randNumeric 8 | quote }}, day: {{ now | date \"2006-01-02\" | quote }}}\n",
    ),
    ("charts/crds/Chart.yaml", "apiVersion: v2\nname: crds\nversion: 1.0.0\n"),
    (
        "charts/crds/crds/fleet.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: fleets.example.com}\nspec: {group: example.com, scope: Cluster, names: {kind: Fleet}}\n",
    ),
    ("charts/crds/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: crds}\n"),
    ("charts/injected/Chart.yaml", "apiVersion: v2\nname: injected\nversion: 1.0.0\n"),
    (
        "charts/injected/templates/a.yaml",
        "apiVersion: example.com/v1\nkind: Fleet\nmetadata:\n  name: injected\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: injected\n",
    ),
    ("manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
    (
        "templates/page.yaml.j2",
        "{% include '_data.j2' %}\ndata: {name: {{ kiln | tojson | tojson }}, config: {{ config | tojson | tojson }}, domain: {{ vars.domain | default('none') }}}\n",
    ),
    ("templates/_data.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: page}\n"),
    ("config/common.yaml", "subcomponents: {injected: {namespace: inside, injectNamespace: true}}\n"),
    ("config/prod.yaml", "subcomponents: {web: {config: {replicas: 3}}}\n"),
    ("config/testing.yaml", "subcomponents: {web: {config: {replicas: 2}}}\n"),
    ("config/c/east.yaml", "subcomponents: {db: {config: {replicas: 4}}}\n"),
    ("config/c/west.yaml", "subcomponents: {db: {config: {replicas: 5}}}\n"),
    ("config/c/north.yaml", "subcomponents: {db: {config: {replicas: 6}}}\n"),
    ("clusters.yaml", CLUSTERS),
];

pub const CLUSTERS: &str = "clusters:\n- {name: east, layers: [c/east, prod]}\n- {name: west, layers: [c/west, prod]}\n- {name: north, layers: [c/north, testing]}\n";

/// How many components each cluster has.
pub const EACH: usize = 9;
pub const ALL: usize = 3 * EACH;

pub struct Project {
    folder: tempfile::TempDir,
}

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    pub fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        FILES.iter().for_each(|(path, text)| project.write(path, text));
        project
    }

    /// The same after a first run. Files are older than the coarsest clock of a file system here, so that
    /// records can rely on how they look.
    pub fn generated() -> Self {
        let project = Self::new();
        let run = project.generate(&[]);
        assert_eq!((run.code, run.counts()), (0, (ALL, 0)), "{}", run.stderr);
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn remove(&self, path: &str) {
        let _ = fs::remove_file(self.path(path));
    }

    /// Another content of the same size, with the times of the old one as far as anybody can set them.
    pub fn write_secretly(&self, path: &str, change: impl Fn(&mut [u8])) {
        let place = self.path(path);
        let mut bytes = fs::read(&place).unwrap();
        let before = fs::metadata(&place).unwrap().modified().unwrap();
        change(&mut bytes);
        fs::write(&place, bytes).unwrap();
        fs::File::options().write(true).open(&place).unwrap().set_modified(before).unwrap();
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        without_settings(&mut command);
        command.args(words).current_dir(self.folder.path());
        command
    }

    pub fn run(&self, words: &[&str]) -> Run {
        Run::of(self.command(words).output().unwrap())
    }

    pub fn generate(&self, words: &[&str]) -> Run {
        self.run(&[&["generate"], words].concat())
    }

    /// Generates with a variable set.
    pub fn generate_with(&self, name: &str, value: &str) -> Run {
        Run::of(self.command(&["generate"]).env(name, value).output().unwrap())
    }

    /// Runs, and tells how many components were rendered and reused.
    pub fn counts(&self, words: &[&str]) -> (usize, usize) {
        let run = self.generate(words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.counts()
    }

    /// The generated files below a folder, without kiln's own records.
    pub fn tree(&self, below: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        collect(&self.path(below), "", &mut found);
        found
    }

    /// Holds the output of the last run against that of a clean one with the same words.
    pub fn assert_clean(&self, words: &[&str], incremental: &Run, after: &str) {
        let _ = fs::remove_dir_all(self.path("clean"));
        let clean = self.generate(&[words, &["-O", "clean"]].concat());
        assert_eq!(clean.code, incremental.code, "{after}: {}", clean.stderr);
        assert_eq!(incremental.messages(), clean.messages(), "{after}");
        if clean.code != 0 {
            return;
        }
        let (here, clean) = (self.tree("generated"), self.tree("clean"));
        let folder = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        let wanted: std::collections::BTreeSet<String> = clean.keys().map(|path| folder(path)).collect();
        let here: BTreeMap<_, _> = here.into_iter().filter(|(path, _)| wanted.contains(&folder(path))).collect();
        for (path, text) in &clean {
            assert_eq!(here.get(path), Some(text), "{after}: {path}");
        }
        let more: Vec<&String> = here.keys().filter(|path| !clean.contains_key(*path)).collect();
        assert!(more.is_empty(), "{after}: {more:?}");
    }
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// How many components were rendered, for whatever reason they need not be again, and how many stood.
    /// One that is the same for another cluster counts as rendered.
    pub fn counts(&self) -> (usize, usize) {
        let after = |word: &str| -> usize {
            let Some((_, rest)) = self.stderr.split_once(word) else { return 0 };
            let digits: String = rest.chars().take_while(|char| char.is_ascii_digit() || *char == ',').collect();
            digits.replace(',', "").parse().unwrap_or(0)
        };
        (after("; rendered ") + after(", used "), after(", reused "))
    }

    /// What was said, without the summary.
    pub fn messages(&self) -> String {
        let is_summary = |line: &&str| line.contains("; rendered ");
        self.stderr.lines().filter(|line| !is_summary(line)).map(|line| format!("{line}\n")).collect()
    }
}

fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if name == ".kiln" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &path, found);
        } else {
            found.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}
