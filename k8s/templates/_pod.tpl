{{/* What the pods of Plaza have in common. */}}
{{- define "plaza.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "plaza.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* What the chart sets itself. The names are refused in `settings` (checks.yaml). */}}
{{- define "plaza.ownSettings" -}}
DATABASE_URL: {{ include "plaza.databaseUrl" . | quote }}
DATABASE_POOL_SIZE: {{ .Values.database.poolSize | quote }}
REDIS_URL: {{ include "plaza.redisUrl" . | quote }}
PUBLIC_URL: {{ required "publicUrl is needed: how clients reach the community, such as https://chat.example.org" .Values.publicUrl | quote }}
KEY_FILE: /etc/plaza/key/key_x25519
STOP_DELAY: {{ printf "%ds" (int .Values.api.stopDelaySeconds) }}
{{- with .Values.tracing.url }}
TRACING_URL: {{ . | quote }}
TRACING_RATIO: {{ $.Values.tracing.ratio | quote }}
{{- end }}
RUN_WORKER: {{ not .Values.worker.enabled | quote }}
{{- if eq .Values.files.kind "s3" }}
FILES_URL: {{ required "files.s3.url is needed: s3://BUCKET/PREFIX (or files.kind: pvc)" .Values.files.s3.url | quote }}
{{- with .Values.files.s3.region }}
AWS_REGION: {{ . | quote }}
{{- end }}
{{- with .Values.files.s3.endpoint }}
AWS_ENDPOINT_URL_S3: {{ . | quote }}
{{- end }}
{{- if .Values.files.s3.existingSecret }}
AWS_ACCESS_KEY_ID_FILE: /etc/plaza/s3/AWS_ACCESS_KEY_ID
AWS_SECRET_ACCESS_KEY_FILE: /etc/plaza/s3/AWS_SECRET_ACCESS_KEY
{{- end }}
{{- else }}
FILES_URL: file:/srv/files
{{- end }}
{{- include "plaza.passwordSettings" . }}
{{- end }}

{{/* Those of `settings` as texts. Numbers of a file are floating-point ones: 268435456 would become 2.68435456e+08. */}}
{{- define "plaza.furtherSettings" -}}
{{- $texts := dict }}
{{- range $name, $value := .Values.settings }}
{{- $isWhole := and (kindIs "float64" $value) (eq (floor $value) $value) }}
{{- $_ := set $texts $name (ternary (printf "%.0f" $value) (toString $value) $isWhole) }}
{{- end }}
{{- toYaml $texts }}
{{- end }}

{{/* Settings without secrets, which are volumes and never variables. */}}
{{- define "plaza.settings" -}}
{{- merge (include "plaza.ownSettings" . | fromYaml) (include "plaza.furtherSettings" . | fromYaml) | toYaml }}
{{- end }}

{{/* The port that an address leads to: (list "http://collector:4318/some/path" 80) */}}
{{- define "plaza.portOf" -}}
{{- $host := regexFind "^[^/?#]*" (regexReplaceAll "^[a-z0-9]+://([^/?#]*@)?" (index . 0) "") }}
{{- default (index . 1) (regexFind ":[0-9]+$" $host | trimPrefix ":") }}
{{- end }}

{{- define "plaza.httpPortOf" -}}
{{- include "plaza.portOf" (list . (ternary 443 80 (hasPrefix "https:" .))) }}
{{- end }}

{{- define "plaza.passwordSettings" -}}
{{- if include "plaza.databaseSecret" . }}
DATABASE_PASSWORD_FILE: /etc/plaza/database/password
{{- end }}
{{- if include "plaza.redisSecret" . }}
REDIS_PASSWORD_FILE: /etc/plaza/redis/password
{{- end }}
{{- end }}

