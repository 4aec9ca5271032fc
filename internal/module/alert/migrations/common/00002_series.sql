-- +goose Up
-- Of alerts of correlation rules: the search that finds their events, which
-- carry other rules' ids, and the newest series as JSON.
ALTER TABLE alerts ADD COLUMN event_query TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN series TEXT NOT NULL DEFAULT '';
