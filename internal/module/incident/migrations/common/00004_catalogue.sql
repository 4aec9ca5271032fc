-- +goose Up
-- What an administrator changed of the taxonomies and playbooks that are shipped,
-- or added to them.
CREATE TABLE incident_catalogue (
    kind    TEXT NOT NULL, -- playbook, scheme
    id      TEXT NOT NULL,
    text    TEXT NOT NULL, -- YAML
    at      BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
