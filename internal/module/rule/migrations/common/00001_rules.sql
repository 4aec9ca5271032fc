-- +goose Up
-- Each text a rule was loaded with, written when it is first seen and when it
-- changes; and the rules people have switched off, for a unit and those below it.
CREATE TABLE rule_versions (
    id        TEXT PRIMARY KEY,
    rule_id   TEXT NOT NULL,
    hash      TEXT NOT NULL,
    loaded_at BIGINT NOT NULL,
    by_name   TEXT NOT NULL,
    pack      TEXT NOT NULL,
    file      TEXT NOT NULL,
    title     TEXT NOT NULL,
    body      TEXT NOT NULL
);
CREATE INDEX rule_versions_rule ON rule_versions (rule_id, id);

CREATE TABLE rule_switches (
    rule_id TEXT NOT NULL,
    unit    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (rule_id, unit)
);
