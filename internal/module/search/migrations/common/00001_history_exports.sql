-- +goose Up
-- What each person asked last, once for each text of a query. hits is -1 where
-- it was not counted.
CREATE TABLE search_history (
    user_id    TEXT NOT NULL,
    id         TEXT NOT NULL,
    query      TEXT NOT NULL,
    range_from TEXT NOT NULL,
    range_to   TEXT NOT NULL,
    asked_at   BIGINT NOT NULL,
    took_ms    BIGINT NOT NULL,
    hits       BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX search_history_newest ON search_history (user_id, asked_at);

CREATE TABLE search_exports (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    unit        TEXT NOT NULL,
    query       TEXT NOT NULL,
    time_from   BIGINT NOT NULL,
    time_to     BIGINT NOT NULL,
    ascending   BOOLEAN NOT NULL,
    format      TEXT NOT NULL,
    columns     TEXT NOT NULL,
    row_limit   BIGINT NOT NULL,
    state       TEXT NOT NULL,
    rows_total  BIGINT NOT NULL,
    rows_done   BIGINT NOT NULL,
    byte_count  BIGINT NOT NULL,
    file_bytes  BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    partial     TEXT NOT NULL,
    error_code  TEXT NOT NULL,
    error_text  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX search_exports_owner ON search_exports (owner_id, created_at);
