-- +goose Up
-- When and by whom (user id) an alert was closed; 0 and "" for those closed before
-- this was kept. Until when it was put off, and why.
ALTER TABLE alerts ADD COLUMN closed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN postponed_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN postponed_note TEXT NOT NULL DEFAULT '';
-- What was done about alerts of a rule; findings never touch it.
CREATE INDEX alerts_closed_rule ON alerts (rule_id, updated_at) WHERE status = 'closed';
