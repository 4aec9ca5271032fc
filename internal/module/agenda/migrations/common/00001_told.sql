-- +goose Up
-- What people were reminded of: once for a date at each distance from its day.
CREATE TABLE agenda_told (
    kind   TEXT NOT NULL,
    object TEXT NOT NULL, -- of the date among its kind
    day    TEXT NOT NULL, -- when it falls due
    before BIGINT NOT NULL, -- days; below zero: after
    at     BIGINT NOT NULL,
    PRIMARY KEY (kind, object, day, before)
);
CREATE INDEX agenda_told_day ON agenda_told (day);
