-- +goose Up
-- The exercise an alert belongs to; '' for what is real.
ALTER TABLE alerts ADD COLUMN drill TEXT NOT NULL DEFAULT '';
CREATE INDEX alerts_drill ON alerts (drill, last_seen, id) WHERE drill <> '';
-- What is counted leaves exercises out, and is counted from the index alone still.
DROP INDEX alerts_open_unit;
CREATE INDEX alerts_open_unit ON alerts (unit, status, level, drill) WHERE status <> 'closed';
DROP INDEX alerts_closed_lately;
CREATE INDEX alerts_closed_lately ON alerts (updated_at, rule_id, unit, reason, drill) WHERE status = 'closed';