{{- define "plaza.volumes" -}}
- name: data
  emptyDir: { sizeLimit: 64Mi }
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
- name: key
  secret:
    secretName: {{ include "plaza.keySecret" . }}
    defaultMode: 0400
    items: [{ key: {{ .Values.serverKey.existingSecretKey }}, path: key_x25519 }]
{{- with include "plaza.databaseSecret" . }}
- name: database
  secret:
    secretName: {{ . }}
    defaultMode: 0400
    items: [{ key: {{ include "plaza.databaseSecretKey" $ }}, path: password }]
{{- end }}
{{- with include "plaza.redisSecret" . }}
- name: redis
  secret:
    secretName: {{ . }}
    defaultMode: 0400
    items: [{ key: {{ include "plaza.redisSecretKey" $ }}, path: password }]
{{- end }}
{{- if eq .Values.files.kind "pvc" }}
- name: files
  persistentVolumeClaim: { claimName: {{ .Values.files.pvc.existingClaim | default (printf "%s-files" (include "plaza.name" .)) }} }
{{- else if .Values.files.s3.existingSecret }}
- name: s3
  secret: { secretName: {{ .Values.files.s3.existingSecret }}, defaultMode: 0400 }
{{- end }}
{{- include "plaza.furtherVolumes" . }}
{{- end }}

{{- define "plaza.furtherVolumes" -}}
{{- with .Values.trustedCa.existingSecret }}
- name: trusted-ca
  secret:
    secretName: {{ . }}
    defaultMode: 0400
    items: [{ key: {{ $.Values.trustedCa.existingSecretKey }}, path: ca.crt }]
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "plaza.mounts" -}}
- { name: data, mountPath: /data }
- { name: tmp, mountPath: /tmp }
- { name: key, mountPath: /etc/plaza/key, readOnly: true }
{{- if include "plaza.databaseSecret" . }}
- { name: database, mountPath: /etc/plaza/database, readOnly: true }
{{- end }}
{{- if include "plaza.redisSecret" . }}
- { name: redis, mountPath: /etc/plaza/redis, readOnly: true }
{{- end }}
{{- if eq .Values.files.kind "pvc" }}
- { name: files, mountPath: /srv/files }
{{- else if .Values.files.s3.existingSecret }}
- { name: s3, mountPath: /etc/plaza/s3, readOnly: true }
{{- end }}
{{- include "plaza.furtherMounts" . }}
{{- end }}

{{- define "plaza.furtherMounts" -}}
{{- if .Values.trustedCa.existingSecret }}
- { name: trusted-ca, mountPath: /etc/plaza/trusted-ca, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Node's own variable: certificates that count beside those of the usual authorities, for whatever is reached by TLS. */}}
{{- define "plaza.furtherVariables" -}}
{{- if .Values.trustedCa.existingSecret }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/plaza/trusted-ca/ca.crt }
{{- end }}
{{- end }}

{{- define "plaza.environment" -}}
envFrom:
  - configMapRef: { name: {{ include "plaza.name" . }} }
  {{- range .Values.settingsSecrets }}
  - secretRef: { name: {{ . }} }
  {{- end }}
{{- with include "plaza.furtherVariables" . }}
env: {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The container and what is around it: (list $ "api") */}}
{{- define "plaza.container" -}}
{{- $ := index . 0 }}{{- $part := index . 1 }}
- name: {{ $part }}
  image: {{ include "plaza.image" $ }}
  imagePullPolicy: {{ $.Values.image.pullPolicy }}
  args: [{{ $part }}]
  securityContext: {{- include "plaza.containerSecurity" $ | nindent 4 }}
  {{- include "plaza.environment" $ | nindent 2 }}
  resources: {{- toYaml (index $.Values $part).resources | nindent 4 }}
  volumeMounts: {{- include "plaza.mounts" $ | nindent 4 }}
{{- end }}

{{- define "plaza.podTail" -}}
{{- $ := index . 0 }}{{- $part := index . 1 }}{{- $own := index $.Values $part }}
{{- with $.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "plaza.selector" (list $ $part) | nindent 8 }}
  {{- end }}
volumes: {{- include "plaza.volumes" $ | nindent 2 }}
{{- end }}

{{- define "plaza.podHead" -}}
{{- $ := index . 0 }}{{- $part := index . 1 }}
metadata:
  labels: {{- include "plaza.labels" . | nindent 4 }}
  annotations:
    # New settings are new pods.
    checksum/settings: {{ include "plaza.settings" $ | sha256sum }}
    {{- with include "plaza.ownPasswords" $ }}
    # And new passwords. So short that it tells nothing of use about them.
    checksum/passwords: {{ sha256sum . | trunc 6 | quote }}
    {{- end }}
    {{- with (index $.Values $part).podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
