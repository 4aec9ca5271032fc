-- +goose Up
-- '' is a person's account, 'break-glass' the one for emergencies.
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT '';
-- Wrong attempts since the last success, so that a restart does not forgive them.
ALTER TABLE users ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN failed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN locked_until BIGINT NOT NULL DEFAULT 0;

-- Sessions that began before second factors were known end here.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password';
ALTER TABLE sessions ADD COLUMN factor_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX sessions_id ON sessions (id);

-- Secrets are sealed with the key in the data folder. next_secret waits for its
-- first code; secret is '' until then.
CREATE TABLE totp (
    user_id     TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret      TEXT NOT NULL,
    next_secret TEXT NOT NULL,
    last_step   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    used_at     BIGINT NOT NULL
);

CREATE TABLE passkeys (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    data       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX passkeys_user ON passkeys (user_id);

CREATE TABLE recovery_codes (
    hash    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used_at BIGINT NOT NULL
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

CREATE TABLE sso_links (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX sso_links_user ON sso_links (user_id);

CREATE TABLE identity_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
