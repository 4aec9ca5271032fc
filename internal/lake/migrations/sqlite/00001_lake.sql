-- +goose Up
CREATE TABLE lake_segment (
	id           TEXT PRIMARY KEY,
	level        INTEGER NOT NULL,
	skewed       BOOLEAN NOT NULL,
	state        TEXT NOT NULL,
	reason       TEXT NOT NULL,
	min_time     BIGINT NOT NULL,
	max_time     BIGINT NOT NULL,
	min_received BIGINT NOT NULL,
	max_received BIGINT NOT NULL,
	min_id       TEXT NOT NULL,
	max_id       TEXT NOT NULL,
	row_count    BIGINT NOT NULL,
	byte_count   BIGINT NOT NULL,
	sha256       TEXT NOT NULL,
	units        TEXT NOT NULL,
	field_list   TEXT NOT NULL,
	created_at   BIGINT NOT NULL
);
CREATE TABLE lake_block (
	stream    TEXT NOT NULL,
	seq       BIGINT NOT NULL,
	events    BIGINT NOT NULL,
	unparsed  BIGINT NOT NULL,
	stored_at BIGINT NOT NULL,
	PRIMARY KEY (stream, seq)
);
CREATE TABLE lake_segment_block (
	segment_id TEXT NOT NULL,
	stream     TEXT NOT NULL,
	seq        BIGINT NOT NULL,
	PRIMARY KEY (segment_id, stream, seq)
);
CREATE INDEX lake_segment_block_seq ON lake_segment_block (stream, seq);
CREATE TABLE lake_deletion (
	segment_id TEXT PRIMARY KEY,
	reason     TEXT NOT NULL,
	row_count  BIGINT NOT NULL,
	byte_count BIGINT NOT NULL,
	min_time   BIGINT NOT NULL,
	max_time   BIGINT NOT NULL,
	units      TEXT NOT NULL,
	deleted_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE lake_deletion;
DROP TABLE lake_segment_block;
DROP TABLE lake_block;
DROP TABLE lake_segment;
