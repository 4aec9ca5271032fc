-- +goose Up
CREATE TABLE incidents (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    drill         BOOLEAN NOT NULL,
    origin        TEXT NOT NULL,
    reference     TEXT NOT NULL,
    unit          TEXT NOT NULL,
    title         TEXT NOT NULL,
    category      TEXT NOT NULL,
    severity      TEXT NOT NULL,
    severity_rank BIGINT NOT NULL, -- 0 is the worst
    lead          TEXT NOT NULL,
    grave         BOOLEAN NOT NULL,
    tlp           TEXT NOT NULL,
    facts         TEXT NOT NULL,   -- JSON, the whole of what people edit
    field_version TEXT NOT NULL,   -- JSON: by field, the version that changed it last
    phase         TEXT NOT NULL,
    is_open       BOOLEAN NOT NULL,
    detected_at   BIGINT NOT NULL,
    opened_at     BIGINT NOT NULL,
    opened_by     TEXT NOT NULL,
    opened_name   TEXT NOT NULL,
    closed_at     BIGINT NOT NULL,
    merged_into   TEXT NOT NULL,
    changed_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    search_text   TEXT NOT NULL
);
CREATE INDEX incidents_open ON incidents (drill, is_open, opened_at);
CREATE INDEX incidents_unit ON incidents (unit, opened_at);
CREATE INDEX incidents_changed ON incidents (changed_at);
CREATE INDEX incidents_category ON incidents (category, opened_at);

CREATE TABLE incident_numbers (
    series TEXT PRIMARY KEY, -- SC-2026
    last   BIGINT NOT NULL
);

CREATE TABLE incident_units (
    incident TEXT NOT NULL,
    unit     TEXT NOT NULL,
    PRIMARY KEY (incident, unit)
);

-- An alert belongs to one incident at most.
CREATE TABLE incident_alerts (
    alert    TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    title    TEXT NOT NULL,
    level    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    entity   TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL
);
CREATE INDEX incident_alerts_of ON incident_alerts (incident, added_at);

CREATE TABLE incident_tasks (
    id        TEXT PRIMARY KEY,
    incident  TEXT NOT NULL,
    playbook  TEXT NOT NULL, -- playbook/task; empty: added by hand
    title     TEXT NOT NULL,
    phase     TEXT NOT NULL,
    unit      TEXT NOT NULL, -- who does it
    owner     TEXT NOT NULL, -- user id; empty: whoever of the unit
    due_at    BIGINT NOT NULL,
    state     TEXT NOT NULL,
    checklist TEXT NOT NULL, -- JSON
    note      TEXT NOT NULL,
    position  BIGINT NOT NULL,
    done_at   BIGINT NOT NULL,
    done_by   TEXT NOT NULL,
    version   BIGINT NOT NULL
);
CREATE INDEX incident_tasks_of ON incident_tasks (incident, position);
CREATE INDEX incident_tasks_unit ON incident_tasks (unit, state, due_at);

CREATE TABLE incident_entries (
    id       TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    at       BIGINT NOT NULL, -- when it happened
    stored   BIGINT NOT NULL,
    kind     TEXT NOT NULL,   -- note, comment, or what the product noted
    text     TEXT NOT NULL,
    detail   TEXT NOT NULL,   -- JSON: what the words of a kind are filled with
    tlp      TEXT NOT NULL,
    by_id    TEXT NOT NULL,
    by_name  TEXT NOT NULL,
    struck   TEXT NOT NULL    -- why it does not hold; empty: it does
);
CREATE INDEX incident_entries_of ON incident_entries (incident, at);

CREATE TABLE incident_observables (
    id       TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    type     TEXT NOT NULL,
    value    TEXT NOT NULL,
    note     TEXT NOT NULL,
    tlp      TEXT NOT NULL,
    ioc      BOOLEAN NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    struck   TEXT NOT NULL,
    UNIQUE (incident, type, value)
);
CREATE INDEX incident_observables_value ON incident_observables (value);

CREATE TABLE incident_relations (
    incident TEXT NOT NULL,
    other    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (incident, other, kind)
);

CREATE TABLE incident_shares (
    id       TEXT PRIMARY KEY,
    incident TEXT NOT NULL,
    unit     TEXT NOT NULL,
    part     TEXT NOT NULL, -- all, summary
    tlp      TEXT NOT NULL, -- the most that is shown
    note     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    by_id    TEXT NOT NULL,
    by_name  TEXT NOT NULL,
    ended_at BIGINT NOT NULL
);
CREATE INDEX incident_shares_of ON incident_shares (incident);
CREATE INDEX incident_shares_unit ON incident_shares (unit, ended_at);
