-- +goose Up
CREATE TABLE system_numbers (
    series TEXT PRIMARY KEY,
    last   BIGINT NOT NULL
);

CREATE TABLE systems (
    id          TEXT PRIMARY KEY,
    number      BIGINT NOT NULL, -- of the code HT-0001
    name        TEXT NOT NULL,
    type        TEXT NOT NULL,
    unit        TEXT NOT NULL, -- the owner
    operator    TEXT NOT NULL, -- a unit; '' where an outside party operates it
    level       BIGINT NOT NULL, -- approved; 0 not yet
    proposed    BIGINT NOT NULL,
    state       TEXT NOT NULL,
    critical    BOOLEAN NOT NULL,
    facts       TEXT NOT NULL, -- JSON, all that people wrote
    search_text TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    updated_by  TEXT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX systems_number ON systems (number);
CREATE INDEX systems_unit ON systems (unit, number);
CREATE INDEX systems_operator ON systems (operator, number);

CREATE TABLE system_changes (
    id     TEXT PRIMARY KEY,
    system TEXT NOT NULL,
    at     BIGINT NOT NULL,
    by_id  TEXT NOT NULL,
    by_name TEXT NOT NULL,
    field  TEXT NOT NULL,
    was    TEXT NOT NULL,
    is_now TEXT NOT NULL
);
CREATE INDEX system_changes_of ON system_changes (system, id);
