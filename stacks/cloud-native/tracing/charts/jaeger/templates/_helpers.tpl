{{- define "jaeger.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
Labels of one part of Jaeger. Argument: list of the root context and the part
(collector, query, cleaner).
*/}}
{{- define "jaeger.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "jaeger.labels" -}}
{{- $root := index . 0 -}}
{{ include "jaeger.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: cloud-native
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "jaeger.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{/* subdomain.region.domain, leaving out what is empty */}}
{{- define "jaeger.host" -}}
{{- with .Values.query.ingress -}}
{{- list .subdomain .region .domain | compact | join "." -}}
{{- end -}}
{{- end -}}

{{/* Extension jaeger_storage, the same for both parts. */}}
{{- define "jaeger.storage" -}}
jaeger_storage:
  backends:
    spans:
      elasticsearch:
        server_urls: [{{ .Values.elasticsearch.url | quote }}]
        auth:
          basic:
            username: {{ .Values.elasticsearch.user }}
            password: ${env:ELASTICSEARCH_PASSWORD}
        tls:
          ca_file: /etc/jaeger/elasticsearch/ca.crt
        indices:
          index_prefix: {{ .Values.elasticsearch.indexPrefix }}
          {{- range list "spans" "services" "dependencies" "sampling" }}
          {{ . }}:
            date_layout: "2006-01-02"
            rollover_frequency: day
            shards: {{ $.Values.elasticsearch.shards }}
            replicas: {{ $.Values.elasticsearch.replicas }}
          {{- end }}
{{- end -}}

{{/* Section service.telemetry. Argument: list of the root context and the part. */}}
{{- define "jaeger.telemetry" -}}
telemetry:
  resource:
    service.name: jaeger-{{ index . 1 }}
  metrics:
    level: normal
    readers:
      - pull:
          exporter:
            prometheus:
              host: 0.0.0.0
              port: 8888
  logs:
    level: {{ (index . 0).Values.logLevel }}
    encoding: json
{{- end -}}
