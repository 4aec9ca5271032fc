-- +goose Up
-- Where the last sign-in came from: wrong attempts from elsewhere do not make the
-- person wait there.
ALTER TABLE users ADD COLUMN last_addr TEXT NOT NULL DEFAULT '';
