-- +goose Up
CREATE TABLE notification_settings (
    id         TEXT PRIMARY KEY,
    sort       TEXT NOT NULL,
    unit       TEXT NOT NULL,
    name       TEXT NOT NULL,
    enabled    BOOLEAN NOT NULL,
    body       TEXT NOT NULL,
    sealed     TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (sort, unit, name)
);
CREATE TABLE notification_preferences (
    user_id    TEXT PRIMARY KEY,
    body       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE notification_inbox (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    group_key  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    level      TEXT NOT NULL,
    unit       TEXT NOT NULL,
    title      TEXT NOT NULL,
    title_vi   TEXT NOT NULL,
    object     TEXT NOT NULL,
    total      BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    read_at    BIGINT NOT NULL
);
CREATE INDEX notification_inbox_user ON notification_inbox (user_id, id);
CREATE INDEX notification_inbox_unread ON notification_inbox (user_id, group_key) WHERE read_at = 0;
CREATE TABLE notification_buckets (
    id         TEXT PRIMARY KEY,
    channel    TEXT NOT NULL,
    person     TEXT NOT NULL,
    address    TEXT NOT NULL,
    unit       TEXT NOT NULL,
    pile       TEXT NOT NULL,
    first_at   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL
);
CREATE INDEX notification_buckets_due ON notification_buckets (due_at);
CREATE TABLE notification_deliveries (
    id            TEXT PRIMARY KEY,
    bucket        TEXT NOT NULL,
    channel       TEXT NOT NULL,
    person        TEXT NOT NULL,
    address       TEXT NOT NULL,
    unit          TEXT NOT NULL,
    kind          TEXT NOT NULL,
    level         TEXT NOT NULL,
    subject       TEXT NOT NULL,
    message       TEXT NOT NULL,
    total         BIGINT NOT NULL,
    state         TEXT NOT NULL,
    attempts      BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    code          TEXT NOT NULL,
    reason        TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    sent_at       BIGINT NOT NULL
);
CREATE INDEX notification_deliveries_next ON notification_deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX notification_deliveries_bucket ON notification_deliveries (bucket, created_at);
CREATE INDEX notification_deliveries_created ON notification_deliveries (created_at);
CREATE TABLE notification_escalations (
    id         TEXT PRIMARY KEY,
    plan       TEXT NOT NULL,
    alert      TEXT NOT NULL,
    unit       TEXT NOT NULL,
    item       TEXT NOT NULL,
    assignee   TEXT NOT NULL,
    step       BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    state      TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX notification_escalations_due ON notification_escalations (due_at) WHERE state = 'running';
CREATE INDEX notification_escalations_alert ON notification_escalations (alert);
