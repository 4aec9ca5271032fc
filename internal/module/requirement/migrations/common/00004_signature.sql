-- +goose Up
-- What was found of digital signatures when the file arrived: JSON of package
-- signature; empty: nobody looked.
ALTER TABLE requirement_evidence ADD COLUMN signature TEXT NOT NULL DEFAULT '';
