-- +goose Up
CREATE TABLE assessment_plans (
    id         TEXT PRIMARY KEY,
    year       BIGINT NOT NULL,
    state      TEXT NOT NULL,
    body       TEXT NOT NULL, -- JSON, with the items
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE UNIQUE INDEX assessment_plans_year ON assessment_plans (year);

CREATE TABLE assessment_visits (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL,
    unit       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    starts_at  BIGINT NOT NULL,
    body       TEXT NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE UNIQUE INDEX assessment_visits_code ON assessment_visits (code);
CREATE INDEX assessment_visits_start ON assessment_visits (starts_at, id);
CREATE INDEX assessment_visits_unit ON assessment_visits (unit, starts_at);

CREATE TABLE assessment_findings (
    id         TEXT PRIMARY KEY,
    visit      TEXT NOT NULL,
    unit       TEXT NOT NULL,
    state      TEXT NOT NULL,
    due        TEXT NOT NULL,
    body       TEXT NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX assessment_findings_visit ON assessment_findings (visit, id);
CREATE INDEX assessment_findings_unit ON assessment_findings (unit, state, due);

CREATE TABLE assessment_numbers (
    series TEXT PRIMARY KEY,
    last   BIGINT NOT NULL
);
