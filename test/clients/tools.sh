#!/bin/bash
# Fetches the clients of `make e2e-clients` from Debian and PyPI. rsyslog and syslog-ng
# cannot be installed side by side there, so both are unpacked into bin/clients.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
apt-get update -qq
apt-get install -y --no-install-recommends curl bsdutils python3-venv nginx-light postgresql softflowd
mkdir -p bin/clients/packages
(cd bin/clients/packages && apt-get download rsyslog rsyslog-gnutls rsyslog-elasticsearch libestr0 libfastjson4 liblognorm5 \
	syslog-ng-core syslog-ng-scl syslog-ng-mod-http libivykis0 libnet1)
for package in bin/clients/packages/*.deb; do
	dpkg -x "$package" bin/clients
done
python3 -m venv bin/clients/python
bin/clients/python/bin/pip install --quiet elasticsearch==8.15.1
