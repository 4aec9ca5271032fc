-- +goose Up
-- People, shifts, contacts, call-ups, asks and hand-overs: a few hundred of each in
-- a province, read whole, so one table with what they are looked for by.
CREATE TABLE coordination_records (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL, -- person, shift, contact, call, ask, handover
    unit         TEXT NOT NULL, -- whose it is
    other        TEXT NOT NULL, -- the unit that is asked or takes over, ''
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    is_open      BOOLEAN NOT NULL,
    at           BIGINT NOT NULL, -- what it is ordered by
    until        BIGINT NOT NULL, -- the end of a shift
    next_look    BIGINT NOT NULL, -- when it is to be looked at by itself; 0 never
    search_text  TEXT NOT NULL,
    version      BIGINT NOT NULL,
    body         TEXT NOT NULL  -- JSON
);
CREATE INDEX coordination_records_unit ON coordination_records (kind, unit, at);
CREATE INDEX coordination_records_other ON coordination_records (kind, other, at);
CREATE INDEX coordination_records_subject ON coordination_records (subject_kind, subject_id, kind);
CREATE INDEX coordination_records_look ON coordination_records (next_look);
