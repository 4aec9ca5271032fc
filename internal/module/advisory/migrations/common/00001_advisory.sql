-- +goose Up
CREATE TABLE advisories (
    id          TEXT PRIMARY KEY,
    format      TEXT NOT NULL,
    publisher   TEXT NOT NULL,
    number      TEXT NOT NULL, -- the publisher's
    title       TEXT NOT NULL,
    severity    TEXT NOT NULL,
    tlp         TEXT NOT NULL,
    revision    TEXT NOT NULL,
    published   BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    content     TEXT NOT NULL, -- JSON, as read
    file        TEXT NOT NULL,
    source      TEXT NOT NULL, -- '' uploaded
    imported_at BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    imported_by TEXT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX advisories_number ON advisories (format, publisher, number);
CREATE INDEX advisories_changed ON advisories (changed_at, id);

CREATE TABLE vulnerabilities (
    id           TEXT PRIMARY KEY, -- CVE-2026-12345, else the publisher's
    title        TEXT NOT NULL,
    description  TEXT NOT NULL,
    weakness     TEXT NOT NULL,
    severity     TEXT NOT NULL,
    cvss         BIGINT NOT NULL, -- tenths
    cvss_version TEXT NOT NULL,
    vector       TEXT NOT NULL,
    rejected     BOOLEAN NOT NULL,
    published    BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    kev          BOOLEAN NOT NULL,
    kev_added    BIGINT NOT NULL,
    kev_due      BIGINT NOT NULL,
    kev_action   TEXT NOT NULL,
    ransomware   BOOLEAN NOT NULL,
    epss         BIGINT NOT NULL, -- millionths; -1 not scored
    percentile   BIGINT NOT NULL,
    epss_at      BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    search_text  TEXT NOT NULL
);
CREATE INDEX vulnerabilities_order ON vulnerabilities (kev, epss, cvss, id);

-- Which products have a vulnerability, by advisory; that of the catalogue of
-- exploited vulnerabilities is 'kev'.
CREATE TABLE advisory_affected (
    id            TEXT PRIMARY KEY,
    advisory      TEXT NOT NULL,
    vulnerability TEXT NOT NULL,
    name_key      TEXT NOT NULL,
    cpe_key       TEXT NOT NULL,
    body          TEXT NOT NULL -- JSON
);
CREATE INDEX advisory_affected_name ON advisory_affected (name_key);
CREATE INDEX advisory_affected_cpe ON advisory_affected (cpe_key);
CREATE INDEX advisory_affected_of ON advisory_affected (advisory, vulnerability);
CREATE INDEX advisory_affected_vulnerability ON advisory_affected (vulnerability);

-- Every score there is: what is imported later has one at once.
CREATE TABLE epss_scores (
    cve        TEXT PRIMARY KEY,
    score      BIGINT NOT NULL, -- millionths
    percentile BIGINT NOT NULL
);

-- What is known of the catalogue of exploited vulnerabilities and of the scores.
CREATE TABLE advisory_feeds (
    kind        TEXT PRIMARY KEY,
    at          BIGINT NOT NULL,
    revision    TEXT NOT NULL,
    entries     BIGINT NOT NULL,
    imported_at BIGINT NOT NULL
);

CREATE TABLE advisory_sources (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    url          TEXT NOT NULL,
    enabled      BOOLEAN NOT NULL,
    every_hours  BIGINT NOT NULL,
    etag         TEXT NOT NULL,
    modified     TEXT NOT NULL,
    tried_at     BIGINT NOT NULL,
    succeeded_at BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    code         TEXT NOT NULL, -- why the last attempt failed, '' it did not
    reason       TEXT NOT NULL,
    outcome      TEXT NOT NULL, -- JSON, of the last that succeeded
    created_by   TEXT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX advisory_sources_url ON advisory_sources (url);

CREATE TABLE software (
    id          TEXT PRIMARY KEY,
    unit        TEXT NOT NULL,
    vendor      TEXT NOT NULL,
    product     TEXT NOT NULL,
    release     TEXT NOT NULL, -- its version
    cpe         TEXT NOT NULL,
    place       TEXT NOT NULL, -- which system or where
    quantity    BIGINT NOT NULL,
    note        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    cpe_key     TEXT NOT NULL,
    identity    TEXT NOT NULL, -- what makes two rows of a unit the same
    updated_at  BIGINT NOT NULL,
    updated_by  TEXT NOT NULL,
    version     BIGINT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX software_once ON software (unit, identity);
CREATE INDEX software_name ON software (name_key);
CREATE INDEX software_cpe ON software (cpe_key);

CREATE TABLE software_matches (
    software      TEXT NOT NULL,
    vulnerability TEXT NOT NULL,
    unit          TEXT NOT NULL,
    certain       BOOLEAN NOT NULL,
    reason        TEXT NOT NULL,
    versions      TEXT NOT NULL, -- which the advisory calls affected
    advisory      TEXT NOT NULL,
    found_at      BIGINT NOT NULL,
    PRIMARY KEY (software, vulnerability)
);
CREATE INDEX software_matches_vulnerability ON software_matches (vulnerability, unit);
CREATE INDEX software_matches_unit ON software_matches (unit, vulnerability);
