-- +goose Up
-- Where the recipients of the catalogue are reached.
CREATE TABLE recipients (
    id      TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    channel TEXT NOT NULL,
    contact TEXT NOT NULL,
    note    TEXT NOT NULL,
    version BIGINT NOT NULL
);
