-- +goose Up
CREATE TABLE obligations (
    id           TEXT PRIMARY KEY,
    duty         TEXT NOT NULL,
    vi           TEXT NOT NULL,
    en           TEXT NOT NULL,
    stage        TEXT NOT NULL,
    basis        TEXT NOT NULL, -- JSON
    recipient    TEXT NOT NULL,
    form         TEXT NOT NULL,
    verify       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    subject      TEXT NOT NULL,
    unit         TEXT NOT NULL,
    drill        BOOLEAN NOT NULL,
    started_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    missing      TEXT NOT NULL, -- JSON list of years
    state        TEXT NOT NULL,
    is_open      BOOLEAN NOT NULL,
    doubtful     BOOLEAN NOT NULL,
    reminded     BIGINT NOT NULL,
    next_look    BIGINT NOT NULL, -- when the next reminder is due; 0 never
    done_at      BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    search_text  TEXT NOT NULL
);
-- A duty arises once of a matter, or once for a date and unit.
CREATE UNIQUE INDEX obligations_once ON obligations (subject_kind, subject_id, duty, unit);
CREATE INDEX obligations_due ON obligations (is_open, due_at);
CREATE INDEX obligations_unit ON obligations (unit, due_at);
CREATE INDEX obligations_look ON obligations (next_look);

CREATE TABLE obligation_steps (
    id         TEXT PRIMARY KEY,
    obligation TEXT NOT NULL,
    verb       TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    at         BIGINT NOT NULL,
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    note       TEXT NOT NULL,
    proof      TEXT NOT NULL, -- JSON
    stored     BIGINT NOT NULL
);
CREATE INDEX obligation_steps_of ON obligation_steps (obligation, stored);

-- What an administrator changed of a shipped duty, or added.
CREATE TABLE duties (
    id      TEXT PRIMARY KEY,
    own     BOOLEAN NOT NULL,
    duty    TEXT NOT NULL, -- JSON, the whole row
    version BIGINT NOT NULL
);

CREATE TABLE holidays (
    year    BIGINT PRIMARY KEY,
    days    TEXT NOT NULL, -- JSON
    version BIGINT NOT NULL
);
