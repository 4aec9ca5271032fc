lachan relay enrol --data /var/lib/lachan-relay --centre '{{.Base}}'{{if .TLS}} --ca {{.CA}}{{end}}
{{- if .Certificate}} --cert {{.Cert}} --key {{.Key}}{{else}} --token '{{.Token}}'{{end}}
lachan relay run --data /var/lib/lachan-relay
