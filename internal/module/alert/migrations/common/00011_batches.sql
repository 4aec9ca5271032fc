-- +goose Up
-- Changes of many alerts at once, which can be taken back for a while.
CREATE TABLE alert_batches (
    id        TEXT PRIMARY KEY,
    unit      TEXT NOT NULL, -- of who did it
    by_id     TEXT NOT NULL,
    by_name   TEXT NOT NULL,
    action    TEXT NOT NULL,
    at        BIGINT NOT NULL,
    matched   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    remaining BIGINT NOT NULL, -- not reached
    skipped   TEXT NOT NULL,   -- JSON object: code to count
    restored  BIGINT NOT NULL,
    undone_at BIGINT NOT NULL, -- 0: it stands
    undone_by TEXT NOT NULL
);
CREATE INDEX alert_batches_by ON alert_batches (by_id, id);

-- What each alert was before, and its version after; only as long as it can be
-- taken back.
CREATE TABLE alert_batch_items (
    batch_id TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    version  BIGINT NOT NULL,
    was      TEXT NOT NULL, -- JSON
    PRIMARY KEY (batch_id, alert_id)
);

-- Who took a step, by id: names change and are shared. And the batch it was part of.
ALTER TABLE alert_history ADD COLUMN by_id TEXT NOT NULL DEFAULT '';
ALTER TABLE alert_history ADD COLUMN batch TEXT NOT NULL DEFAULT '';

-- Reasons for closing that an administrator added, and what was changed about those
-- the product brings.
CREATE TABLE close_reasons (
    id       TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    text_vi  TEXT NOT NULL,
    text_en  TEXT NOT NULL,
    retired  BIGINT NOT NULL, -- when; 0: in use
    position BIGINT NOT NULL,
    version  BIGINT NOT NULL
);

-- SHA-256 of the text of the rule that raised the alert; '' for signals and for
-- alerts older than this.
ALTER TABLE alerts ADD COLUMN rule_hash TEXT NOT NULL DEFAULT '';
