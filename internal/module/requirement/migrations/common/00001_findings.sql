-- +goose Up
CREATE TABLE requirement_findings (
    id           TEXT PRIMARY KEY,
    unit         TEXT NOT NULL,
    grp          TEXT NOT NULL,
    code         TEXT NOT NULL,
    level        BIGINT NOT NULL,
    systems      TEXT NOT NULL, -- JSON list of names
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    subject      TEXT NOT NULL,
    drill        BOOLEAN NOT NULL,
    state        TEXT NOT NULL,
    is_open      BOOLEAN NOT NULL,
    since        BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
-- A matter speaks once against a group.
CREATE UNIQUE INDEX requirement_findings_once ON requirement_findings (subject_kind, subject_id, grp);
CREATE INDEX requirement_findings_unit ON requirement_findings (unit, is_open, since);
CREATE INDEX requirement_findings_open ON requirement_findings (is_open, since);

CREATE TABLE requirement_steps (
    id         TEXT PRIMARY KEY,
    finding    TEXT NOT NULL,
    verb       TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    note       TEXT NOT NULL,
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX requirement_steps_of ON requirement_steps (finding, at);
