-- +goose Up
-- What was stored before is filled in at the next start (Service.Load).
ALTER TABLE incidents ADD COLUMN acknowledged_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN contained_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN recovered_at BIGINT NOT NULL DEFAULT 0;
-- The smallest first: what is grave, then what is severe, then what waits longest.
ALTER TABLE incidents ADD COLUMN urgency BIGINT NOT NULL DEFAULT 0;

CREATE INDEX incidents_urgent ON incidents (drill, is_open, urgency, id);
CREATE INDEX incidents_recent ON incidents (drill, opened_at, id);
CREATE INDEX incidents_severity ON incidents (drill, is_open, (-severity_rank), id);
CREATE INDEX incidents_moved ON incidents (drill, changed_at, id);
CREATE INDEX incidents_lead ON incidents (lead, opened_at);
CREATE INDEX incidents_detected ON incidents (drill, detected_at);
CREATE INDEX incident_units_of ON incident_units (unit, incident);

ALTER TABLE incident_relations ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE incident_relations ADD COLUMN ended_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incident_relations ADD COLUMN ended_why TEXT NOT NULL DEFAULT '';
CREATE INDEX incident_relations_other ON incident_relations (other);
