-- +goose Up
-- Relays as they last reported; one row a credential.
CREATE TABLE relays (
	id             TEXT PRIMARY KEY,
	unit           TEXT NOT NULL,
	host           TEXT NOT NULL,
	version        TEXT NOT NULL,
	peer           TEXT NOT NULL,
	first_contact  BIGINT NOT NULL,
	last_contact   BIGINT NOT NULL,
	offset_ms      BIGINT NOT NULL,
	backlog_blocks BIGINT NOT NULL,
	backlog_bytes  BIGINT NOT NULL,
	oldest         BIGINT NOT NULL,
	spool_max      BIGINT NOT NULL,
	disk_free      BIGINT NOT NULL,
	disk_total     BIGINT NOT NULL,
	when_full      TEXT NOT NULL,
	refusing       INTEGER NOT NULL,
	blocks         BIGINT NOT NULL,
	events         BIGINT NOT NULL,
	retired        INTEGER NOT NULL
);

-- Events that a relay had taken and dropped.
CREATE TABLE relay_gaps (
	id       TEXT PRIMARY KEY,
	relay    TEXT NOT NULL,
	unit     TEXT NOT NULL,
	reason   TEXT NOT NULL,
	from_at  BIGINT NOT NULL,
	to_at    BIGINT NOT NULL,
	blocks   BIGINT NOT NULL,
	events   BIGINT NOT NULL,
	bytes    BIGINT NOT NULL,
	noted_at BIGINT NOT NULL
);
CREATE INDEX relay_gaps_relay ON relay_gaps (relay, noted_at);

-- Public keys that sign bundles, and whose they are.
CREATE TABLE bundle_keys (
	key      TEXT PRIMARY KEY,
	relay    TEXT NOT NULL,
	unit     TEXT NOT NULL,
	added_at BIGINT NOT NULL,
	retired  INTEGER NOT NULL
);

-- Bundles that were imported, wholly or in part.
CREATE TABLE bundles (
	id          TEXT PRIMARY KEY,
	relay       TEXT NOT NULL,
	unit        TEXT NOT NULL,
	imported_by TEXT NOT NULL,
	started_at  BIGINT NOT NULL,
	done_at     BIGINT NOT NULL,
	blocks      BIGINT NOT NULL,
	events      BIGINT NOT NULL,
	from_at     BIGINT NOT NULL,
	to_at       BIGINT NOT NULL
);
