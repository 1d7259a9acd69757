{{/* Names and labels. A server's name is chat, notify or delivery. */}}
{{- define "fechatter.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "fechatter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/name: fechatter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fechatter.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "fechatter.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "fechatter.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "fechatter.ports" -}}
{chat: 6688, notify: 6687, delivery: 6686}
{{- end }}

{{/* Of a pod, and of each container: Kubernetes' level `restricted`. */}}
{{- define "fechatter.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "fechatter.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* app.yaml: what this chart decides, over it what config says. */}}
{{- define "fechatter.settings" -}}
{{- $own := dict
    "mode" "production"
    "data_dir" "/var/lib/fechatter"
    "server" (dict "host" "0.0.0.0" "public_url" .Values.publicUrl "drain_seconds" .Values.chat.drainSeconds "trusted_proxies" .Values.ingress.trustedProxies)
    "notify" (dict "host" "0.0.0.0" "public_url" .Values.publicUrl "drain_seconds" .Values.notify.drainSeconds "chat_url" (printf "http://%s-chat:6688" (include "fechatter.name" .)))
    "delivery" (dict "host" "0.0.0.0" "drain_seconds" .Values.delivery.drainSeconds)
    "log" (dict "format" "json") }}
{{- if .Values.nats.servers }}
{{- $nats := dict "servers" .Values.nats.servers "subject" .Values.nats.subject }}
{{- if .Values.nats.user }}
{{- $_ := set $nats "user" .Values.nats.user }}
{{- $_ := set $nats "password_file" "/etc/fechatter/nats/password" }}
{{- end }}
{{- $_ := set $own "nats" $nats }}
{{- end }}
{{- toYaml (mergeOverwrite $own (deepCopy .Values.config)) }}
{{- end }}
