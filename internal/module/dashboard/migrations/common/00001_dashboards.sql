-- +goose Up
CREATE TABLE dashboards (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    unit        TEXT NOT NULL,
    visibility  TEXT NOT NULL,
    name        TEXT NOT NULL,
    about       TEXT NOT NULL,
    shown_range TEXT NOT NULL,
    widgets     TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    UNIQUE (owner_id, name)
);
CREATE INDEX dashboards_visible ON dashboards (visibility, unit);
