-- +goose Up
-- The inspection that found what was verified; '' none did.
ALTER TABLE requirement_answers ADD COLUMN inspection TEXT NOT NULL DEFAULT '';
ALTER TABLE requirement_answers ADD COLUMN inspection_code TEXT NOT NULL DEFAULT '';
