-- +goose Up
CREATE TABLE saved_views (
    id         TEXT PRIMARY KEY,
    owner_id   TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    unit       TEXT NOT NULL, -- of the owner when it was saved
    shared     BOOLEAN NOT NULL,
    page       TEXT NOT NULL,
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, page, name)
);
CREATE INDEX saved_views_of ON saved_views (page, unit);
