-- +goose Up
-- Which side leads, where the leadership was handed over: JSON; empty: the unit's own.
ALTER TABLE incidents ADD COLUMN "leading" TEXT NOT NULL DEFAULT '';
