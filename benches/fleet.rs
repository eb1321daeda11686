//! Many clusters against copying what they give: `cargo bench --bench fleet [-- FOLDER [RUNS]]`.
//!
//! FOLDER is a project with `clusters.yaml`; without one the bench makes fleets of 100 and of 1,000
//! clusters with twenty charts each. Prints the least of RUNS (5) alternating runs: from nothing, again
//! with nothing changed, and `cp -r` of the output.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SERVICES: usize = 20;

const DEPLOYMENT: &str = r#"{{- define "labels" }}
app: {{ .Release.Name }}
cluster: {{ .Values.installation.name | quote }}
{{- end }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name | trunc 63 | trimSuffix "-" }}
  labels: {{- include "labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
spec:
  replicas: {{ .Values.replicas | default 1 }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {{- include "labels" . | nindent 8 }}
    spec:
      containers:
      - name: main
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        env:
        {{- range $name, $value := .Values.env }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
        resources: {{- toYaml .Values.resources | nindent 10 }}
"#;
const CONFIG: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  settings.json: {{ dict "domain" .Values.installation.domain "replicas" (int .Values.replicas) | toJson | quote }}
"#;
const SERVICE: &str = r#"apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec:
  type: {{ .Values.service.type }}
  ports:
  {{- range .Values.service.ports }}
  - {{- toYaml . | nindent 4 }}
  {{- end }}
"#;
const VALUES: &str = "image: {repository: registry.example.com/web, tag: '0'}\nreplicas: 1\ninstallation: {name: '', domain: ''}\nenv: {}\nservice: {type: ClusterIP, ports: [{port: 80, name: http}, {port: 9090, name: metrics}]}\nresources: {limits: {memory: 64Mi}, requests: {cpu: 10m, memory: 64Mi}}\n";

fn write(folder: &Path, path: &str, text: &str) {
    let place = folder.join(path);
    fs::create_dir_all(place.parent().expect("has a folder")).expect("can be made");
    fs::write(place, text).expect("can be written");
}

/// A layer that says something about every service.
fn layer(say: impl Fn(usize) -> String) -> String {
    let services = (0..SERVICES).map(|at| format!("  svc-{at:02}:\n    config: {}\n", say(at)));
    format!("subcomponents:\n{}", services.collect::<String>())
}

fn make_fleet(folder: &Path, clusters: usize) {
    let mut stack = "name: fleet\nsubcomponents:\n".to_owned();
    for at in 0..SERVICES {
        stack.push_str(&format!("- {{name: svc-{at:02}, type: helm, path: charts/svc-{at:02}}}\n"));
        let chart = |file: &str, text: &str| write(folder, &format!("charts/svc-{at:02}/{file}"), text);
        chart("Chart.yaml", &format!("apiVersion: v2\nname: svc-{at:02}\nversion: 1.0.0\n"));
        chart("values.yaml", VALUES);
        chart("templates/deployment.yaml", DEPLOYMENT);
        chart("templates/config.yaml", CONFIG);
        chart("templates/service.yaml", SERVICE);
    }
    write(folder, "component.yaml", &stack);
    let common = layer(|at| format!("{{image: {{tag: 1.{at}.0}}, env: {{LOG: info, MODE: shared, N: '{at}'}}}}"));
    write(folder, "config/common.yaml", &common);
    for (stage, replicas) in [("production", 3), ("staging", 2)] {
        write(folder, &format!("config/{stage}.yaml"), &layer(|_| format!("{{replicas: {replicas}}}")));
    }
    for provider in ["aws", "kvm"] {
        write(folder, &format!("config/{provider}.yaml"), &layer(|at| format!("{{env: {{P: {provider}-{at}}}}}")));
    }
    let mut list = "defaults: {layers: ['installations/{name}', '{provider}', '{stage}']}\nclusters:\n".to_owned();
    for at in 0..clusters {
        let own = |_: usize| format!("{{installation: {{name: c{at}, domain: c{at}.example.com}}}}");
        write(folder, &format!("config/installations/c{at}.yaml"), &layer(own));
        let (provider, stage) = (["aws", "kvm"][at % 2], ["production", "staging"][at / 2 % 2]);
        list.push_str(&format!("- {{name: c{at}, labels: {{provider: {provider}, stage: {stage}}}}}\n"));
    }
    write(folder, "clusters.yaml", &list);
}

fn timed(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("can be started");
    let took = started.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

fn measure(project: &Path, runs: usize) {
    let top = tempfile::tempdir().expect("a temporary folder");
    let (out, copy) = (top.path().join("out"), top.path().join("copy"));
    let mut least = [Duration::MAX; 3];
    for _ in 0..runs {
        let generate = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
            timed(command.arg("-C").arg(project).args(["generate", "-q", "-O"]).arg(&out))
        };
        let took = [generate(), generate(), timed(Command::new("cp").arg("-r").arg(&out).arg(&copy))];
        for (least, took) in least.iter_mut().zip(took) {
            *least = took.min(*least);
        }
        for folder in [&out, &copy] {
            fs::remove_dir_all(folder).expect("can be removed");
        }
    }
    let [cold, again, copied] = least.map(|time| time.as_secs_f64());
    println!(
        "{}: from nothing {cold:.3} s, unchanged {again:.3} s, cp -r {copied:.3} s; ratio {:.1}",
        project.file_name().unwrap_or_default().to_string_lossy(),
        cold / copied
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runs = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(5);
    if let Some(folder) = words.first() {
        return measure(Path::new(folder), runs);
    }
    let top = tempfile::tempdir().expect("a temporary folder");
    for clusters in [100, 1000] {
        let project = top.path().join(format!("{clusters} clusters"));
        make_fleet(&project, clusters);
        measure(&project, runs);
    }
}
