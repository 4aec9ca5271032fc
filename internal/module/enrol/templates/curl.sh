curl --fail {{if .TLS}}--cacert {{.CA}} {{end}}-H 'Authorization: Bearer {{.Token}}' \
  -H 'Content-Type: application/x-ndjson' \
  --data-binary '{"message":"Xin chào Lá Chắn","program":"thu"}' '{{.URL}}'
