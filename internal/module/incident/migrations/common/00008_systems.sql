-- +goose Up
-- The affected systems that are in the register.
CREATE TABLE incident_systems (
    "incident" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    PRIMARY KEY ("incident", "system")
);
CREATE INDEX incident_systems_by_system ON incident_systems ("system");
