#!/usr/bin/env bash
# The browser journeys against the real binary: a server of its own on free ports
# and an empty folder, Chromium, ${SPECS:-test/e2e/*.spec.mjs}. Skips, saying so, where
# Chromium is not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
chromium=${LACHAN_CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
if [ -z "$chromium" ]; then
	echo 'browser tests skipped: Chromium is not installed (Debian: apt-get install chromium)'
	exit 0
fi

work=$(mktemp -d)
port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
http=$(port)
syslog=$(port)
cat >"$work/lachan.yml" <<EOF
http: {listen: '127.0.0.1:$http'}
notifications: {allowedNetworks: [127.0.0.0/8], gather: 1s, pace: 1s}
inputs:
  - {kind: syslog, tcp: ['127.0.0.1:$syslog']}
EOF
: >"$work/out" # a slow machine may look into it before the server has begun
"${LACHAN_BIN:-bin/lachan}" serve --data "$work/data" --config "$work/lachan.yml" >"$work/out" 2>"$work/log" &
server=$!
cleanup() {
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

# The password is printed last, after the node is ready.
password=
for _ in $(seq 600); do
	password=$(sed -nE 's/.*one-time password: +([^ ]+)$/\1/p' "$work/out" | head -n 1)
	[ -z "$password" ] || break
	kill -0 "$server" 2>/dev/null || break
	sleep 0.1
done
[ -n "$password" ] || { echo 'the server printed no one-time password'; cat "$work/log"; exit 1; }

LACHAN_URL="http://127.0.0.1:$http" LACHAN_ADMIN_PASSWORD="$password" LACHAN_SYSLOG="127.0.0.1:$syslog" LACHAN_CHROMIUM="$chromium" LACHAN_FACTOR="$work/factor.json" \
	LACHAN_NEW_PASSWORD="rung-bien-nui-song-$$" node --test --test-concurrency=1 --test-reporter=spec ${SPECS:-test/e2e/*.spec.mjs} 2>&1 || { tail -n 40 "$work/log"; exit 1; }
