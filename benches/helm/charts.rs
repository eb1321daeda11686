//! Charts that look like those people write, in sizes to choose. As files in memory, by path.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// The files of a chart.
pub type Files = BTreeMap<String, Arc<[u8]>>;

const HELPERS: &str = r#"{{- define "PREFIX.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}
{{- define "PREFIX.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{ include "PREFIX.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "PREFIX.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "PREFIX.value" -}}
{{- if typeIs "string" .value }}{{ tpl .value .context }}{{ else }}{{ tpl (toYaml .value) .context }}{{ end }}
{{- end }}
"#;

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "PREFIX.fullname" . }}
  namespace: {{ .Release.Namespace | quote }}
  labels: {{- include "PREFIX.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels: {{- include "PREFIX.selector" . | nindent 6 }}
  template:
    metadata:
      {{- with .Values.podAnnotations }}
      annotations: {{- include "PREFIX.value" (dict "value" . "context" $) | nindent 8 }}
      {{- end }}
      labels: {{- include "PREFIX.labels" . | nindent 8 }}
    spec:
      securityContext: {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          {{- if .Values.env }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ include "PREFIX.value" (dict "value" $value "context" $) | quote }}
            {{- end }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
              protocol: TCP
          livenessProbe:
            httpGet: { path: /, port: http }
          resources: {{- toYaml .Values.resources | nindent 12 }}
      {{- with .Values.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
"#;

const SERVICE: &str = r#"apiVersion: v1
kind: Service
metadata:
  name: {{ include "PREFIX.fullname" . }}
  labels: {{- include "PREFIX.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: http
      name: http
  selector: {{- include "PREFIX.selector" . | nindent 4 }}
"#;

const INGRESS: &str = r#"{{- if .Values.ingress.enabled -}}
{{- $fullName := include "PREFIX.fullname" . -}}
apiVersion: {{ ternary "networking.k8s.io/v1" "extensions/v1beta1" (semverCompare ">=1.19-0" .Capabilities.KubeVersion.GitVersion) }}
kind: Ingress
metadata:
  name: {{ $fullName }}
  labels: {{- include "PREFIX.labels" . | nindent 4 }}
spec:
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ tpl .host $ | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            pathType: {{ .pathType }}
            backend:
              service:
                name: {{ $fullName }}
                port:
                  number: {{ $.Values.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
"#;

const SERVICE_ACCOUNT: &str = r#"{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "PREFIX.fullname" . }}
  labels: {{- include "PREFIX.labels" . | nindent 4 }}
{{- end }}
"#;

const VALUES: &str = r#"# How many pods there are
replicaCount: 2
image:
  repository: registry.example.com/team/service
  pullPolicy: IfNotPresent
  # Overrides the chart's appVersion
  tag: ""
nameOverride: ""
fullnameOverride: ""
commonLabels:
  team: "shop"
  tier: backend
podAnnotations:
  checksum/name: '{{ include "PREFIX.fullname" . | sha256sum }}'
  note: plain text
podSecurityContext:
  runAsNonRoot: true
  fsGroup: 1000
serviceAccount:
  create: true
service:
  type: ClusterIP
  port: 8080
ingress:
  enabled: true
  hosts:
    - host: '{{ .Release.Name }}.{{ .Values.global.domain }}'
      paths:
        - path: /
          pathType: Prefix
autoscaling:
  enabled: false
env:
  HOST: '{{ include "PREFIX.fullname" . }}.{{ .Values.global.domain }}'
  LOG_LEVEL: info
  URL: 'https://{{ .Values.global.domain }}/{{ .Chart.Name }}'
resources:
  limits:
    cpu: 500m
    memory: 512Mi
  requests:
    cpu: 100m
    memory: 128Mi
affinity: {}
global:
  domain: example.com
"#;

fn put(files: &mut Files, path: String, text: &str, prefix: &str) {
    files.insert(path, Arc::from(text.replace("PREFIX", prefix).into_bytes()));
}

fn metadata(name: &str, more: &str) -> String {
    format!("apiVersion: v2\nname: {name}\nversion: 1.2.3\nappVersion: 4.5.6\n{more}")
}

/// A chart below a folder, whose templates use the helpers of `prefix`.
fn service(files: &mut Files, folder: &str, name: &str, prefix: &str) {
    put(files, format!("{folder}Chart.yaml"), &metadata(name, ""), "");
    put(files, format!("{folder}values.yaml"), VALUES, prefix);
    for (file, text) in
        [("deployment", DEPLOYMENT), ("service", SERVICE), ("ingress", INGRESS), ("serviceaccount", SERVICE_ACCOUNT)]
    {
        put(files, format!("{folder}templates/{file}.yaml"), text, prefix);
    }
}

/// What `helm create` makes, nearly.
pub fn small() -> Files {
    let mut files = Files::new();
    service(&mut files, "", "small", "small");
    put(&mut files, "templates/_helpers.tpl".to_owned(), HELPERS, "small");
    files
}

/// A service with eight parts, each with its own copy of a library of 200 helpers.
pub fn library() -> Files {
    let mut library = HELPERS.replace("PREFIX", "library");
    for at in 0..200 {
        let _ = write!(
            library,
            "{{{{- define \"library.image{at}\" -}}}}\n{{{{- $registry := .image.registry }}}}\n{{{{- if .global }}}}\n\
             {{{{- $registry = default $registry .global.registry }}}}\n{{{{- end }}}}\n\
             {{{{- printf \"%s/%s:%s\" $registry .image.repository (.image.tag | toString) }}}}\n{{{{- end }}}}\n"
        );
    }
    let mut files = Files::new();
    let mut copy = |folder: &str| {
        put(&mut files, format!("{folder}charts/library/Chart.yaml"), &metadata("library", "type: library\n"), "");
        put(&mut files, format!("{folder}charts/library/templates/_library.tpl"), &library, "");
    };
    copy("");
    for at in 0..8 {
        copy(&format!("charts/part{at}/"));
    }
    service(&mut files, "", "whole", "library");
    for at in 0..8 {
        service(&mut files, &format!("charts/part{at}/"), &format!("part{at}"), "library");
    }
    files
}

/// One chart with 100 services that share values, and a large custom resource definition.
pub fn large() -> Files {
    let mut files = small();
    let mut values = VALUES.replace("PREFIX", "small");
    for at in 0..100 {
        let _ = write!(values, "service{at}:\n{}", indented(VALUES));
        let template = format!(
            "{{{{- $values := index .Values \"service{at}\" }}}}\n{{{{- $context := dict \"Values\" (merge (deepCopy $values) \
             .Values) \"Chart\" .Chart \"Release\" .Release \"Capabilities\" .Capabilities \"Template\" .Template }}}}\n\
             {{{{- with $context }}}}\n{DEPLOYMENT}{{{{- end }}}}\n"
        );
        // In `with` the dollar sign is the outer data.
        let template = template.replace("\"context\" $)", "\"context\" $context)");
        put(&mut files, format!("templates/service{at}.yaml"), &template, "small");
    }
    put(&mut files, "values.yaml".to_owned(), &values, "small");
    let mut definition = "kind: CustomResourceDefinition\nspec:\n".to_owned();
    for at in 0..5000 {
        let _ = writeln!(definition, "  field{at}: {{ description: \"what field {at} is for\", type: string }}");
    }
    put(&mut files, "templates/definition.yaml".to_owned(), &definition, "");
    files
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// A chart of charts: the values of each subchart hold templates that use global values.
pub fn umbrella(subcharts: usize) -> Files {
    let mut files = Files::new();
    let mut values = "global:\n  domain: shop.example.com\n".to_owned();
    let mut dependencies = "dependencies:\n".to_owned();
    for at in 0..subcharts {
        let name = format!("part{at}");
        service(&mut files, &format!("charts/{name}/"), &name, &name);
        put(&mut files, format!("charts/{name}/templates/_helpers.tpl"), HELPERS, &name);
        let _ = writeln!(dependencies, "  - {{name: {name}, version: ~1.2.0, condition: {name}.enabled, tags: [all]}}");
        let _ = writeln!(
            values,
            "{name}:\n  enabled: true\n  env:\n    PEER: 'http://{{{{ .Release.Name }}}}-{name}.{{{{ .Values.global.domain }}}}'"
        );
    }
    put(&mut files, "Chart.yaml".to_owned(), &metadata("umbrella", &dependencies), "");
    put(&mut files, "values.yaml".to_owned(), &values, "");
    files
}
