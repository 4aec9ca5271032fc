-- +goose Up
-- What the correlator was given, or its whole state instead of all before it.
CREATE TABLE correlation_journal (
	seq   BIGINT NOT NULL,
	part  INTEGER NOT NULL,
	whole BOOLEAN NOT NULL,
	body  BYTEA NOT NULL,
	PRIMARY KEY (seq, part)
);
