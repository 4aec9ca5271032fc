-- +goose Up
CREATE TABLE warnings (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL, -- empty before it is published
    drill         BOOLEAN NOT NULL,
    title         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    severity      TEXT NOT NULL,
    facts         TEXT NOT NULL, -- JSON, the whole of what people write
    state         TEXT NOT NULL,
    writers       TEXT NOT NULL, -- JSON, ids of users
    created_at    BIGINT NOT NULL,
    created_by    TEXT NOT NULL,
    created_name  TEXT NOT NULL,
    changed_at    BIGINT NOT NULL,
    reviewed_at   BIGINT NOT NULL,
    reviewed_name TEXT NOT NULL,
    published_at  BIGINT NOT NULL,
    published_by  TEXT NOT NULL,
    published_name TEXT NOT NULL,
    ack_by        BIGINT NOT NULL,
    fix_by        BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    reason        TEXT NOT NULL,
    computing     TEXT NOT NULL, -- state of the computation of the audience
    audience      TEXT NOT NULL, -- JSON, the whole of that
    version       BIGINT NOT NULL,
    search_text   TEXT NOT NULL
);
CREATE INDEX warnings_state ON warnings (drill, state, changed_at);
CREATE INDEX warnings_changed ON warnings (drill, changed_at);
CREATE INDEX warnings_published ON warnings (drill, published_at);
CREATE INDEX warnings_computing ON warnings (computing);
CREATE UNIQUE INDEX warnings_code ON warnings (code) WHERE code <> '';

CREATE TABLE warning_numbers (
    series TEXT PRIMARY KEY, -- CB-2026
    last   BIGINT NOT NULL
);

CREATE TABLE warning_members (
    warning TEXT NOT NULL,
    unit    TEXT NOT NULL,
    reasons TEXT NOT NULL, -- JSON
    removed TEXT NOT NULL, -- why a person took it off
    by_name TEXT NOT NULL,
    PRIMARY KEY (warning, unit)
);

CREATE TABLE warning_copies (
    warning    TEXT NOT NULL,
    unit       TEXT NOT NULL,
    drill      BOOLEAN NOT NULL,
    is_open    BOOLEAN NOT NULL,
    sent_at    BIGINT NOT NULL,
    ack_by     BIGINT NOT NULL,
    fix_by     BIGINT NOT NULL,
    ack_at     BIGINT NOT NULL,
    ack_name   TEXT NOT NULL,
    answer     TEXT NOT NULL,
    answer_at  BIGINT NOT NULL,
    answer_by  TEXT NOT NULL,
    fixed_at   BIGINT NOT NULL,
    recheck    TEXT NOT NULL, -- JSON
    settled_at BIGINT NOT NULL,
    settled    TEXT NOT NULL,
    settled_by TEXT NOT NULL,
    chased_ack BIGINT NOT NULL,
    chased_fix BIGINT NOT NULL,
    next_at    BIGINT NOT NULL, -- when it is to be looked at again; 0: never
    version    BIGINT NOT NULL,
    PRIMARY KEY (warning, unit)
);
CREATE INDEX warning_copies_unit ON warning_copies (unit, is_open, sent_at);
CREATE INDEX warning_copies_next ON warning_copies (next_at);
CREATE INDEX warning_copies_sent ON warning_copies (drill, sent_at);

CREATE TABLE warning_steps (
    id      TEXT PRIMARY KEY,
    warning TEXT NOT NULL,
    unit    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    by_id   TEXT NOT NULL,
    by_name TEXT NOT NULL,
    text    TEXT NOT NULL,
    detail  TEXT NOT NULL -- JSON
);
CREATE INDEX warning_steps_of ON warning_steps (warning, unit, id);

CREATE TABLE warning_files (
    id      TEXT PRIMARY KEY,
    warning TEXT NOT NULL,
    unit    TEXT NOT NULL,
    name    TEXT NOT NULL,
    size    BIGINT NOT NULL,
    sha256  TEXT NOT NULL,
    at      BIGINT NOT NULL,
    by_name TEXT NOT NULL
);
CREATE INDEX warning_files_of ON warning_files (warning, unit);
