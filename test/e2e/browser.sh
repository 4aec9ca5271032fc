#!/usr/bin/env bash
# The browser journeys against the real binary. console.spec.mjs sets up a server: its
# password, its second factor, its first events. Every other journey of
# ${SPECS:-test/e2e/*.spec.mjs} has a server of its own that begins with a copy of that
# one's folder, so none can rely on what another left behind, and LANES of them go side
# by side, since they wait more than they work. One that fails is tried again with the
# machine to itself, and named: what passes then was too slow, not wrong. Skips, saying
# so, where Chromium is not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
chromium=${LACHAN_CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
if [ -z "$chromium" ]; then
	echo 'browser tests skipped: Chromium is not installed (Debian: apt-get install chromium)'
	exit 0
fi

first=test/e2e/console.spec.mjs
work=$(mktemp -d)
# The long ones come first, so that no lane ends with them alone.
ls -1 ${SPECS:-test/e2e/*.spec.mjs} | grep -v "^$first\$" |
	awk '{ print (/everypage|notify|triage/ ? 0 : 1), $0 }' | sort -s -k1,1n | cut -d' ' -f2 >"$work/queue" || true
: >"$work/failed"

cleanup() {
	trap - EXIT
	kill $(jobs -p) 2>/dev/null || true
	wait || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

# The next spec of the queue, taken out of it.
next() {
	flock "$work/queue.lock" bash -c 'head -n 1 "$0"; sed -i 1d "$0"' "$work/queue"
}

# ready PORT asks a server whether it is; false while nobody listens.
ready() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3 && head -n 1 <&3 | grep -q ' 200 ') 2>/dev/null
}

# serve HOME starts a server on free ports over the folder HOME/data and returns when
# it is ready; $server is its process.
serve() {
	local home=$1 http syslog
	http=$(port)
	syslog=$(port)
	cat >"$home/lachan.yml" <<-EOF2
		http: {listen: '127.0.0.1:$http'}
		notifications: {allowedNetworks: [127.0.0.0/8], gather: 1s, pace: 1s}
		inputs:
		  - {kind: syslog, tcp: ['127.0.0.1:$syslog']}
	EOF2
	"${LACHAN_BIN:-bin/lachan}" serve --data "$home/data" --config "$home/lachan.yml" >"$home/out" 2>"$home/log" &
	server=$!
	export LACHAN_URL="http://127.0.0.1:$http" LACHAN_SYSLOG="127.0.0.1:$syslog" LACHAN_FACTOR="$home/factor.json" \
		LACHAN_CHROMIUM="$chromium" LACHAN_NEW_PASSWORD="rung-bien-nui-song-$$"
	for _ in $(seq 600); do
		if ready "$http" && { [ -e "$home/factor.json" ] || grep -q 'one-time password' "$home/out"; }; then return 0; fi
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	echo 'the server did not start'
	cat "$home/log"
	return 1
}

# The one-time password of the server over HOME; any word where it was used up.
one_time() { sed -nE 's/.*one-time password: +([^ ]+)$/\1/p' "$1/out" | grep . || echo used; }

# journey HOME SPEC runs a spec against the server over HOME and stops the server.
# What it says is printed in one piece.
journey() {
	local home=$1 spec=$2 result=0 server=''
	if serve "$home" >"$home/said"; then
		LACHAN_ADMIN_PASSWORD=$(one_time "$home") node --test --test-concurrency=1 --test-reporter=spec "$spec" >>"$home/said" 2>&1 || result=1
	else
		result=1
	fi
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	[ "$result" = 0 ] || { echo "the server of $spec said last:"; tail -n 40 "$home/log"; } >>"$home/said"
	flock "$work/print.lock" cat "$home/said"
	return "$result"
}

# from_first NAME SPEC runs a spec over a copy of what the first journey left.
from_first() {
	local home=$work/$1 result=0
	mkdir "$home"
	cp -R --sparse=always "$work/first/data" "$work/first/factor.json" "$home"
	journey "$home" "$2" || result=1
	rm -rf "$home"
	return "$result"
}

lane() {
	local spec
	trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
	trap 'exit 1' TERM
	while spec=$(next) && [ -n "$spec" ]; do
		from_first "lane-$1" "$spec" || echo "$spec" >>"$work/failed"
	done
}

mkdir "$work/first"
journey "$work/first" "$first" || { echo "failed: $first"; exit 1; }
[ -e "$work/first/factor.json" ] || { echo "$first was skipped: it kept no second factor"; exit 1; }

running=()
for n in $(seq "${LANES:-3}"); do
	lane "$n" &
	running+=($!)
done
for pid in "${running[@]}"; do wait "$pid" || true; done

result=0
while read -r spec; do
	echo "once more, alone: $spec"
	from_first again "$spec" || { result=1; echo "failed twice: $spec"; }
done <"$work/failed"
[ ! -s "$work/failed" ] || { echo 'failed beside others:'; cat "$work/failed"; }
[ ! -s "$work/queue" ] || { echo 'not run:'; cat "$work/queue"; result=1; }
exit "$result"
