-- +goose Up
CREATE TABLE alerts (
    id            TEXT PRIMARY KEY,
    group_key     TEXT NOT NULL,
    rule_id       TEXT NOT NULL,
    title         TEXT NOT NULL,
    title_vi      TEXT NOT NULL,
    level         TEXT NOT NULL,
    level_rank    INTEGER NOT NULL,
    status        TEXT NOT NULL,
    unit          TEXT NOT NULL,
    entity_field  TEXT NOT NULL,
    entity_value  TEXT NOT NULL,
    count         BIGINT NOT NULL,
    first_seen    BIGINT NOT NULL,
    last_seen     BIGINT NOT NULL,
    first_arrival BIGINT NOT NULL,
    last_arrival  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    assignee      TEXT NOT NULL,
    reason        TEXT NOT NULL,
    note          TEXT NOT NULL,
    tags          TEXT NOT NULL,
    version       BIGINT NOT NULL,
    search_text   TEXT NOT NULL
);
CREATE INDEX alerts_open ON alerts (group_key) WHERE status <> 'closed';
CREATE INDEX alerts_last_seen ON alerts (last_seen, id);
CREATE INDEX alerts_unit ON alerts (unit, last_seen, id);

CREATE TABLE alert_history (
    id         TEXT PRIMARY KEY,
    alert_id   TEXT NOT NULL REFERENCES alerts (id),
    at         BIGINT NOT NULL,
    by_name    TEXT NOT NULL,
    action     TEXT NOT NULL,
    from_value TEXT NOT NULL,
    to_value   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL
);
CREATE INDEX alert_history_alert ON alert_history (alert_id, id);
