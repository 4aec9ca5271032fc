-- +goose Up
CREATE TABLE sources (
    unit       TEXT NOT NULL,
    input      TEXT NOT NULL,
    peer       TEXT NOT NULL,
    host       TEXT NOT NULL,
    format     TEXT NOT NULL,
    product    TEXT NOT NULL,
    service    TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    events     BIGINT NOT NULL,
    unparsed   BIGINT NOT NULL,
    PRIMARY KEY (unit, input, peer, host, format)
);
CREATE INDEX sources_last_seen ON sources (last_seen);

CREATE TABLE unparsed (
    unit      TEXT NOT NULL,
    input     TEXT NOT NULL,
    peer      TEXT NOT NULL,
    host      TEXT NOT NULL,
    bucket    BIGINT NOT NULL,
    count     BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    samples   TEXT NOT NULL,
    PRIMARY KEY (unit, input, peer, host, bucket)
);
CREATE INDEX unparsed_bucket ON unparsed (bucket);
