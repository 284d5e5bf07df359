{{- define "plaza.name" -}}
{{- if contains "plaza" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-plaza" (.Release.Name | trunc 34 | trimSuffix "-") }}{{ end }}
{{- end }}

{{/* What a Service or a policy selects pods by: (list $ "api") */}}
{{- define "plaza.selector" -}}
app.kubernetes.io/name: plaza
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "plaza.labels" -}}
{{ include "plaza.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ (index . 0).Chart.Name }}-{{ (index . 0).Chart.Version }}
{{- end }}

{{- define "plaza.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "plaza.keySecret" -}}
{{ .Values.serverKey.existingSecret | default (printf "%s-key" (include "plaza.name" .)) }}
{{- end }}

{{/* Name and key of the Secrets with passwords; empty where there is no password. */}}
{{- define "plaza.databaseSecret" -}}
{{- if .Values.bundled.enabled }}{{ include "plaza.name" . }}-bundled
{{- else if .Values.database.existingSecret }}{{ .Values.database.existingSecret }}
{{- else if .Values.database.password }}{{ include "plaza.name" . }}-passwords
{{- end }}
{{- end }}

{{- define "plaza.databaseSecretKey" -}}
{{- if and .Values.database.existingSecret (not .Values.bundled.enabled) }}{{ .Values.database.existingSecretKey }}{{ else }}database{{ end }}
{{- end }}

{{- define "plaza.redisSecret" -}}
{{- if .Values.bundled.enabled }}{{ include "plaza.name" . }}-bundled
{{- else if .Values.redis.existingSecret }}{{ .Values.redis.existingSecret }}
{{- else if .Values.redis.password }}{{ include "plaza.name" . }}-passwords
{{- end }}
{{- end }}

{{- define "plaza.redisSecretKey" -}}
{{- if and .Values.redis.existingSecret (not .Values.bundled.enabled) }}{{ .Values.redis.existingSecretKey }}{{ else }}redis{{ end }}
{{- end }}

{{/* The passwords that stand in values; empty where there are none. */}}
{{- define "plaza.ownPasswords" -}}
{{- range list .Values.database .Values.redis }}
{{- if and .password (not .existingSecret) (not $.Values.bundled.enabled) }}{{ printf "%q " .password }}{{ end }}
{{- end }}
{{- end }}

{{- define "plaza.databaseUrl" -}}
{{- if .Values.bundled.enabled }}postgres://plaza@{{ include "plaza.name" . }}-postgres/plaza{{ else }}{{ required "database.url is needed: postgres://user@host/database (or bundled.enabled to try things out)" .Values.database.url }}{{ end }}
{{- end }}

{{- define "plaza.redisUrl" -}}
{{- if .Values.bundled.enabled }}redis://{{ include "plaza.name" . }}-redis:6379{{ else }}{{ required "redis.url is needed: redis://host:6379 (or bundled.enabled to try things out)" .Values.redis.url }}{{ end }}
{{- end }}

{{/* One volume of one pod: no second pod may run beside it. */}}
{{- define "plaza.onePod" -}}
{{- if and (eq .Values.files.kind "pvc") (hasPrefix "ReadWriteOnce" .Values.files.pvc.accessMode) }}true{{ end }}
{{- end }}

{{/* Whether a Job brings the database up to date before pods start. A bundled one is not there yet by then. */}}
{{- define "plaza.migrates" -}}
{{- if and .Values.migrate.enabled (not .Values.bundled.enabled) (not .Values.backup.restore) }}true{{ end }}
{{- end }}
