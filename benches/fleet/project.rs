//! A fleet that benches make: charts, layers and `clusters.yaml`.

use std::fs;
use std::path::Path;

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
fn layer(services: usize, say: impl Fn(usize) -> String) -> String {
    let services = (0..services).map(|at| format!("  svc-{at:02}:\n    config: {}\n", say(at)));
    format!("subcomponents:\n{}", services.collect::<String>())
}

/// Makes a project of clusters that get the same charts, each with values of its own.
pub fn make_fleet(folder: &Path, clusters: usize, services: usize) {
    let mut stack = "name: fleet\nsubcomponents:\n".to_owned();
    for at in 0..services {
        stack.push_str(&format!("- {{name: svc-{at:02}, type: helm, path: charts/svc-{at:02}}}\n"));
        let chart = |file: &str, text: &str| write(folder, &format!("charts/svc-{at:02}/{file}"), text);
        chart("Chart.yaml", &format!("apiVersion: v2\nname: svc-{at:02}\nversion: 1.0.0\n"));
        chart("values.yaml", VALUES);
        chart("templates/deployment.yaml", DEPLOYMENT);
        chart("templates/config.yaml", CONFIG);
        chart("templates/service.yaml", SERVICE);
    }
    write(folder, "component.yaml", &stack);
    let common =
        layer(services, |at| format!("{{image: {{tag: 1.{at}.0}}, env: {{LOG: info, MODE: shared, N: '{at}'}}}}"));
    write(folder, "config/common.yaml", &common);
    for (stage, replicas) in [("production", 3), ("staging", 2)] {
        write(folder, &format!("config/{stage}.yaml"), &layer(services, |_| format!("{{replicas: {replicas}}}")));
    }
    for provider in ["aws", "kvm"] {
        write(
            folder,
            &format!("config/{provider}.yaml"),
            &layer(services, |at| format!("{{env: {{P: {provider}-{at}}}}}")),
        );
    }
    let mut list = "defaults: {layers: ['installations/{name}', '{provider}', '{stage}']}\nclusters:\n".to_owned();
    for at in 0..clusters {
        set_domain(folder, at, services, &format!("c{at}.example.com"));
        let (provider, stage) = (["aws", "kvm"][at % 2], ["production", "staging"][at / 2 % 2]);
        list.push_str(&format!("- {{name: c{at}, labels: {{provider: {provider}, stage: {stage}}}}}\n"));
    }
    write(folder, "clusters.yaml", &list);
}

/// The layer of one cluster: every service of it renders the domain.
pub fn set_domain(folder: &Path, cluster: usize, services: usize, domain: &str) {
    let own = |_: usize| format!("{{installation: {{name: c{cluster}, domain: {domain}}}}}");
    write(folder, &format!("config/installations/c{cluster}.yaml"), &layer(services, own));
}
