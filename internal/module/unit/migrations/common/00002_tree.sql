-- +goose Up
-- parent is '' for the centre alone. valid_from and valid_to are days
-- (2025-07-01), valid_to the last one; '' is open. successors is a JSON array of
-- ids, contacts a JSON object.
ALTER TABLE units ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN short_name TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN province TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN valid_from TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN valid_to TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN successors TEXT NOT NULL DEFAULT '[]';
ALTER TABLE units ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN contacts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE units ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE units ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
UPDATE units SET updated_at = created_at;
UPDATE units SET parent = 'trung-tam' WHERE id <> 'trung-tam';

-- One row: every change of the tree updates it first, so that changes come one
-- after the other and two moves cannot make a circle together.
CREATE TABLE unit_tree (
    id      INTEGER PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO unit_tree (id, version) VALUES (1, 1);

-- plan holds, as JSON, what undoing needs: each unit touched as it was before,
-- and the version it was left with.
CREATE TABLE unit_reorganisations (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    day        TEXT NOT NULL,
    decision   TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    made_by    TEXT NOT NULL,
    undone_at  BIGINT NOT NULL DEFAULT 0,
    undone_by  TEXT NOT NULL DEFAULT '',
    plan       TEXT NOT NULL
);

-- changes is a JSON array of {field, from, to}.
CREATE TABLE unit_history (
    id             TEXT PRIMARY KEY,
    unit           TEXT NOT NULL,
    at             BIGINT NOT NULL,
    actor          TEXT NOT NULL,
    action         TEXT NOT NULL,
    reorganisation TEXT NOT NULL DEFAULT '',
    changes        TEXT NOT NULL
);
CREATE INDEX unit_history_unit ON unit_history (unit, id);
