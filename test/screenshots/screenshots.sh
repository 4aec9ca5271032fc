#!/usr/bin/env bash
# The pictures of the guide: the recorded day is replayed into a centre of its own,
# and Chromium takes its main pages. usage: screenshots.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: screenshots.sh FOLDER}
chromium=${LACHAN_CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
[ -n "$chromium" ] || { echo 'Chromium is not installed (Debian: apt-get install chromium)' >&2; exit 1; }
mkdir -p "$out"

work=$(mktemp -d)
http=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
: >"$work/out"
"${LACHAN_BIN:-bin/lachan}" demo --listen "127.0.0.1:$http" --data "$work/data" >"$work/out" 2>"$work/log" &
server=$!
cleanup() {
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
until grep -q 'Still running' "$work/out"; do
	kill -0 "$server" 2>/dev/null || { cat "$work/out" "$work/log" >&2; exit 1; }
	sleep 0.5
done
password=$(sed -nE 's/.*one-time password: +([^ ]+)$/\1/p' "$work/out" | head -n 1)

LACHAN_URL="http://127.0.0.1:$http" LACHAN_ADMIN_PASSWORD="$password" LACHAN_CHROMIUM="$chromium" LACHAN_FACTOR="$work/factor.json" \
	node test/screenshots/screenshots.mjs "$out"
