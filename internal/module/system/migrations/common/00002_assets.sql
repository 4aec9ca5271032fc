-- +goose Up
CREATE TABLE assets (
    id           TEXT PRIMARY KEY,
    system       TEXT NOT NULL, -- '' of the unit, of no system
    unit         TEXT NOT NULL, -- of the system's owner
    operator     TEXT NOT NULL, -- of the system's operator, where it is a unit
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    vendor       TEXT NOT NULL,
    product      TEXT NOT NULL,
    release      TEXT NOT NULL, -- its version
    cpe          TEXT NOT NULL,
    hostname     TEXT NOT NULL,
    address      TEXT NOT NULL,
    origin       TEXT NOT NULL,
    from_abroad  BOOLEAN NOT NULL,
    donated      BOOLEAN NOT NULL,
    vietnamese   BOOLEAN NOT NULL, -- made in Viet Nam
    licence_ends TEXT NOT NULL,
    place        TEXT NOT NULL,
    note         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    host_key     TEXT NOT NULL,
    search_text  TEXT NOT NULL,
    updated_at   BIGINT NOT NULL,
    updated_by   TEXT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX assets_order ON assets (name_key, id);
CREATE INDEX assets_of ON assets (system, name_key, id);
CREATE INDEX assets_unit ON assets (unit, name_key, id);
CREATE INDEX assets_operator ON assets (operator);
CREATE INDEX assets_host ON assets (unit, host_key);
CREATE INDEX assets_address ON assets (unit, address);
CREATE INDEX assets_licence ON assets (licence_ends);

-- Hosts of logs that a unit need not declare, with the reason.
CREATE TABLE asset_ignored (
    unit    TEXT NOT NULL,
    host    TEXT NOT NULL, -- as the logs name it, in small letters
    reason  TEXT NOT NULL,
    by_id   TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (unit, host)
);
