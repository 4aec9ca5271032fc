-- +goose Up
-- The exercise the records are part of; '' for real ones.
ALTER TABLE uploads ADD COLUMN drill TEXT NOT NULL DEFAULT '';
