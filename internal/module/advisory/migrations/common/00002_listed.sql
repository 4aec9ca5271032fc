-- +goose Up
-- Lines that come from elsewhere: the register's inventory, bills of materials.
ALTER TABLE software ADD COLUMN origin TEXT NOT NULL DEFAULT 'declared';
ALTER TABLE software ADD COLUMN part TEXT NOT NULL DEFAULT '';
ALTER TABLE software ADD COLUMN purl TEXT NOT NULL DEFAULT '';
ALTER TABLE software ADD COLUMN purl_key TEXT NOT NULL DEFAULT '';
CREATE INDEX software_purl ON software (purl_key);
CREATE INDEX software_origin ON software (origin, unit);
ALTER TABLE advisory_affected ADD COLUMN purl_key TEXT NOT NULL DEFAULT '';
CREATE INDEX advisory_affected_purl ON advisory_affected (purl_key);
-- The order of the list.
CREATE INDEX software_order ON software (unit, name_key, release, id);
