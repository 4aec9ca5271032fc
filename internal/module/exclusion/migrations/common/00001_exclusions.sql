-- +goose Up
CREATE TABLE exclusions (
    id            TEXT PRIMARY KEY,
    title         TEXT NOT NULL,
    unit          TEXT NOT NULL,
    rules         TEXT NOT NULL, -- JSON array of ids or names
    filter        TEXT NOT NULL, -- the Sigma filter document
    reason        TEXT NOT NULL,
    state         TEXT NOT NULL,
    days          BIGINT NOT NULL,
    alert_id      TEXT NOT NULL,
    proposed_by   TEXT NOT NULL,
    proposed_name TEXT NOT NULL,
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT NOT NULL,
    decided_name  TEXT NOT NULL,
    decided_at    BIGINT NOT NULL,
    decision      TEXT NOT NULL,
    expires_at    BIGINT NOT NULL, -- 0 until it is approved
    ended_at      BIGINT NOT NULL,
    reminded_at   BIGINT NOT NULL,
    hits          BIGINT NOT NULL,
    last_hit      BIGINT NOT NULL,
    last_event    TEXT NOT NULL,
    version       BIGINT NOT NULL,
    search_text   TEXT NOT NULL
);
CREATE INDEX exclusions_state ON exclusions (state, expires_at);
CREATE INDEX exclusions_unit ON exclusions (unit, proposed_at);
