#!/usr/bin/env bash
# Checks our dependencies against the Go and npm vulnerability databases. A finding
# fails; a database that cannot be reached is said and passed over.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$(mktemp)
trap 'rm -f "$out"' EXIT
if go tool -modfile=tools/go.mod govulncheck ./... >"$out" 2>&1; then
	echo 'govulncheck: no known vulnerability is reached'
elif grep -qiE 'vulnerabilit(y|ies) (was|were) found|Your code is affected|^Vulnerability #' "$out"; then
	cat "$out"
	exit 1
else
	echo "govulncheck: the database could not be read, not checked: $(grep -v '^$' "$out" | tail -n 1 | cut -c1-160)"
fi

cd web
if npm audit --audit-level=high >"$out" 2>&1; then
	echo 'npm audit: no vulnerability of level high or above'
elif grep -qE '^found|vulnerabilit(y|ies)$|Severity:' "$out"; then
	cat "$out"
	exit 1
else
	echo "npm audit: the database could not be read, not checked"
fi
