-- +goose Up
CREATE TABLE drills (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    plan       TEXT NOT NULL, -- JSON, with the injects as they were done
    created_at BIGINT NOT NULL,
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX drills_newest ON drills (created_at, id);
CREATE INDEX drills_state ON drills (state, created_at);

CREATE TABLE drill_units (
    drill   TEXT NOT NULL,
    unit    TEXT NOT NULL,
    running BOOLEAN NOT NULL,
    PRIMARY KEY (drill, unit)
);
CREATE INDEX drill_units_of ON drill_units (unit);
-- A unit takes part in one running exercise at most.
CREATE UNIQUE INDEX drill_units_running ON drill_units (unit) WHERE running;

-- Which exercise heard of a matter first.
CREATE TABLE drill_matters (
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    drill        TEXT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id)
);

CREATE TABLE drill_log (
    id    TEXT PRIMARY KEY,
    drill TEXT NOT NULL,
    fact  TEXT NOT NULL,
    at    BIGINT NOT NULL,
    line  TEXT NOT NULL -- JSON
);
-- A fact may be told twice.
CREATE UNIQUE INDEX drill_log_once ON drill_log (fact);
CREATE INDEX drill_log_of ON drill_log (drill, at, id);
