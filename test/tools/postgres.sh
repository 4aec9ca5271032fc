# Sourced: start_postgres runs a private PostgreSQL in a temporary folder and sets
# LACHAN_TEST_POSTGRES; stop_postgres ends it. Without PostgreSQL both do nothing
# and the tests that need it skip.
start_postgres() {
	local bin
	bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
	[ -n "$bin" ] && [ -x "$bin/initdb" ] || { echo 'PostgreSQL is not installed: its store tests will skip'; return 0; }
	PGWORK=$(mktemp -d)
	local as=()
	if [ "$(id -u)" = 0 ]; then
		chown postgres "$PGWORK"
		as=(runuser -u postgres --)
	fi
	"${as[@]}" "$bin/initdb" -D "$PGWORK/data" -A trust -U lachan >/dev/null
	"${as[@]}" "$bin/pg_ctl" -D "$PGWORK/data" -w -l "$PGWORK/log" \
		-o "-k $PGWORK -c listen_addresses='' -c fsync=off -c max_connections=200" start >/dev/null
	PGBIN=$bin
	export LACHAN_TEST_POSTGRES="postgres:///postgres?host=$PGWORK&user=lachan&sslmode=disable"
}

stop_postgres() {
	[ -n "${PGWORK:-}" ] || return 0
	local as=()
	[ "$(id -u)" = 0 ] && as=(runuser -u postgres --)
	"${as[@]}" "$PGBIN/pg_ctl" -D "$PGWORK/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$PGWORK"
	PGWORK=
}
