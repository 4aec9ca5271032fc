#!/bin/sh
# Gia hạn chứng thư của Lá Chắn khi còn dưới 10 ngày; đặt vào cron mỗi ngày.
# Renews the certificate when less than 10 days are left; run it daily from cron.
set -eu
openssl x509 -noout -checkend 864000 -in {{.Cert}} && exit 0
umask 077
openssl req -new -key {{.Key}} -subj /CN=lachan -out {{.Cert}}.csr
printf '{"csr":"%s"}' "$(awk '{printf "%s\\n", $0}' {{.Cert}}.csr)" |
  curl --fail --silent --show-error --cacert {{.CA}} --cert {{.Cert}} --key {{.Key}} \
    -H 'Content-Type: application/json' --data-binary @- '{{.Base}}/api/v1/enrol/renew' |
  sed 's/.*"chain":"\([^"]*\)".*/\1/; s/\\n/\n/g' > {{.Cert}}.new
openssl verify -CAfile {{.CA}} {{.Cert}}.new
mv {{.Cert}}.new {{.Cert}}
rm -f {{.Cert}}.csr
