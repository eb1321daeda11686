{{- define "elasticsearch.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "elasticsearch.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "elasticsearch.labels" -}}
{{ include "elasticsearch.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: cloud-native
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "elasticsearch.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{/* Pod names of all nodes that may become the first master, one a line. */}}
{{- define "elasticsearch.initialMasters" -}}
{{- $names := list -}}
{{- range $set, $spec := .Values.nodeSets -}}
{{- if has "master" $spec.roles -}}
{{- range $i := until (int $spec.replicas) -}}
{{- $names = append $names (printf "%s-%s-%d" (include "elasticsearch.fullname" $) $set $i) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $names | required "at least one node set needs the role master" | toYaml -}}
{{- end -}}

{{/* Everything the bootstrap Job does; its checksum names the Job. */}}
{{- define "elasticsearch.bootstrapFiles" -}}
{{- range $path, $_ := .Files.Glob "files/*" }}
{{ base $path }}: |
  {{- tpl ($.Files.Get $path) $ | trim | nindent 2 }}
{{- end }}
{{- end -}}
