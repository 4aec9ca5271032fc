-- +goose Up
-- Of each source, in the transaction that stores its events: two slots of hours
-- (the newest and the one before it that had events), the longest pause that
-- ended in each, and how far its clock was off in its newest batch.
ALTER TABLE sources ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN hour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN hour_events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN hour_unparsed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN hour_pause BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN hour_paused_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN prev_hour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN prev_events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN prev_unparsed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN prev_pause BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN prev_paused_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skew BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skew_at BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX sources_id ON sources (id) WHERE id <> '';

-- What the worker makes of it, and what people set. Never written by a commit.
CREATE TABLE source_health (
    id             TEXT PRIMARY KEY,
    learned_to     BIGINT NOT NULL,            -- hours before it are learned
    profile        BYTEA,
    recent         BYTEA,
    state          TEXT NOT NULL DEFAULT '{}', -- JSON: rhythm, volume, share
    score          DOUBLE PRECISION NOT NULL DEFAULT 0,
    due            BIGINT NOT NULL DEFAULT 0,  -- when it will count as silent …
    due_for        BIGINT NOT NULL DEFAULT 0,  -- … if it was last heard then
    silent_since   BIGINT NOT NULL DEFAULT 0,
    volume_since   BIGINT NOT NULL DEFAULT 0,
    skew_since     BIGINT NOT NULL DEFAULT 0,  -- off since; a problem after a while
    skew_problem   BIGINT NOT NULL DEFAULT 0,
    unparsed_since BIGINT NOT NULL DEFAULT 0,
    silent_after   BIGINT NOT NULL DEFAULT 0,  -- seconds, set by a person
    silent_fixed   BOOLEAN NOT NULL DEFAULT FALSE,
    muted_at       BIGINT NOT NULL DEFAULT 0,
    muted_until    BIGINT NOT NULL DEFAULT 0,
    muted_by       TEXT NOT NULL DEFAULT '',
    mute_reason    TEXT NOT NULL DEFAULT '',
    mute_silence   BOOLEAN NOT NULL DEFAULT FALSE -- nothing at all is expected
);
CREATE INDEX source_health_score ON source_health (score);

-- Signals that are raised and not settled; of those about many senders, which.
CREATE TABLE source_signals (
    kind  TEXT NOT NULL,
    unit  TEXT NOT NULL,
    about TEXT NOT NULL,
    since BIGINT NOT NULL,
    crowd TEXT NOT NULL DEFAULT '', -- the trouble they share
    input TEXT NOT NULL DEFAULT '',
    severity TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, unit, about)
);

-- When the judge last looked, and when the centre could not hear.
CREATE TABLE source_watch (
    id      INTEGER PRIMARY KEY,
    looked  BIGINT NOT NULL,
    outages TEXT NOT NULL
);

-- The last measurement of each day.
CREATE TABLE disk_use (
    part  TEXT NOT NULL,   -- lake, spool, database
    day   BIGINT NOT NULL, -- beginning of the day, UTC
    at    BIGINT NOT NULL,
    used  BIGINT NOT NULL,
    PRIMARY KEY (part, day)
);
