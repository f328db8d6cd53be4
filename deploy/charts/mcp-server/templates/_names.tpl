{{/* Labels of everything. */}}
{{- define "mcp-server.labels" -}}
app.kubernetes.io/name: mcp-server
app.kubernetes.io/part-of: b2xgate
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The image: by digest where there is one. */}}
{{- define "mcp-server.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The configuration file. */}}
{{- define "mcp-server.config" -}}
{{ .Values.config | default (.Files.Get "files/mcp-server.toml") }}
{{- end }}
