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

{{/* Labels of what makes the ledger's tables. */}}
{{- define "mcp-server.migrationLabels" -}}
app.kubernetes.io/name: mcp-server-migration
app.kubernetes.io/part-of: b2xgate
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Annotations of what is there before the pods of a new version: its turn is given. */}}
{{- define "mcp-server.before" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- end }}

{{/* An account in PostgreSQL as two files, out of one answer of Vault's. */}}
{{- define "mcp-server.account" -}}
- objectName: username
  secretPath: {{ . }}
  secretKey: username
  filePermission: 0444
- objectName: password
  secretPath: {{ . }}
  secretKey: password
  filePermission: 0444
{{- end }}
