-- +goose Up
CREATE TABLE lake_chain (
	seq   BIGINT PRIMARY KEY,
	entry TEXT NOT NULL,
	hash  TEXT NOT NULL
);
CREATE TABLE lake_chain_head (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	seq  BIGINT NOT NULL,
	hash TEXT NOT NULL
);
INSERT INTO lake_chain_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE lake_chain_archive (
	first_seq BIGINT PRIMARY KEY,
	last_seq  BIGINT NOT NULL,
	last_hash TEXT NOT NULL,
	entries   BYTEA NOT NULL
);
ALTER TABLE lake_segment ADD COLUMN chain_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lake_deletion ADD COLUMN unit_counts TEXT NOT NULL DEFAULT '';
CREATE TABLE lake_hold (
	id             TEXT PRIMARY KEY,
	reason         TEXT NOT NULL,
	created_by     TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	units          TEXT NOT NULL,
	hosts          TEXT NOT NULL,
	query          TEXT NOT NULL,
	from_time      BIGINT NOT NULL,
	to_time        BIGINT NOT NULL,
	released_at    BIGINT NOT NULL,
	released_by    TEXT NOT NULL,
	release_reason TEXT NOT NULL
);
CREATE TABLE lake_verification (
	at     BIGINT PRIMARY KEY,
	report TEXT NOT NULL
);

-- +goose Down
DROP TABLE lake_verification;
DROP TABLE lake_hold;
ALTER TABLE lake_deletion DROP COLUMN unit_counts;
ALTER TABLE lake_segment DROP COLUMN chain_seq;
DROP TABLE lake_chain_archive;
DROP TABLE lake_chain_head;
DROP TABLE lake_chain;
