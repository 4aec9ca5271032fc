-- +goose Up
CREATE TABLE uploads (
    id           TEXT PRIMARY KEY,
    unit         TEXT NOT NULL,
    name         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    sha256       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    asked        TEXT NOT NULL,
    status       TEXT NOT NULL,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    bytes_read   BIGINT NOT NULL,
    records      BIGINT NOT NULL,
    stored       BIGINT NOT NULL,
    batches      BIGINT NOT NULL,
    problems     BIGINT NOT NULL,
    problem_list TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    original     TEXT NOT NULL,
    kept_until   BIGINT NOT NULL,
    resumed      BIGINT NOT NULL
);
CREATE INDEX uploads_unit ON uploads (unit, id);
CREATE INDEX uploads_sha256 ON uploads (sha256, unit);
CREATE INDEX uploads_status ON uploads (status, id);
