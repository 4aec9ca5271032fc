-- +goose Up
CREATE TABLE audit_forward (
    target TEXT PRIMARY KEY,
    seq    BIGINT NOT NULL
);
