-- +goose Up
-- Which blocks of other spools are stored: numbers from first to last of one run.
CREATE TABLE relayed_blocks (
	unit  TEXT NOT NULL,
	run   TEXT NOT NULL,
	first INTEGER NOT NULL,
	last  INTEGER NOT NULL,
	at    INTEGER NOT NULL,
	PRIMARY KEY (unit, run, first)
) WITHOUT ROWID;

-- Parts of blocks of our own spool that were left out, since they had come before.
CREATE TABLE relayed_skipped (
	stream TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	part   INTEGER NOT NULL,
	PRIMARY KEY (stream, seq, part)
) WITHOUT ROWID;
