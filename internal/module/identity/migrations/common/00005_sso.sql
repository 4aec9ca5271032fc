-- +goose Up
-- mapped: the account was made at a sign-in, by the mapping of the configuration,
-- which says its role and unit; otherwise an administrator made the link.
ALTER TABLE sso_links ADD COLUMN mapped BOOLEAN NOT NULL DEFAULT FALSE;
