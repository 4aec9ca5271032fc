-- +goose Up
-- What was done in a span of time, for the figures of boards and reports.
CREATE INDEX alert_history_at ON alert_history (at);
