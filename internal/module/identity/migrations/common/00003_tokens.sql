-- +goose Up
ALTER TABLE tokens ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN role       TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN actions    TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN networks   TEXT NOT NULL DEFAULT '';
-- Until now every token to act with was a machine's.
UPDATE tokens SET role = 'service' WHERE scope = 'api';
