-- +goose Up
-- How to reach the person; '' where nobody wrote it down.
ALTER TABLE users ADD COLUMN mail TEXT NOT NULL DEFAULT '';
-- Where a token to act with was used from last.
ALTER TABLE tokens ADD COLUMN last_addr TEXT NOT NULL DEFAULT '';
