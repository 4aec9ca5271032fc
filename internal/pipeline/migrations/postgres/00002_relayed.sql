-- +goose Up
-- Which blocks of other spools are stored: numbers from first to last of one run.
CREATE TABLE relayed_blocks (
	unit  TEXT NOT NULL,
	run   TEXT NOT NULL,
	first BIGINT NOT NULL,
	last  BIGINT NOT NULL,
	at    BIGINT NOT NULL,
	PRIMARY KEY (unit, run, first)
);

-- Parts of blocks of our own spool that were left out, since they had come before.
CREATE TABLE relayed_skipped (
	stream TEXT NOT NULL,
	seq    BIGINT NOT NULL,
	part   INTEGER NOT NULL,
	PRIMARY KEY (stream, seq, part)
);
