-- +goose Up
-- What calls for the level of a system to be looked at anew, until somebody decides.
CREATE TABLE dossier_calls (
    id           TEXT PRIMARY KEY,
    system       TEXT NOT NULL,
    system_code  TEXT NOT NULL,
    system_name  TEXT NOT NULL,
    unit         TEXT NOT NULL, -- the owner
    operator     TEXT NOT NULL,
    trigger_id   TEXT NOT NULL,
    reason       TEXT NOT NULL,
    subject_kind TEXT NOT NULL, -- incident, connection, change, order
    subject_id   TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    at           BIGINT NOT NULL,
    state        TEXT NOT NULL, -- open, started, dismissed
    note         TEXT NOT NULL,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL,
    decided_at   BIGINT NOT NULL,
    dossier      TEXT NOT NULL, -- that was started
    version      BIGINT NOT NULL
);
-- A matter calls once for a system.
CREATE UNIQUE INDEX dossier_calls_once ON dossier_calls (system, trigger_id, subject_kind, subject_id);
CREATE INDEX dossier_calls_state ON dossier_calls (state, at);
CREATE INDEX dossier_calls_unit ON dossier_calls (unit, state, at);
