-- +goose Up
-- Where and when an observable was seen: found in the stored events, or noted by a
-- person.
CREATE TABLE incident_sightings (
    id         TEXT PRIMARY KEY,
    incident   TEXT NOT NULL,
    type       TEXT NOT NULL, -- with value, the observable
    value      TEXT NOT NULL,
    unit       TEXT NOT NULL, -- where
    host       TEXT NOT NULL,
    by_hand    BOOLEAN NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    events     BIGINT NOT NULL, -- 0: noted by a person
    note       TEXT NOT NULL,
    noted_at   BIGINT NOT NULL,
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    struck     TEXT NOT NULL -- why it does not hold; empty: it does
);
CREATE INDEX incident_sightings_of ON incident_sightings (incident, last_seen);

CREATE INDEX incident_tasks_owner ON incident_tasks (owner, state, due_at);
