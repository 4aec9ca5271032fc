-- +goose Up
CREATE TABLE retention_rules (
    unit      TEXT NOT NULL,
    format    TEXT NOT NULL,
    input     TEXT NOT NULL,
    class     TEXT NOT NULL,
    keep_days BIGINT NOT NULL,
    note      TEXT NOT NULL,
    set_by    TEXT NOT NULL,
    set_at    BIGINT NOT NULL,
    PRIMARY KEY (unit, format, input)
);
CREATE TABLE evidence_anchors (
    seq  BIGINT PRIMARY KEY,
    hash TEXT NOT NULL,
    at   BIGINT NOT NULL
);
