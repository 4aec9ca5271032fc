-- +goose Up
CREATE INDEX alerts_created ON alerts (created_at, id);
CREATE INDEX alerts_unit_created ON alerts (unit, created_at);
CREATE INDEX alerts_open_seen ON alerts (last_seen, id) WHERE status <> 'closed';
CREATE INDEX alerts_open_unit ON alerts (unit, status, level) WHERE status <> 'closed';
-- What became of the alerts of a rule lately, from the index alone.
CREATE INDEX alerts_closed_lately ON alerts (updated_at, rule_id, unit, reason) WHERE status = 'closed';
CREATE INDEX alerts_closed_by ON alerts (closed_by, closed_at) WHERE status = 'closed';
