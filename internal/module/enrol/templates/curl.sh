curl {{if .TLS}}--cacert lachan-ca.pem {{end}}-H 'Authorization: Bearer {{.Token}}' \
  --data-binary '{"message":"Xin chào Lá Chắn"}' '{{.URL}}'
