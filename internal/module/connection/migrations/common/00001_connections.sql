-- +goose Up
CREATE TABLE connections (
    id             TEXT PRIMARY KEY,
    system         TEXT NOT NULL, -- of whose side it was entered
    unit           TEXT NOT NULL, -- of that system
    operator       TEXT NOT NULL,
    other          TEXT NOT NULL, -- '' a party outside the register
    other_unit     TEXT NOT NULL,
    other_operator TEXT NOT NULL,
    kind           TEXT NOT NULL,
    facts          TEXT NOT NULL, -- JSON, all that people wrote
    next_check     BIGINT NOT NULL, -- 0 it is not checked
    health         TEXT NOT NULL,   -- JSON, what the checks told
    state          TEXT NOT NULL,   -- of the health
    updated_at     BIGINT NOT NULL,
    updated_by     TEXT NOT NULL,
    version        BIGINT NOT NULL
);
CREATE INDEX connections_system ON connections (system);
CREATE INDEX connections_other ON connections (other);
CREATE INDEX connections_next ON connections (next_check);

-- Times in which a connection did not work.
CREATE TABLE connection_outages (
    id         TEXT PRIMARY KEY,
    connection TEXT NOT NULL,
    began_at   BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL, -- 0 it lasts
    code       TEXT NOT NULL,
    reason     TEXT NOT NULL
);
CREATE INDEX connection_outages_of ON connection_outages (connection, began_at);
