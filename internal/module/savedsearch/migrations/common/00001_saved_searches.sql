-- +goose Up
CREATE TABLE saved_searches (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    unit        TEXT NOT NULL,
    visibility  TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    query       TEXT NOT NULL,
    range_from  TEXT NOT NULL,
    range_to    TEXT NOT NULL,
    columns     TEXT NOT NULL,
    view_state  TEXT NOT NULL,
    search_text TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    UNIQUE (owner_id, name)
);
CREATE INDEX saved_searches_visible ON saved_searches (visibility, unit);
