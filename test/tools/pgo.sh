#!/usr/bin/env bash
# Writes cmd/lachan/default.pgo: what a binary without a profile is busy with
# while the rule engine and a whole server are measured. `go build` uses it by
# itself. To be made anew when the hot path has changed much.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${LACHAN_TESTDATA:-../shared/data}
[ -d "$data/sigma/rules" ] || { echo "skipped: the test data is not here; set LACHAN_TESTDATA to its folder"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -trimpath -pgo=off -o "$work/lachan" ./cmd/lachan
sets=()
for set in windows-attack windows-estate lane-structured-windows; do sets+=("$data/ndjson/$set.ndjson.gz"); done
mkdir "$work/profiles"
export LACHAN_CPUPROFILE="$work/profiles"
"$work/lachan" bench engine --rules "$data/sigma/rules" --evtx "$data/evtx" "${sets[@]}"
for set in windows-attack windows-estate; do
	"$work/lachan" bench --rules "$data/sigma/rules" --events 300000 --input "$data/ndjson/$set.ndjson.gz"
done
# -trimpath binaries name sources by import path: nothing of this machine is in it.
go tool pprof -proto "$work"/profiles/*.pprof >"$work/default.pgo"
mv "$work/default.pgo" cmd/lachan/default.pgo
ls -l cmd/lachan/default.pgo
