-- +goose Up
CREATE TABLE enrolments (
    id             TEXT PRIMARY KEY,
    unit           TEXT NOT NULL,
    name           TEXT NOT NULL,
    device         TEXT NOT NULL,
    credential     TEXT NOT NULL,
    life_days      INTEGER NOT NULL,
    address        TEXT NOT NULL,
    note           TEXT NOT NULL,
    search_text    TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    created_by     TEXT NOT NULL,
    expires_at     BIGINT NOT NULL,
    revoked_at     BIGINT NOT NULL,
    revoked_by     TEXT NOT NULL,
    revoked_reason TEXT NOT NULL
);
CREATE INDEX enrolments_unit ON enrolments (unit);

CREATE TABLE enrol_credentials (
    id         TEXT PRIMARY KEY,
    enrolment  TEXT NOT NULL REFERENCES enrolments (id),
    kind       TEXT NOT NULL,
    serial     TEXT NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    not_after  BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE INDEX enrol_credentials_enrolment ON enrol_credentials (enrolment);

CREATE TABLE enrol_networks (
    network   TEXT PRIMARY KEY,
    enrolment TEXT NOT NULL REFERENCES enrolments (id),
    unit      TEXT NOT NULL
);

CREATE TABLE enrol_seen (
    enrolment  TEXT PRIMARY KEY,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    events     BIGINT NOT NULL,
    unparsed   BIGINT NOT NULL,
    peer       TEXT NOT NULL
);
