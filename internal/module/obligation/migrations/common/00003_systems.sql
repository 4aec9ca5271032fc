-- +goose Up
-- Which systems of the register a matter concerns.
CREATE TABLE obligation_systems (
    system       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    PRIMARY KEY (system, subject_kind, subject_id)
);
CREATE INDEX obligation_systems_of ON obligation_systems (subject_kind, subject_id);
