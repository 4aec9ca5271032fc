-- +goose Up
-- For the pages of rules and of entities.
CREATE INDEX alerts_rule ON alerts (rule_id, created_at);
CREATE INDEX alerts_entity ON alerts (lower(entity_value), last_seen);
