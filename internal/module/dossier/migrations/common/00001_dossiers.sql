-- +goose Up
CREATE TABLE dossiers (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE, -- HS-2026-0001
    system        TEXT NOT NULL,
    system_code   TEXT NOT NULL,
    system_name   TEXT NOT NULL,
    unit          TEXT NOT NULL, -- the owner
    operator      TEXT NOT NULL,
    operator_name TEXT NOT NULL,
    state         TEXT NOT NULL,
    is_open       BOOLEAN NOT NULL,
    level         BIGINT NOT NULL,
    clock         TEXT NOT NULL,
    due_at        BIGINT NOT NULL,
    late          BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    sent_at       BIGINT NOT NULL,
    judged_at     BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL,
    number        TEXT NOT NULL, -- of the decision
    number_date   TEXT NOT NULL,
    issuer        TEXT NOT NULL,
    body          TEXT NOT NULL, -- JSON, the rest
    version       BIGINT NOT NULL,
    search_text   TEXT NOT NULL
);
-- A system has one open dossier at most.
CREATE UNIQUE INDEX dossiers_open_one ON dossiers (system) WHERE is_open;
CREATE INDEX dossiers_system ON dossiers (system, created_at);
CREATE INDEX dossiers_changed ON dossiers (changed_at, id);
CREATE INDEX dossiers_unit ON dossiers (unit, changed_at);
CREATE INDEX dossiers_due ON dossiers (is_open, due_at);

CREATE TABLE dossier_numbers (
    series TEXT PRIMARY KEY, -- HS-2026
    last   BIGINT NOT NULL
);

CREATE TABLE dossier_steps (
    id         TEXT PRIMARY KEY,
    dossier    TEXT NOT NULL,
    verb       TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    note       TEXT NOT NULL,
    paper      TEXT NOT NULL, -- JSON
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX dossier_steps_of ON dossier_steps (dossier, id);

-- A file is kept once and may prove something in several dossiers of its unit.
CREATE TABLE dossier_files (
    id      TEXT PRIMARY KEY,
    unit    TEXT NOT NULL,
    name    TEXT NOT NULL,
    size    BIGINT NOT NULL,
    sha256  TEXT NOT NULL,
    expires TEXT NOT NULL, -- a day; empty: never
    at      BIGINT NOT NULL,
    by_name TEXT NOT NULL
);
CREATE INDEX dossier_files_unit ON dossier_files (unit, at);

CREATE TABLE dossier_parts (
    dossier TEXT NOT NULL,
    file    TEXT NOT NULL,
    part    TEXT NOT NULL,
    PRIMARY KEY (dossier, file)
);
CREATE INDEX dossier_parts_file ON dossier_parts (file);

-- What Form 08 asks of the inspections of a system.
CREATE TABLE dossier_inspections (
    system       TEXT PRIMARY KEY,
    before_use   BOOLEAN NOT NULL, -- inspected before it was put to use
    inspected_at TEXT NOT NULL,    -- day of the last periodic inspection
    version      BIGINT NOT NULL
);
