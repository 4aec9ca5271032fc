-- +goose Up
CREATE TABLE documents (
    id               TEXT PRIMARY KEY,
    template         TEXT NOT NULL,
    template_version BIGINT NOT NULL, -- of an administrator's Word file; 0: a shipped template
    form             TEXT NOT NULL,
    issuer           TEXT NOT NULL,   -- unit that writes it, and whose it is
    unit             TEXT NOT NULL,   -- unit of what it is about
    subject_kind     TEXT NOT NULL,
    subject_id       TEXT NOT NULL,
    subject_code     TEXT NOT NULL,
    subject          TEXT NOT NULL,
    obligation       TEXT NOT NULL,
    drill            BOOLEAN NOT NULL,
    state            TEXT NOT NULL,
    content          TEXT NOT NULL,   -- JSON
    final            TEXT NOT NULL,   -- JSON of the drawn document, once approved
    title            TEXT NOT NULL,
    series           TEXT NOT NULL,   -- of the number book; empty: no number yet
    number           BIGINT NOT NULL,
    code             TEXT NOT NULL,   -- 05/BC-TTANM
    file             TEXT NOT NULL,
    hash             TEXT NOT NULL,
    size             BIGINT NOT NULL,
    drafted_by       TEXT NOT NULL,
    drafted_name     TEXT NOT NULL,
    drafted_at       BIGINT NOT NULL,
    approved_by      TEXT NOT NULL,
    approved_name    TEXT NOT NULL,
    approved_at      BIGINT NOT NULL,
    sent_at          BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL,
    version          BIGINT NOT NULL,
    search_text      TEXT NOT NULL
);
CREATE INDEX documents_changed ON documents (issuer, changed_at);
CREATE INDEX documents_subject ON documents (subject_kind, subject_id, changed_at);
CREATE INDEX documents_state ON documents (state, changed_at);
CREATE INDEX documents_number ON documents (series, number);

CREATE TABLE document_numbers (
    series TEXT PRIMARY KEY, -- centre/BC/2026
    last   BIGINT NOT NULL
);

CREATE TABLE document_versions (
    document TEXT NOT NULL,
    version  BIGINT NOT NULL,
    content  TEXT NOT NULL, -- JSON
    by_id    TEXT NOT NULL,
    by_name  TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (document, version)
);

CREATE TABLE document_steps (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    verb     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    by_id    TEXT NOT NULL,
    by_name  TEXT NOT NULL,
    note     TEXT NOT NULL,
    channel  TEXT NOT NULL,
    receiver TEXT NOT NULL,
    receipt  TEXT NOT NULL,
    hash     TEXT NOT NULL,
    stored   BIGINT NOT NULL
);
CREATE INDEX document_steps_of ON document_steps (document, stored);

CREATE TABLE document_files (
    document TEXT NOT NULL,
    format   TEXT NOT NULL,
    data     TEXT NOT NULL, -- base64
    PRIMARY KEY (document, format)
);

-- Word files of administrators; a version is never changed.
CREATE TABLE document_templates (
    id       TEXT NOT NULL,
    version  BIGINT NOT NULL,
    name     TEXT NOT NULL,
    form     TEXT NOT NULL,
    symbol   TEXT NOT NULL,
    data     TEXT NOT NULL, -- base64; empty: withdrawn
    by_name  TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE document_letterheads (
    unit    TEXT PRIMARY KEY,
    head    TEXT NOT NULL, -- JSON
    version BIGINT NOT NULL
);
