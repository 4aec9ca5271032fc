-- +goose Up
-- The inspection carried out here that says so; empty: somebody entered it.
ALTER TABLE dossier_inspections ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';
ALTER TABLE dossier_inspections ADD COLUMN visit_code TEXT NOT NULL DEFAULT '';
