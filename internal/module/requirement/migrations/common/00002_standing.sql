-- +goose Up
-- The systems of the register, as it told of them.
CREATE TABLE requirement_systems (
    id       TEXT PRIMARY KEY,
    code     TEXT NOT NULL,
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    operator TEXT NOT NULL,
    level    BIGINT NOT NULL, -- approved; 0 not yet
    proposed BIGINT NOT NULL,
    state    TEXT NOT NULL
);
CREATE INDEX requirement_systems_unit ON requirement_systems (unit, code);
CREATE INDEX requirement_systems_operator ON requirement_systems (operator);

CREATE TABLE requirement_answers (
    system          TEXT NOT NULL,
    item            TEXT NOT NULL, -- of any catalogue: their ids differ
    declared        TEXT NOT NULL,
    reason          TEXT NOT NULL,
    owner           TEXT NOT NULL,
    due             TEXT NOT NULL,
    exception       TEXT NOT NULL, -- why; '' none
    exception_until TEXT NOT NULL,
    declared_by     TEXT NOT NULL, -- user id
    declared_name   TEXT NOT NULL,
    declared_at     BIGINT NOT NULL,
    verified        TEXT NOT NULL,
    verified_note   TEXT NOT NULL,
    verified_by     TEXT NOT NULL,
    verified_name   TEXT NOT NULL,
    verified_at     BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    PRIMARY KEY (system, item)
);

CREATE TABLE requirement_evidence (
    id      TEXT PRIMARY KEY,
    system  TEXT NOT NULL,
    item    TEXT NOT NULL,
    kind    TEXT NOT NULL, -- file or reference
    name    TEXT NOT NULL, -- of the file, or the reference itself
    size    BIGINT NOT NULL,
    sha256  TEXT NOT NULL,
    expires TEXT NOT NULL, -- a day; '' never
    at      BIGINT NOT NULL,
    by_id   TEXT NOT NULL,
    by_name TEXT NOT NULL
);
CREATE INDEX requirement_evidence_of ON requirement_evidence (system, item);

CREATE TABLE requirement_readings (
    system  TEXT NOT NULL,
    measure TEXT NOT NULL,
    value   DOUBLE PRECISION NOT NULL,
    known   BOOLEAN NOT NULL,
    how     TEXT NOT NULL,
    query   TEXT NOT NULL,
    unit    TEXT NOT NULL, -- whose logs and sources were looked at
    at      BIGINT NOT NULL,
    PRIMARY KEY (system, measure)
);

-- What the answers and readings of a system come to, by group; made of them.
CREATE TABLE requirement_tallies (
    system   TEXT NOT NULL,
    standard TEXT NOT NULL,
    grp      TEXT NOT NULL,
    unit     TEXT NOT NULL,
    operator TEXT NOT NULL,
    asked    BIGINT NOT NULL,
    met      BIGINT NOT NULL,
    partly   BIGINT NOT NULL,
    planned  BIGINT NOT NULL,
    excepted BIGINT NOT NULL,
    verified BIGINT NOT NULL,
    failing  BIGINT NOT NULL,
    gaps     BIGINT NOT NULL,
    overdue  BIGINT NOT NULL,
    PRIMARY KEY (system, standard, grp)
);
CREATE INDEX requirement_tallies_unit ON requirement_tallies (standard, unit);
