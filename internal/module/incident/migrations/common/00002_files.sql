-- +goose Up
CREATE TABLE incident_files (
    id           TEXT PRIMARY KEY,
    incident     TEXT NOT NULL,
    name         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    sha256       TEXT NOT NULL,
    declared     TEXT NOT NULL, -- what the name says it is; empty: nothing known
    detected     TEXT NOT NULL, -- what the bytes say
    mismatch     BOOLEAN NOT NULL,
    tlp          TEXT NOT NULL,
    note         TEXT NOT NULL,
    added_at     BIGINT NOT NULL,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL,
    checked_at   BIGINT NOT NULL,
    intact       BOOLEAN NOT NULL,
    destroyed_at BIGINT NOT NULL
);
CREATE INDEX incident_files_of ON incident_files (incident, added_at);
CREATE INDEX incident_files_sum ON incident_files (sha256);

-- Nothing is ever changed or removed here.
CREATE TABLE incident_custody (
    id       TEXT PRIMARY KEY,
    file     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT NOT NULL, -- received, opened, downloaded, copied, checked, handed-over, returned, destroyed
    whom     TEXT NOT NULL, -- who has it from then on, of what was handed over or returned
    why      TEXT NOT NULL,
    intact   BOOLEAN NOT NULL, -- the bytes were those of the hash
    found    TEXT NOT NULL,    -- the hash of the bytes; empty: there were none
    by_id    TEXT NOT NULL,
    by_name  TEXT NOT NULL
);
CREATE INDEX incident_custody_of ON incident_custody (file, at);
