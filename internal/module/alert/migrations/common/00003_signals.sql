-- +goose Up
-- Of alerts that no rule raises: what sort of signal it is, what is shown with
-- it (JSON object of texts), and when it was over; 0 while it lasts.
ALTER TABLE alerts ADD COLUMN signal TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN settled_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX alerts_signal ON alerts (group_key, created_at, id) WHERE signal <> '';
