-- +goose Up
ALTER TABLE document_templates ADD COLUMN replaces TEXT NOT NULL DEFAULT ''; -- shipped template whose place it takes; empty: none
