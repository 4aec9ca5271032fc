-- +goose Up
-- People without an account who may look at a part of one incident for a while.
-- Of their link and of their session only a hash is kept.
CREATE TABLE incident_guests (
    id            TEXT PRIMARY KEY,
    incident      TEXT NOT NULL,
    name          TEXT NOT NULL,
    organisation  TEXT NOT NULL,
    mail          TEXT NOT NULL,
    tlp           TEXT NOT NULL,   -- the most that is shown
    parts         TEXT NOT NULL,   -- JSON: overview, timeline, observables
    files         TEXT NOT NULL,   -- JSON: ids of the files that are shown
    at            BIGINT NOT NULL,
    by_id         TEXT NOT NULL,
    by_name       TEXT NOT NULL,
    until         BIGINT NOT NULL, -- link and session end then
    link          TEXT NOT NULL,   -- hash
    opened_at     BIGINT NOT NULL, -- the link was used up; 0: not yet
    opened_from   TEXT NOT NULL,
    session       TEXT NOT NULL,   -- hash; empty: there is none
    looks         BIGINT NOT NULL,
    looked_at     BIGINT NOT NULL,
    comments      BIGINT NOT NULL,
    again_at      BIGINT NOT NULL, -- when somebody showed the used link last and it was noted
    revoked_at    BIGINT NOT NULL,
    revoked_by    TEXT NOT NULL    -- name
);
CREATE INDEX incident_guests_of ON incident_guests (incident, at);
