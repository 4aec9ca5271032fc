-- +goose Up
-- What people write of a layer, of a unit or of one of its systems.
CREATE TABLE readiness_layers (
    kind    TEXT NOT NULL, -- unit or system
    subject TEXT NOT NULL,
    layer   BIGINT NOT NULL,
    unit    TEXT NOT NULL,
    facts   TEXT NOT NULL, -- JSON
    by_id   TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at      BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, layer)
);
CREATE INDEX readiness_layers_unit ON readiness_layers (unit);

-- When a unit's feeds were last heard.
CREATE TABLE readiness_feeds (
    unit       TEXT PRIMARY KEY,
    monitoring BIGINT NOT NULL,
    malware    BIGINT NOT NULL,
    at         BIGINT NOT NULL
);

-- Decisions that let a system into operation though something stands against it.
CREATE TABLE readiness_overrides (
    id         TEXT PRIMARY KEY,
    system     TEXT NOT NULL,
    code       TEXT NOT NULL,
    title      TEXT NOT NULL,
    unit       TEXT NOT NULL,
    operator   TEXT NOT NULL,
    missing    TEXT NOT NULL, -- JSON list of what stood against it
    decider    TEXT NOT NULL,
    document   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    until      TEXT NOT NULL, -- the last day
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    at         BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    ended_by   TEXT NOT NULL,
    end_reason TEXT NOT NULL,
    told       BIGINT NOT NULL -- 1: that it ends soon, 2: that it ended
);
CREATE INDEX readiness_overrides_system ON readiness_overrides (system, at);
CREATE INDEX readiness_overrides_open ON readiness_overrides (ended_at, until);

-- The list of systems critical to national security.
CREATE TABLE readiness_criticals (
    system   TEXT PRIMARY KEY,
    code     TEXT NOT NULL,
    title    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    operator TEXT NOT NULL,
    state    TEXT NOT NULL, -- nominated, listed, removed
    steps    TEXT NOT NULL, -- JSON
    year     BIGINT NOT NULL, -- the last year whose self-check was asked for
    version  BIGINT NOT NULL
);
