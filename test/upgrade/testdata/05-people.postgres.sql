SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.audit_log_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END;
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alert_history (
    id text NOT NULL,
    alert_id text NOT NULL,
    at bigint NOT NULL,
    by_name text NOT NULL,
    action text NOT NULL,
    from_value text NOT NULL,
    to_value text NOT NULL,
    reason text NOT NULL,
    note text NOT NULL
);
CREATE TABLE public.alerts (
    id text NOT NULL,
    group_key text NOT NULL,
    rule_id text NOT NULL,
    title text NOT NULL,
    title_vi text NOT NULL,
    level text NOT NULL,
    level_rank integer NOT NULL,
    status text NOT NULL,
    unit text NOT NULL,
    entity_field text NOT NULL,
    entity_value text NOT NULL,
    count bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    first_arrival bigint NOT NULL,
    last_arrival bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    assignee text NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    tags text NOT NULL,
    version bigint NOT NULL,
    search_text text NOT NULL,
    event_query text DEFAULT ''::text NOT NULL,
    series text DEFAULT ''::text NOT NULL,
    signal text DEFAULT ''::text NOT NULL,
    details text DEFAULT ''::text NOT NULL,
    settled_at bigint DEFAULT 0 NOT NULL,
    closed_at bigint DEFAULT 0 NOT NULL,
    closed_by text DEFAULT ''::text NOT NULL,
    postponed_until bigint DEFAULT 0 NOT NULL,
    postponed_note text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.audit_forward (
    target text NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE public.audit_head (
    id integer NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    CONSTRAINT audit_head_id_check CHECK ((id = 1))
);
CREATE TABLE public.audit_log (
    seq bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    detail text NOT NULL,
    addr text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.bundle_keys (
    key text NOT NULL,
    relay text NOT NULL,
    unit text NOT NULL,
    added_at bigint NOT NULL,
    retired integer NOT NULL
);
CREATE TABLE public.bundles (
    id text NOT NULL,
    relay text NOT NULL,
    unit text NOT NULL,
    imported_by text NOT NULL,
    started_at bigint NOT NULL,
    done_at bigint NOT NULL,
    blocks bigint NOT NULL,
    events bigint NOT NULL,
    from_at bigint NOT NULL,
    to_at bigint NOT NULL
);
CREATE TABLE public.correlation_journal (
    seq bigint NOT NULL,
    part integer NOT NULL,
    whole boolean NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.dashboards (
    id text NOT NULL,
    owner_id text NOT NULL,
    unit text NOT NULL,
    visibility text NOT NULL,
    name text NOT NULL,
    about text NOT NULL,
    shown_range text NOT NULL,
    widgets text NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.disk_use (
    part text NOT NULL,
    day bigint NOT NULL,
    at bigint NOT NULL,
    used bigint NOT NULL
);
CREATE TABLE public.enrol_credentials (
    id text NOT NULL,
    enrolment text NOT NULL,
    kind text NOT NULL,
    serial text NOT NULL,
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    not_after bigint NOT NULL,
    revoked_at bigint NOT NULL
);
CREATE TABLE public.enrol_networks (
    network text NOT NULL,
    enrolment text NOT NULL,
    unit text NOT NULL
);
CREATE TABLE public.enrol_seen (
    enrolment text NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    events bigint NOT NULL,
    unparsed bigint NOT NULL,
    peer text NOT NULL
);
CREATE TABLE public.enrolments (
    id text NOT NULL,
    unit text NOT NULL,
    name text NOT NULL,
    device text NOT NULL,
    credential text NOT NULL,
    life_days integer NOT NULL,
    address text NOT NULL,
    note text NOT NULL,
    search_text text NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    revoked_by text NOT NULL,
    revoked_reason text NOT NULL
);
CREATE TABLE public.evidence_anchors (
    seq bigint NOT NULL,
    hash text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.exclusions (
    id text NOT NULL,
    title text NOT NULL,
    unit text NOT NULL,
    rules text NOT NULL,
    filter text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    days bigint NOT NULL,
    alert_id text NOT NULL,
    proposed_by text NOT NULL,
    proposed_name text NOT NULL,
    proposed_at bigint NOT NULL,
    decided_by text NOT NULL,
    decided_name text NOT NULL,
    decided_at bigint NOT NULL,
    decision text NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    reminded_at bigint NOT NULL,
    hits bigint NOT NULL,
    last_hit bigint NOT NULL,
    last_event text NOT NULL,
    version bigint NOT NULL,
    search_text text NOT NULL
);
CREATE TABLE public.facts (
    id text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    at bigint NOT NULL,
    body text NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.goose_alert (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_alert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_audit (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_audit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_dashboard (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_dashboard ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_dashboard_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_enrol (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_enrol ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_enrol_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_evidence (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_evidence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_evidence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_exclusion (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_exclusion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_exclusion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_identity (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_identity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_identity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_lake (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_lake ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_lake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_module (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_module ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_module_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_notification (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_notification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_pipeline (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_pipeline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_pipeline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_relay (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_relay ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_relay_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_rule (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_rule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_savedsearch (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_savedsearch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_savedsearch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_search (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_search ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_search_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_source (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_source ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_unit (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_unit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_unit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.goose_upload (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_upload ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_upload_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.identity_settings (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.lake_block (
    stream text NOT NULL,
    seq bigint NOT NULL,
    events bigint NOT NULL,
    unparsed bigint NOT NULL,
    stored_at bigint NOT NULL
);
CREATE TABLE public.lake_chain (
    seq bigint NOT NULL,
    entry text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.lake_chain_archive (
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_hash text NOT NULL,
    entries bytea NOT NULL
);
CREATE TABLE public.lake_chain_head (
    id integer NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    CONSTRAINT lake_chain_head_id_check CHECK ((id = 1))
);
CREATE TABLE public.lake_deletion (
    segment_id text NOT NULL,
    reason text NOT NULL,
    row_count bigint NOT NULL,
    byte_count bigint NOT NULL,
    min_time bigint NOT NULL,
    max_time bigint NOT NULL,
    units text NOT NULL,
    deleted_at bigint NOT NULL,
    unit_counts text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.lake_hold (
    id text NOT NULL,
    reason text NOT NULL,
    created_by text NOT NULL,
    created_at bigint NOT NULL,
    units text NOT NULL,
    hosts text NOT NULL,
    query text NOT NULL,
    from_time bigint NOT NULL,
    to_time bigint NOT NULL,
    released_at bigint NOT NULL,
    released_by text NOT NULL,
    release_reason text NOT NULL
);
CREATE TABLE public.lake_segment (
    id text NOT NULL,
    level integer NOT NULL,
    skewed boolean NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    min_time bigint NOT NULL,
    max_time bigint NOT NULL,
    min_received bigint NOT NULL,
    max_received bigint NOT NULL,
    min_id text NOT NULL,
    max_id text NOT NULL,
    row_count bigint NOT NULL,
    byte_count bigint NOT NULL,
    sha256 text NOT NULL,
    units text NOT NULL,
    field_list text NOT NULL,
    created_at bigint NOT NULL,
    chain_seq bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.lake_segment_block (
    segment_id text NOT NULL,
    stream text NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE public.lake_verification (
    at bigint NOT NULL,
    report text NOT NULL
);
CREATE TABLE public.notification_buckets (
    id text NOT NULL,
    channel text NOT NULL,
    person text NOT NULL,
    address text NOT NULL,
    unit text NOT NULL,
    pile text NOT NULL,
    first_at bigint NOT NULL,
    due_at bigint NOT NULL
);
CREATE TABLE public.notification_deliveries (
    id text NOT NULL,
    bucket text NOT NULL,
    channel text NOT NULL,
    person text NOT NULL,
    address text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    level text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    total bigint NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    next_at bigint NOT NULL,
    claimed_until bigint NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    created_at bigint NOT NULL,
    sent_at bigint NOT NULL
);
CREATE TABLE public.notification_escalations (
    id text NOT NULL,
    plan text NOT NULL,
    alert text NOT NULL,
    unit text NOT NULL,
    item text NOT NULL,
    assignee text NOT NULL,
    step bigint NOT NULL,
    due_at bigint NOT NULL,
    state text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL
);
CREATE TABLE public.notification_inbox (
    id text NOT NULL,
    user_id text NOT NULL,
    group_key text NOT NULL,
    kind text NOT NULL,
    level text NOT NULL,
    unit text NOT NULL,
    title text NOT NULL,
    title_vi text NOT NULL,
    object text NOT NULL,
    total bigint NOT NULL,
    created_at bigint NOT NULL,
    at bigint NOT NULL,
    read_at bigint NOT NULL
);
CREATE TABLE public.notification_preferences (
    user_id text NOT NULL,
    body text NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.notification_settings (
    id text NOT NULL,
    sort text NOT NULL,
    unit text NOT NULL,
    name text NOT NULL,
    enabled boolean NOT NULL,
    body text NOT NULL,
    sealed text NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.passkeys (
    id text NOT NULL,
    user_id text NOT NULL,
    credential text NOT NULL,
    name text NOT NULL,
    data text NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL
);
CREATE TABLE public.recovery_codes (
    hash text NOT NULL,
    user_id text NOT NULL,
    used_at bigint NOT NULL
);
CREATE TABLE public.relay_gaps (
    id text NOT NULL,
    relay text NOT NULL,
    unit text NOT NULL,
    reason text NOT NULL,
    from_at bigint NOT NULL,
    to_at bigint NOT NULL,
    blocks bigint NOT NULL,
    events bigint NOT NULL,
    bytes bigint NOT NULL,
    noted_at bigint NOT NULL
);
CREATE TABLE public.relayed_blocks (
    unit text NOT NULL,
    run text NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.relayed_skipped (
    stream text NOT NULL,
    seq bigint NOT NULL,
    part integer NOT NULL
);
CREATE TABLE public.relays (
    id text NOT NULL,
    unit text NOT NULL,
    host text NOT NULL,
    version text NOT NULL,
    peer text NOT NULL,
    first_contact bigint NOT NULL,
    last_contact bigint NOT NULL,
    offset_ms bigint NOT NULL,
    backlog_blocks bigint NOT NULL,
    backlog_bytes bigint NOT NULL,
    oldest bigint NOT NULL,
    spool_max bigint NOT NULL,
    disk_free bigint NOT NULL,
    disk_total bigint NOT NULL,
    when_full text NOT NULL,
    refusing integer NOT NULL,
    blocks bigint NOT NULL,
    events bigint NOT NULL,
    retired integer NOT NULL
);
CREATE TABLE public.retention_rules (
    unit text NOT NULL,
    format text NOT NULL,
    input text NOT NULL,
    class text NOT NULL,
    keep_days bigint NOT NULL,
    note text NOT NULL,
    set_by text NOT NULL,
    set_at bigint NOT NULL
);
CREATE TABLE public.rule_switches (
    rule_id text NOT NULL,
    unit text NOT NULL,
    reason text NOT NULL,
    by_name text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.rule_versions (
    id text NOT NULL,
    rule_id text NOT NULL,
    hash text NOT NULL,
    loaded_at bigint NOT NULL,
    by_name text NOT NULL,
    pack text NOT NULL,
    file text NOT NULL,
    title text NOT NULL,
    body text NOT NULL
);
CREATE TABLE public.saved_searches (
    id text NOT NULL,
    owner_id text NOT NULL,
    unit text NOT NULL,
    visibility text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    query text NOT NULL,
    range_from text NOT NULL,
    range_to text NOT NULL,
    columns text NOT NULL,
    view_state text NOT NULL,
    search_text text NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.search_exports (
    id text NOT NULL,
    owner_id text NOT NULL,
    unit text NOT NULL,
    query text NOT NULL,
    time_from bigint NOT NULL,
    time_to bigint NOT NULL,
    ascending boolean NOT NULL,
    format text NOT NULL,
    columns text NOT NULL,
    row_limit bigint NOT NULL,
    state text NOT NULL,
    rows_total bigint NOT NULL,
    rows_done bigint NOT NULL,
    byte_count bigint NOT NULL,
    file_bytes bigint NOT NULL,
    sha256 text NOT NULL,
    partial text NOT NULL,
    error_code text NOT NULL,
    error_text text NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE public.search_history (
    user_id text NOT NULL,
    id text NOT NULL,
    query text NOT NULL,
    range_from text NOT NULL,
    range_to text NOT NULL,
    asked_at bigint NOT NULL,
    took_ms bigint NOT NULL,
    hits bigint NOT NULL
);
CREATE TABLE public.sessions (
    hash text NOT NULL,
    user_id text NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL,
    addr text NOT NULL,
    id text DEFAULT ''::text NOT NULL,
    agent text DEFAULT ''::text NOT NULL,
    method text DEFAULT 'password'::text NOT NULL,
    factor_at bigint DEFAULT 0 NOT NULL,
    confirmed_at bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.source_health (
    id text NOT NULL,
    learned_to bigint NOT NULL,
    profile bytea,
    recent bytea,
    state text DEFAULT '{}'::text NOT NULL,
    score double precision DEFAULT 0 NOT NULL,
    due bigint DEFAULT 0 NOT NULL,
    due_for bigint DEFAULT 0 NOT NULL,
    silent_since bigint DEFAULT 0 NOT NULL,
    volume_since bigint DEFAULT 0 NOT NULL,
    skew_since bigint DEFAULT 0 NOT NULL,
    skew_problem bigint DEFAULT 0 NOT NULL,
    unparsed_since bigint DEFAULT 0 NOT NULL,
    silent_after bigint DEFAULT 0 NOT NULL,
    silent_fixed boolean DEFAULT false NOT NULL,
    muted_at bigint DEFAULT 0 NOT NULL,
    muted_until bigint DEFAULT 0 NOT NULL,
    muted_by text DEFAULT ''::text NOT NULL,
    mute_reason text DEFAULT ''::text NOT NULL,
    mute_silence boolean DEFAULT false NOT NULL
);
CREATE TABLE public.source_signals (
    kind text NOT NULL,
    unit text NOT NULL,
    about text NOT NULL,
    since bigint NOT NULL,
    crowd text DEFAULT ''::text NOT NULL,
    input text DEFAULT ''::text NOT NULL,
    severity text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.source_watch (
    id integer NOT NULL,
    looked bigint NOT NULL,
    outages text NOT NULL
);
CREATE TABLE public.sources (
    unit text NOT NULL,
    input text NOT NULL,
    peer text NOT NULL,
    host text NOT NULL,
    format text NOT NULL,
    product text NOT NULL,
    service text NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    events bigint NOT NULL,
    unparsed bigint NOT NULL,
    id text DEFAULT ''::text NOT NULL,
    search_text text DEFAULT ''::text NOT NULL,
    hour bigint DEFAULT 0 NOT NULL,
    hour_events bigint DEFAULT 0 NOT NULL,
    hour_unparsed bigint DEFAULT 0 NOT NULL,
    hour_pause bigint DEFAULT 0 NOT NULL,
    hour_paused_to bigint DEFAULT 0 NOT NULL,
    prev_hour bigint DEFAULT 0 NOT NULL,
    prev_events bigint DEFAULT 0 NOT NULL,
    prev_unparsed bigint DEFAULT 0 NOT NULL,
    prev_pause bigint DEFAULT 0 NOT NULL,
    prev_paused_to bigint DEFAULT 0 NOT NULL,
    skew bigint DEFAULT 0 NOT NULL,
    skew_at bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.sso_links (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id text NOT NULL,
    created_at bigint NOT NULL,
    mapped boolean DEFAULT false NOT NULL
);
CREATE TABLE public.tokens (
    id text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    scope text NOT NULL,
    hash text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    created_by text DEFAULT ''::text NOT NULL,
    role text DEFAULT ''::text NOT NULL,
    actions text DEFAULT ''::text NOT NULL,
    networks text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.totp (
    user_id text NOT NULL,
    secret text NOT NULL,
    next_secret text NOT NULL,
    last_step bigint NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL
);
CREATE TABLE public.unit_history (
    id text NOT NULL,
    unit text NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    reorganisation text DEFAULT ''::text NOT NULL,
    changes text NOT NULL
);
CREATE TABLE public.unit_reorganisations (
    id text NOT NULL,
    kind text NOT NULL,
    day text NOT NULL,
    decision text NOT NULL,
    made_at bigint NOT NULL,
    made_by text NOT NULL,
    undone_at bigint DEFAULT 0 NOT NULL,
    undone_by text DEFAULT ''::text NOT NULL,
    plan text NOT NULL
);
CREATE TABLE public.unit_tree (
    id integer NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE public.units (
    id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    created_at bigint NOT NULL,
    parent text DEFAULT ''::text NOT NULL,
    short_name text DEFAULT ''::text NOT NULL,
    code text DEFAULT ''::text NOT NULL,
    province text DEFAULT ''::text NOT NULL,
    valid_from text DEFAULT ''::text NOT NULL,
    valid_to text DEFAULT ''::text NOT NULL,
    successors text DEFAULT '[]'::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    contacts text DEFAULT '{}'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    updated_at bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.unparsed (
    unit text NOT NULL,
    input text NOT NULL,
    peer text NOT NULL,
    host text NOT NULL,
    bucket bigint NOT NULL,
    count bigint NOT NULL,
    last_seen bigint NOT NULL,
    samples text NOT NULL
);
CREATE TABLE public.uploads (
    id text NOT NULL,
    unit text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    kind text NOT NULL,
    asked text NOT NULL,
    status text NOT NULL,
    by_id text NOT NULL,
    by_name text NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    bytes_read bigint NOT NULL,
    records bigint NOT NULL,
    stored bigint NOT NULL,
    batches bigint NOT NULL,
    problems bigint NOT NULL,
    problem_list text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    original text NOT NULL,
    kept_until bigint NOT NULL,
    resumed bigint NOT NULL
);
CREATE TABLE public.users (
    id text NOT NULL,
    username text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL,
    unit text NOT NULL,
    password_hash text NOT NULL,
    must_change boolean NOT NULL,
    disabled boolean NOT NULL,
    created_at bigint NOT NULL,
    last_sign_in bigint DEFAULT 0 NOT NULL,
    kind text DEFAULT ''::text NOT NULL,
    failures bigint DEFAULT 0 NOT NULL,
    failed_at bigint DEFAULT 0 NOT NULL,
    locked_until bigint DEFAULT 0 NOT NULL,
    last_addr text DEFAULT ''::text NOT NULL
);
INSERT INTO public.alert_history VALUES ('000660e2cfc65ec62f2e3f3f52', '000660e2cf967ed5ddfa5fe517', 1795377125023025, 'Lan', 'status', 'new', 'in_progress', '', 'Đã gọi Sở Y tế.');
INSERT INTO public.alert_history VALUES ('000660e2cfc65ec8f521957229', '000660e2cf967ed5ddfa5fe517', 1795377125023025, 'Lan', 'assign', '', '000660e2cef2817630a73e923f', '', '');
INSERT INTO public.alert_history VALUES ('000660e2cfc6b2d53e0ca35a7c', '000660e2cf967edca2b232a199', 1795377125043943, 'Lan', 'status', 'new', 'closed', 'false_positive', 'Kiểm thử của đơn vị.');
INSERT INTO public.alerts VALUES ('000660e2cf967edd1c7468ae8d', '52121d1dc8a975f9be373246163f6724', '0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', 'Interactive Root Shell By Sudo', 'Mở phiên shell root bằng sudo', 'low', 2, 'new', 'so-y-te', 'user', 'svc8', 1, 1795377121000000, 1795377121000000, 1795377121025701, 1795377121025701, 1795377121874850, 1795377121874850, '', '', '', '["attack.privilege-escalation","attack.t1548.003"]', 1, 'interactive root shell by sudo
mo phien shell root bang sudo
svc8
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', '', '', '', '', 0, 0, '', 0, '');
INSERT INTO public.alerts VALUES ('000660e2cf967edeab7d37a61d', '5c06b51f2c12c53f68d5827ba8cedd77', 'b5c8009a-66cc-4099-b44e-5e19fbe50a0c', 'Failed SSH Password For Root', 'Thử mật khẩu root qua SSH không thành công', 'low', 2, 'new', 'so-y-te', 'src_ip', '203.0.113.8', 12, 1795377121000000, 1795377121000000, 1795377121025701, 1795377121025701, 1795377121874850, 1795377121874850, '', '', '', '["attack.credential-access","attack.t1110.001"]', 1, 'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.8
b5c8009a-66cc-4099-b44e-5e19fbe50a0c', '', '', '', '', 0, 0, '', 0, '');
INSERT INTO public.alerts VALUES ('000660e2cf967edfaf8b8bca49', '95e6d74a824fcb0a436810c4e8ce69ec', '0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', 'Interactive Root Shell By Sudo', 'Mở phiên shell root bằng sudo', 'low', 2, 'new', 'so-y-te', 'user', 'svc9', 1, 1795377121000000, 1795377121000000, 1795377121025701, 1795377121025701, 1795377121874850, 1795377121874850, '', '', '', '["attack.privilege-escalation","attack.t1548.003"]', 1, 'interactive root shell by sudo
mo phien shell root bang sudo
svc9
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', '', '', '', '', 0, 0, '', 0, '');
INSERT INTO public.alerts VALUES ('000660e2cf967ee09de1d6e5de', '4d76ae514b565dde2fcef3eb0a159861', 'b5c8009a-66cc-4099-b44e-5e19fbe50a0c', 'Failed SSH Password For Root', 'Thử mật khẩu root qua SSH không thành công', 'low', 2, 'new', 'so-y-te', 'src_ip', '203.0.113.9', 12, 1795377121000000, 1795377121000000, 1795377121025701, 1795377121025701, 1795377121874850, 1795377121874850, '', '', '', '["attack.credential-access","attack.t1110.001"]', 1, 'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.9
b5c8009a-66cc-4099-b44e-5e19fbe50a0c', '', '', '', '', 0, 0, '', 0, '');
INSERT INTO public.alerts VALUES ('000660e2cf967edca2b232a199', '936f7b50f19ff63e19832f829b5ae7b0', 'b5c8009a-66cc-4099-b44e-5e19fbe50a0c', 'Failed SSH Password For Root', 'Thử mật khẩu root qua SSH không thành công', 'low', 2, 'closed', 'so-y-te', 'src_ip', '203.0.113.7', 12, 1795377121000000, 1795377121000000, 1795377121025701, 1795377121025701, 1795377121874850, 1795377125043943, '', 'false_positive', 'Kiểm thử của đơn vị.', '["attack.credential-access","attack.t1110.001"]', 2, 'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c', '', '', '', '', 0, 1795377125043941, '000660e2cef2817630a73e923f', 0, '');
INSERT INTO public.alerts VALUES ('000660e2cfd4f467b0a79f25af', '936f7b50f19ff63e19832f829b5ae7b0', 'b5c8009a-66cc-4099-b44e-5e19fbe50a0c', 'Failed SSH Password For Root', 'Thử mật khẩu root qua SSH không thành công', 'low', 2, 'new', 'so-y-te', 'src_ip', '203.0.113.7', 1, 1795377121000000, 1795377121000000, 1795377125085677, 1795377125085677, 1795377125978679, 1795377125978679, '', '', '', '["attack.credential-access","attack.t1110.001"]', 1, 'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c', '', '', '', '', 0, 0, '', 0, '');
INSERT INTO public.alerts VALUES ('000660e2cf967ed5ddfa5fe517', 'd567aec17e6f64034fcf7db1528c616d', '0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', 'Interactive Root Shell By Sudo', 'Mở phiên shell root bằng sudo', 'low', 2, 'in_progress', 'so-y-te', 'user', 'svc7', 2, 1795377121000000, 1795377121000000, 1795377121025701, 1795377125085677, 1795377121874850, 1795377125978679, '000660e2cef2817630a73e923f', '', 'Đã gọi Sở Y tế.', '["attack.privilege-escalation","attack.t1548.003"]', 2, 'interactive root shell by sudo
mo phien shell root bang sudo
svc7
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', '', '', '', '', 0, 0, '', 0, '');
INSERT INTO public.audit_head VALUES (1, 28, '168f48236fd539cc1f0cd7c9306f02af5d603316c455518f659a17abaf33a73e');
INSERT INTO public.audit_log VALUES (1, 1795377102941425, 'system', 'rule.version', 'rules', '{"changed":"0","changedIds":"","new":"97"}', '', 'ec06625d66239eb530df3aa5faf9969ed4d35a6beb70539fb07bdf28aa966b53');
INSERT INTO public.audit_log VALUES (2, 1795377105378488, 'system', 'user.create', 'user:000660e2ce9a8a02c468edcbf6', '{"role":"administrator","unit":"trung-tam","username":"admin"}', '', 'efc91d029acffb4fe7c961c1ec7eef545e8c2e2a9135f12e97768b9cacd54430');
INSERT INTO public.audit_log VALUES (3, 1795377106422016, 'admin', 'session.create', 'user:000660e2ce9a8a02c468edcbf6', '{"method":"password","pending":"password"}', '127.0.0.1', 'f10801af0f9cb2642e335a6206a5005b0efefa331835f3d8ac2a84d65e6121e4');
INSERT INTO public.audit_log VALUES (4, 1795377109579138, 'admin', 'user.change-password', 'user:000660e2ce9a8a02c468edcbf6', '{}', '127.0.0.1', 'fa85cb973f583a456d02bfcb26c97478b9defaf58c414f8ea4a8fc53fafd540f');
INSERT INTO public.audit_log VALUES (5, 1795377109627680, 'admin', 'factor.enrol', 'user:000660e2ce9a8a02c468edcbf6', '{"factor":"totp"}', '127.0.0.1', '0c4910d3598f9239db11a56a31e6b05132a7f647d6b566c3b34a63daee75b73f');
INSERT INTO public.audit_log VALUES (6, 1795377109683271, 'admin', 'unit.create', 'unit:so-y-te', '{"kind":"department","name":"Sở Y tế","parent":"trung-tam"}', '127.0.0.1', '69b42fd018367be7e515f55ec6ba4f64e146b5425b5230fa7f31a74767cd6d5d');
INSERT INTO public.audit_log VALUES (7, 1795377109704620, 'admin', 'unit.create', 'unit:xa-an-phu', '{"kind":"rural-commune","name":"Xã An Phú","parent":"trung-tam"}', '127.0.0.1', '9fcf7dfdbdf5dede9f01116b28f6c43499cb218fbe8f706a4e4e4bf6efeaf3ab');
INSERT INTO public.audit_log VALUES (8, 1795377111139154, 'admin', 'user.create', 'user:000660e2cef2817630a73e923f', '{"role":"analyst","unit":"trung-tam","username":"lan"}', '127.0.0.1', '79cbd968f70c28e76b9104522a093a00d9108d87eb10f4edc0cab3c696be3171');
INSERT INTO public.audit_log VALUES (9, 1795377112109985, 'lan', 'session.create', 'user:000660e2cef2817630a73e923f', '{"method":"password","pending":"password"}', '127.0.0.1', '9e5c5578335ae921d801b1c730e8a3834062da72510fe08ac673b31ddb904ecb');
INSERT INTO public.audit_log VALUES (10, 1795377113786901, 'lan', 'user.change-password', 'user:000660e2cef2817630a73e923f', '{}', '127.0.0.1', 'bf2fd3c21df4ac8c0b20be3a0bba6f44e7d3457489a92d13678319290b136e55');
INSERT INTO public.audit_log VALUES (11, 1795377114786825, 'admin', 'user.create', 'user:000660e2cf29f39b6b96d88dda', '{"role":"analyst","unit":"so-y-te","username":"minh"}', '127.0.0.1', '55f0bd0557d7a63e9255342fd3f95ec320c4dfc2aa7bb2091f91becaa9486d64');
INSERT INTO public.audit_log VALUES (12, 1795377115649108, 'minh', 'session.create', 'user:000660e2cf29f39b6b96d88dda', '{"method":"password","pending":"password"}', '127.0.0.1', 'c5e35a65fed4f605def1ae0679dc8cb6472168dda745e6e8c5056312236d8dd9');
INSERT INTO public.audit_log VALUES (13, 1795377117046092, 'minh', 'user.change-password', 'user:000660e2cf29f39b6b96d88dda', '{}', '127.0.0.1', '5e79ebae0c67dfc4a4019aaf6431f5fce54bb6255529eaa227d6efc1dbaaf82a');
INSERT INTO public.audit_log VALUES (14, 1795377117811550, 'admin', 'user.create', 'user:000660e2cf58519f438f65d2cb', '{"role":"analyst","unit":"xa-an-phu","username":"nghi"}', '127.0.0.1', 'aef712b9a3475ef4f0d41544d374fe1ffff495aeec5d3e06afa5f25636f77c87');
INSERT INTO public.audit_log VALUES (15, 1795377118758944, 'nghi', 'session.create', 'user:000660e2cf58519f438f65d2cb', '{"method":"password","pending":"password"}', '127.0.0.1', '7dce8759ae03cb06f5275161f0dada521185104e4a707519444e0543dee446f0');
INSERT INTO public.audit_log VALUES (16, 1795377120897242, 'nghi', 'user.change-password', 'user:000660e2cf58519f438f65d2cb', '{}', '127.0.0.1', '284dc8d2000f8a41d0ebda791551b6eff32bb388669ce654bf03d2397747971a');
INSERT INTO public.audit_log VALUES (17, 1795377120901916, 'admin', 'user.disable', 'user:000660e2cf58519f438f65d2cb', '{"username":"nghi"}', '127.0.0.1', 'b62e01ae68a9b3c40ae1c1c19cb82563bf433a855ccf0db87f50e993d99438b4');
INSERT INTO public.audit_log VALUES (18, 1795377120909147, 'admin', 'token.create', 'token:000660e2cf87927754e40ca714', '{"name":"máy chủ web","scope":"ingest","unit":"so-y-te","until":"2036-11-19T19:52:00Z"}', '127.0.0.1', '60fe1924a3542acf3c87361207a2a725c8cd064e00e52dd5d9f116a34c1aacd3');
INSERT INTO public.audit_log VALUES (19, 1795377120932869, 'admin', 'token.create', 'token:000660e2cf87d88f9745626f46', '{"name":"báo cáo","role":"service","scope":"api","unit":"trung-tam","until":"2027-11-22T19:52:00Z"}', '127.0.0.1', '00d5aeacc32e33645de6a56638143f1989fd44a6da88050789dab2f65bd5cc3d');
INSERT INTO public.audit_log VALUES (20, 1795377120964567, 'admin', 'token.create', 'token:000660e2cf886ed1dda5e27852', '{"name":"đã mất","scope":"ingest","unit":"so-y-te","until":"2036-11-19T19:52:00Z"}', '127.0.0.1', '149b388fb2d8368b105a2cc5c6e34868548963154fded7853171a130c2964225');
INSERT INTO public.audit_log VALUES (21, 1795377120991245, 'admin', 'token.revoke', 'token:000660e2cf886ed1dda5e27852', '{"name":"đã mất","unit":"so-y-te"}', '127.0.0.1', 'dd6357485669a1976fd100716d3e31909863e3d6b7efb99fd3dbd6039baf5e8d');
INSERT INTO public.audit_log VALUES (22, 1795377125024647, 'lan', 'alert.change', 'alert:000660e2cf967ed5ddfa5fe517', '{"assign":" -\u003e 000660e2cef2817630a73e923f","rule":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","status":"new -\u003e in_progress","unit":"so-y-te"}', '127.0.0.1', 'ae5b177c0b0385c931d94a02294b0f2e0f8eda317a63c1acf3e728c445991974');
INSERT INTO public.audit_log VALUES (23, 1795377125046066, 'lan', 'alert.change', 'alert:000660e2cf967edca2b232a199', '{"reason":"false_positive","rule":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","status":"new -\u003e closed","unit":"so-y-te"}', '127.0.0.1', '084fb674bf1915ba9e484555ae4c6ba07d6b3481027070bae64ab9b3fda1fa86');
INSERT INTO public.audit_log VALUES (24, 1795377125056455, 'lan', 'search.save', 'search:000660e2cfc6dade55abf20cdd', '{"visibility":"private"}', '127.0.0.1', 'e1af052177c9d9c00bfacfbc968cb50b6622274f27f1e3fdd2b42d7fceaf8705');
INSERT INTO public.audit_log VALUES (25, 1795377125066232, 'lan', 'upload.add', 'upload:000660e2cfc6f6eee97b9e0e17', '{"again":"false","kind":"lines","name":"cu.log","sha256":"2088b8ff26d50e291ed614072d29cc540556808035b06e929682ac4cb13715eb","size":"224","unit":"so-y-te"}', '127.0.0.1', '6cb8bcd2c03e2acaaea92e12ffba7c7a6b0a501fba2386b554c67c905199f6c1');
INSERT INTO public.audit_log VALUES (26, 1795377126003111, 'system', 'upload.done', 'upload:000660e2cfc6f6eee97b9e0e17', '{"by":"lan","problems":"0","reason":"","records":"2","sha256":"2088b8ff26d50e291ed614072d29cc540556808035b06e929682ac4cb13715eb","stored":"2","unit":"so-y-te"}', '', '27e2f2e95ef8d00d9c740eedd7d58bdab9f8e33d0143212338871873c8af6dbf');
INSERT INTO public.audit_log VALUES (27, 1795377126108348, 'admin', 'token.create', 'token:000660e2cfd6eba613d91f5c61', '{"name":"Tường lửa","scope":"ingest","unit":"xa-an-phu","until":"2027-11-22T19:52:06Z"}', '127.0.0.1', 'bc0b2e8ea63faa24640374c8273a4728761fe4afeca7abc279c5f9a85147d60f');
INSERT INTO public.audit_log VALUES (28, 1795377126109158, 'admin', 'enrolment.create', 'enrolment:000660e2cfd6e8668f684302ab', '{"credential":"token","credential-id":"000660e2cfd6eba613d91f5c61","device":"filebeat","name":"Tường lửa","networks":"[]","unit":"xa-an-phu"}', '127.0.0.1', '168f48236fd539cc1f0cd7c9306f02af5d603316c455518f659a17abaf33a73e');
INSERT INTO public.correlation_journal VALUES (1, 0, true, '\x28b52ffd6414229d180042318a21404bf55997aebaadd97a55c22dc5edb133cbdccc7de00a29929582af0caba20013555255096b68249c8098551deab9caf438caf20e91bd5ba1abf2a15cd1365fb1fd5bed5f5c10c2facd6bbbe9ef4dfbe3bbb7ecec65359d6fd5fbde82aea3edd958636dce05c217eb6c4b2e902e29dd5bd7db5ced9c5c689dcd4dd0d7ea0627a48fa886f1ab341e7dc34bca8224710261d88fde468fd278f4408a9f6e63cbbbed19bc73b956e9bab2bed518adcbb579edacb6ed378c5fc5468f832439a42c48d2e47cc353af3f5d7ac7dbab465fd622e15b3da72fc6ecf2def1a89a8672109620ea8906f86066249c8018a546122710465241e3278505c24810902b0c8929d8421b0927a297284e208c84130ea3f0348af3309357a68120e704c2981ceaa9ca538d3730c293c34450f40a0e23c007cff790de49dd6f5dd4beb9aafcb79a73b7a87d3d3b42fb14f09154154708df73aeb56ee658a377beb4b1c2853eea66931d5983f44d275b6cc8fa5df7b3d55e583ba5734a192384ef39d75a1f55c5cdfc5277e79bb63ed74c56661f6bde8c11be7fc04752f1f43c51f41275542c015c37000370ac31c24f35dec007438c52a357b8639b6704f8780583c00b842786800f66cdb17e6fcabe7249da74f95bde726eda651f3ef9d119e16fa8035e2010567018ebbc41f48b822a88cd509f26800f386333091bebd6523a4865233c49eff00509bc40f8279f24fe693dac47628427c6a1788140587ac71b3ea243d8be44f1d1083b0f2345dfc08b72a071a415080c0490800c220a00600302806a013d12847426d46f4b828b74c13233400a1b0c129c1b90bca9036a26901d235bd0e5fcc8f3fa3191d6eb929cf5d33b05e5066c202aefb7a7a6aa31216da0be7310f2b376ca533bc5133be5a99de6a99df224766a3bad526c62533eb5293eb5299fd8349f1aca084fad349b6c8a4f6d9a4f64537bb2293eb1293ed9349b5a699eec547852a77962a73cb528a27cb229c6f4b62bbd93955a139bda934defa94defc9a6f6d4a6f764536b6aa51793e59224397ac3471b92ef1c57a99bd3b57486f38b867322280e3e57706030a5f73b3db83105e23a1eb903b91e');
INSERT INTO public.correlation_journal VALUES (2, 0, false, '\x28b52ffd44007200dd0600b2cf2f2140492c0071a980e4c8100eca2b103dbad69fd397cf3471647a6e29e6cf36db7a018b3a9d257e0f8b37b792b8a7162feea3294db264ac62f3e199efc1a1b4d6d93cbb607899c0047cefd2ea4e9cd6838804df279802a536879f0851e00a03fcf23df2d839d78c8393a1f03dd2cef70614911e0540468a483c876fbe9f0e5a40b439fcf33dabc5cdd8e17a71c8bd7e28b284a1b50e89e434989b2d1ebe5e61806f1ce6e07ba419abb5b55e4b8ca132e0eb01a550376a8ad5e167a5cb4cae08080034e33c70e32d65885486a45a58b036948c7d70e07f010d0e90269b');
INSERT INTO public.disk_use VALUES ('lake', 1795305600000000, 1795377103516314, 0);
INSERT INTO public.disk_use VALUES ('spool', 1795305600000000, 1795377103516314, 880);
INSERT INTO public.enrol_credentials VALUES ('000660e2cfd6eba613d91f5c61', '000660e2cfd6e8668f684302ab', 'token', '', 1795377126108658, 1826913126108658, 1826913126108658, 0);
INSERT INTO public.enrolments VALUES ('000660e2cfd6e8668f684302ab', 'xa-an-phu', 'Tường lửa', 'filebeat', 'token', 365, '', '', 'tuong lua
filebeat
000660e2cfd6e8668f684302ab', 1795377126107239, 'admin', 1826913126108658, 0, '', '');
INSERT INTO public.facts VALUES ('000660e2cedc5e643f69e9fa43', 'unit.changed', 'so-y-te', 1795377109687908, '{"action":"create","id":"so-y-te"}', 1795377109704252);
INSERT INTO public.facts VALUES ('000660e2cedcac69c60c0eb83a', 'unit.changed', 'xa-an-phu', 1795377109707880, '{"action":"create","id":"xa-an-phu"}', 1795377109720546);
INSERT INTO public.facts VALUES ('000660e2cf88df811f71c387b3', 'token.revoked', 'so-y-te', 1795377120993152, '{"by":"admin","id":"000660e2cf886ed1dda5e27852"}', 1795377121891603);
INSERT INTO public.facts VALUES ('000660e2cf96cfd462e286d3e3', 'alert.opened[]', '', 1795377121906643, '[{"u":"so-y-te","b":{"id":"000660e2cf967ed5ddfa5fe517","ruleId":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","title":"Interactive Root Shell By Sudo","titleVi":"Mở phiên shell root bằng sudo","level":"low","tags":["attack.privilege-escalation","attack.t1548.003"],"unit":"so-y-te","entity":{"field":"user","value":"svc7"},"assignee":"","by":"","reason":""}},{"u":"so-y-te","b":{"id":"000660e2cf967edca2b232a199","ruleId":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","title":"Failed SSH Password For Root","titleVi":"Thử mật khẩu root qua SSH không thành công","level":"low","tags":["attack.credential-access","attack.t1110.001"],"unit":"so-y-te","entity":{"field":"src_ip","value":"203.0.113.7"},"assignee":"","by":"","reason":""}},{"u":"so-y-te","b":{"id":"000660e2cf967edd1c7468ae8d","ruleId":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","title":"Interactive Root Shell By Sudo","titleVi":"Mở phiên shell root bằng sudo","level":"low","tags":["attack.privilege-escalation","attack.t1548.003"],"unit":"so-y-te","entity":{"field":"user","value":"svc8"},"assignee":"","by":"","reason":""}},{"u":"so-y-te","b":{"id":"000660e2cf967edeab7d37a61d","ruleId":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","title":"Failed SSH Password For Root","titleVi":"Thử mật khẩu root qua SSH không thành công","level":"low","tags":["attack.credential-access","attack.t1110.001"],"unit":"so-y-te","entity":{"field":"src_ip","value":"203.0.113.8"},"assignee":"","by":"","reason":""}},{"u":"so-y-te","b":{"id":"000660e2cf967edfaf8b8bca49","ruleId":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","title":"Interactive Root Shell By Sudo","titleVi":"Mở phiên shell root bằng sudo","level":"low","tags":["attack.privilege-escalation","attack.t1548.003"],"unit":"so-y-te","entity":{"field":"user","value":"svc9"},"assignee":"","by":"","reason":""}},{"u":"so-y-te","b":{"id":"000660e2cf967ee09de1d6e5de","ruleId":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","title":"Failed SSH Password For Root","titleVi":"Thử mật khẩu root qua SSH không thành công","level":"low","tags":["attack.credential-access","attack.t1110.001"],"unit":"so-y-te","entity":{"field":"src_ip","value":"203.0.113.9"},"assignee":"","by":"","reason":""}}]', 1795377121924098);
INSERT INTO public.facts VALUES ('000660e2cfc661ee062055ca56', 'alert.assigned', 'so-y-te', 1795377125024237, '{"id":"000660e2cf967ed5ddfa5fe517","ruleId":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","title":"Interactive Root Shell By Sudo","titleVi":"Mở phiên shell root bằng sudo","level":"low","unit":"so-y-te","entity":{"field":"user","value":"svc7"},"assignee":"000660e2cef2817630a73e923f","by":"000660e2cef2817630a73e923f","reason":""}', 1795377125039705);
INSERT INTO public.facts VALUES ('000660e2cfc66307d6258004df', 'alert.acknowledged', 'so-y-te', 1795377125024237, '{"id":"000660e2cf967ed5ddfa5fe517","ruleId":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","title":"Interactive Root Shell By Sudo","titleVi":"Mở phiên shell root bằng sudo","level":"low","unit":"so-y-te","entity":{"field":"user","value":"svc7"},"assignee":"000660e2cef2817630a73e923f","by":"000660e2cef2817630a73e923f","reason":""}', 1795377125039705);
INSERT INTO public.facts VALUES ('000660e2cfc6b67f1d42ae736d', 'alert.closed', 'so-y-te', 1795377125045886, '{"id":"000660e2cf967edca2b232a199","ruleId":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","title":"Failed SSH Password For Root","titleVi":"Thử mật khẩu root qua SSH không thành công","level":"low","unit":"so-y-te","entity":{"field":"src_ip","value":"203.0.113.7"},"assignee":"","by":"000660e2cef2817630a73e923f","reason":"false_positive"}', 1795377125058207);
INSERT INTO public.facts VALUES ('000660e2cfd4f6de5881cafe26', 'alert.opened', 'so-y-te', 1795377125979869, '{"id":"000660e2cfd4f467b0a79f25af","ruleId":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","title":"Failed SSH Password For Root","titleVi":"Thử mật khẩu root qua SSH không thành công","level":"low","tags":["attack.credential-access","attack.t1110.001"],"unit":"so-y-te","entity":{"field":"src_ip","value":"203.0.113.7"},"assignee":"","by":"","reason":""}', 1795377125982276);
INSERT INTO public.goose_alert VALUES (1, 0, true, '2026-11-22 19:51:42.248627');
INSERT INTO public.goose_alert VALUES (2, 1, true, '2026-11-22 19:51:42.266126');
INSERT INTO public.goose_alert VALUES (3, 2, true, '2026-11-22 19:51:42.277136');
INSERT INTO public.goose_alert VALUES (4, 3, true, '2026-11-22 19:51:42.286768');
INSERT INTO public.goose_alert VALUES (5, 4, true, '2026-11-22 19:51:42.295647');
INSERT INTO public.goose_alert VALUES (6, 10, true, '2026-11-22 19:51:42.299463');
INSERT INTO public.goose_audit VALUES (1, 0, true, '2026-11-22 19:51:42.621886');
INSERT INTO public.goose_audit VALUES (2, 1, true, '2026-11-22 19:51:42.624034');
INSERT INTO public.goose_dashboard VALUES (1, 0, true, '2026-11-22 19:51:42.588787');
INSERT INTO public.goose_dashboard VALUES (2, 1, true, '2026-11-22 19:51:42.591437');
INSERT INTO public.goose_enrol VALUES (1, 0, true, '2026-11-22 19:51:42.558881');
INSERT INTO public.goose_enrol VALUES (2, 1, true, '2026-11-22 19:51:42.562753');
INSERT INTO public.goose_evidence VALUES (1, 0, true, '2026-11-22 19:51:42.548112');
INSERT INTO public.goose_evidence VALUES (2, 1, true, '2026-11-22 19:51:42.550023');
INSERT INTO public.goose_exclusion VALUES (1, 0, true, '2026-11-22 19:51:42.316921');
INSERT INTO public.goose_exclusion VALUES (2, 1, true, '2026-11-22 19:51:42.326514');
INSERT INTO public.goose_identity VALUES (1, 0, true, '2026-11-22 19:51:42.061513');
INSERT INTO public.goose_identity VALUES (2, 1, true, '2026-11-22 19:51:42.072542');
INSERT INTO public.goose_identity VALUES (3, 2, true, '2026-11-22 19:51:42.10052');
INSERT INTO public.goose_identity VALUES (4, 3, true, '2026-11-22 19:51:42.236279');
INSERT INTO public.goose_identity VALUES (5, 4, true, '2026-11-22 19:51:42.239244');
INSERT INTO public.goose_identity VALUES (6, 5, true, '2026-11-22 19:51:42.245004');
INSERT INTO public.goose_lake VALUES (1, 0, true, '2026-11-22 19:51:40.418048');
INSERT INTO public.goose_lake VALUES (2, 1, true, '2026-11-22 19:51:40.435737');
INSERT INTO public.goose_lake VALUES (3, 2, true, '2026-11-22 19:51:40.53269');
INSERT INTO public.goose_module VALUES (1, 0, true, '2026-11-22 19:51:41.930076');
INSERT INTO public.goose_module VALUES (2, 1, true, '2026-11-22 19:51:41.942211');
INSERT INTO public.goose_module VALUES (3, 2, true, '2026-11-22 19:51:41.971828');
INSERT INTO public.goose_notification VALUES (1, 0, true, '2026-11-22 19:51:42.594323');
INSERT INTO public.goose_notification VALUES (2, 1, true, '2026-11-22 19:51:42.596338');
INSERT INTO public.goose_pipeline VALUES (1, 0, true, '2026-11-22 19:51:41.982386');
INSERT INTO public.goose_pipeline VALUES (2, 1, true, '2026-11-22 19:51:41.986527');
INSERT INTO public.goose_pipeline VALUES (3, 2, true, '2026-11-22 19:51:41.993792');
INSERT INTO public.goose_relay VALUES (1, 0, true, '2026-11-22 19:51:42.569888');
INSERT INTO public.goose_relay VALUES (2, 1, true, '2026-11-22 19:51:42.575802');
INSERT INTO public.goose_rule VALUES (1, 0, true, '2026-11-22 19:51:42.541433');
INSERT INTO public.goose_rule VALUES (2, 1, true, '2026-11-22 19:51:42.543369');
INSERT INTO public.goose_savedsearch VALUES (1, 0, true, '2026-11-22 19:51:42.401163');
INSERT INTO public.goose_savedsearch VALUES (2, 1, true, '2026-11-22 19:51:42.426147');
INSERT INTO public.goose_search VALUES (1, 0, true, '2026-11-22 19:51:42.351032');
INSERT INTO public.goose_search VALUES (2, 1, true, '2026-11-22 19:51:42.377415');
INSERT INTO public.goose_source VALUES (1, 0, true, '2026-11-22 19:51:42.455686');
INSERT INTO public.goose_source VALUES (2, 1, true, '2026-11-22 19:51:42.520236');
INSERT INTO public.goose_source VALUES (3, 2, true, '2026-11-22 19:51:42.523851');
INSERT INTO public.goose_unit VALUES (1, 0, true, '2026-11-22 19:51:42.011364');
INSERT INTO public.goose_unit VALUES (2, 1, true, '2026-11-22 19:51:42.026268');
INSERT INTO public.goose_unit VALUES (3, 2, true, '2026-11-22 19:51:42.037544');
INSERT INTO public.goose_upload VALUES (1, 0, true, '2026-11-22 19:51:42.582807');
INSERT INTO public.goose_upload VALUES (2, 1, true, '2026-11-22 19:51:42.585081');
INSERT INTO public.lake_block VALUES ('spool-dn202eon7u2x', 1, 39, 0, 1795377121864263);
INSERT INTO public.lake_block VALUES ('spool-dn202eon7u2x', 2, 2, 0, 1795377125978249);
INSERT INTO public.lake_chain VALUES (1, '{"seq":1,"at":"2026-11-22T19:52:01.862493Z","kind":"commit","added":[{"segment":"01a204d0ca42d6996ffc1f08","level":"flush","sha256":"143fc5beb745864ea845ba20075d1cc7b4f294a56006c074cd9201aaeb9a400a","bytes":4967,"events":39,"from":"2026-11-22T19:52:01.000000Z","to":"2026-11-22T19:52:01.000000Z","received":["2026-11-22T19:52:01.025701Z","2026-11-22T19:52:01.025701Z"],"units":["so-y-te"]}],"prev":"0000000000000000000000000000000000000000000000000000000000000000"}', '5e47ed5995c1c440a53092b46ca991759d95e0ecf5ec28a6fb29c71f74566200');
INSERT INTO public.lake_chain VALUES (2, '{"seq":2,"at":"2026-11-22T19:52:05.976190Z","kind":"commit","added":[{"segment":"01a204d0da55469e319795f2","level":"flush","sha256":"223d8197112434687be1dfd66d02e629dcae0bc110f9e51511484f91fb0f8a30","bytes":4471,"events":2,"from":"2026-11-22T19:52:01.000000Z","to":"2026-11-22T19:52:01.000000Z","received":["2026-11-22T19:52:05.085677Z","2026-11-22T19:52:05.085677Z"],"units":["so-y-te"]}],"prev":"5e47ed5995c1c440a53092b46ca991759d95e0ecf5ec28a6fb29c71f74566200"}', '0a2f8ad7583e33c147c92cea85353b075450e7fc5e80f118a63e442b1eb1edf8');
INSERT INTO public.lake_chain_head VALUES (1, 2, '0a2f8ad7583e33c147c92cea85353b075450e7fc5e80f118a63e442b1eb1edf8');
INSERT INTO public.lake_segment VALUES ('01a204d0ca42d6996ffc1f08', 0, false, 'live', '', 1795377121000000, 1795377121000000, 1795377121025701, 1795377121025701, '01a204d0c70134cd848f39fa00000000', '01a204d0c70134cd848f39fa00000026', 39, 4967, '143fc5beb745864ea845ba20075d1cc7b4f294a56006c074cd9201aaeb9a400a', 'so-y-te', '	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user', 1795377121858750, 1);
INSERT INTO public.lake_segment VALUES ('01a204d0da55469e319795f2', 0, false, 'live', '', 1795377121000000, 1795377121000000, 1795377125085677, 1795377125085677, '01a204d0d6c6810303297bc100000000', '01a204d0d6c6810303297bc100000001', 2, 4471, '223d8197112434687be1dfd66d02e629dcae0bc110f9e51511484f91fb0f8a30', 'so-y-te', '	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user', 1795377125973171, 2);
INSERT INTO public.lake_segment_block VALUES ('01a204d0ca42d6996ffc1f08', 'spool-dn202eon7u2x', 1);
INSERT INTO public.lake_segment_block VALUES ('01a204d0da55469e319795f2', 'spool-dn202eon7u2x', 2);
INSERT INTO public.recovery_codes VALUES ('f63973965aa703192ac7d831e564b54740a6409a7936606a07794d8103a8bfe8', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('992181cd18c930d9645509b5d1a75346ccef903fbb247d6f302809cde9fea49a', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('25dfb5e75eae67ccf1f854b31c327d170d37c1c349a441d65936cc52ad8aef6c', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('a92f9587a44623be58f74c832e043f2fd4a01e869f6d4171e4bcdb1fbb88f296', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('ecea7acbd8bbf0265faceaa5f1223baa9cd46d7de6ae2c4426a90aaa438576f3', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('68666348993c24e9010c5b8aa9bc81201ea8ce6ee1483b605b15266128eb78bb', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('6a9655ff25157a6fe6540477f3b99448cc3c2f8ab95ddd56b78b9cc197f44521', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('cea34d12aedba7a1e389623adfd740dcf91e76109533ef894c39ceb965e43a86', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('97812d9b4024b80ee3523a030c3ebaa894fb083a0b20ea290ff343072d9bf336', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.recovery_codes VALUES ('07f893720718f0f399663a2205b063b2adf14a44834fc96ad5920906ac94f6db', '000660e2ce9a8a02c468edcbf6', 0);
INSERT INTO public.rule_versions VALUES ('000660e2ce74cbfd703a5fa919', '20c766c1-6f33-476d-aaa5-7b2b6723a044', 'b68ecdb61fdb8658b4acd9bac79996b2bde3d0f6ea0a66f91b0746dd95f72da7', 1795377102888736, 'system', 'lachan', 'starter/application/login-accepted.yml', 'Login At An Application', 'title: Login At An Application
id: 20c766c1-6f33-476d-aaa5-7b2b6723a044
name: application_login
status: test
description: >-
    Matches every successful login at an application. Alone it is daily life; correlations
    look at where the logins come from.
references:
    - https://attack.mitre.org/techniques/T1078/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1078
logsource:
    category: application
detection:
    selection:
        event: login
        outcome: success
    condition: selection
falsepositives:
    - People at work
level: low
lachan:
    title: "Đăng nhập ứng dụng thành công"
    explanation: >-
        Một lần đăng nhập ứng dụng. Riêng lẻ thì bình thường; luật tương quan xem một tài khoản
        đăng nhập từ bao nhiêu nơi.
    checks:
        - "Xem tài khoản và địa chỉ nguồn."
        - "Xem giờ đăng nhập."
        - "Xác nhận với người giữ tài khoản."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc0796ad8974ab', '561814d9-3a32-4e7c-84d9-cfaa98f95e48', 'b392917542f777cd5f500c206e59cccba855b1453af5756975c2f5b56207ba46', 1795377102888736, 'system', 'lachan', 'starter/application/login-from-many-addresses.yml', 'One Account From Many Addresses', 'title: One Account From Many Addresses
id: 561814d9-3a32-4e7c-84d9-cfaa98f95e48
name: application_login_many_addresses
status: test
description: >-
    Detects an account that signs in to an application from five different addresses within
    one hour.
references:
    - https://attack.mitre.org/techniques/T1078/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.credential-access
    - attack.t1078
correlation:
    type: value_count
    rules:
        - application_login
    group-by:
        - user
    timespan: 1h
    condition:
        field: src_ip
        gte: 5
falsepositives:
    - An account that several people share
    - A telephone that changes networks
level: medium
lachan:
    title: "Một tài khoản đăng nhập từ nhiều địa chỉ"
    explanation: >-
        Một tài khoản đăng nhập ứng dụng từ 5 địa chỉ khác nhau trở lên trong một giờ. Hoặc mật
        khẩu đã lộ và đang bị dùng, hoặc nhiều người dùng chung tài khoản; cả hai đều phải xử lý.
    checks:
        - "Hỏi người giữ tài khoản những địa chỉ nào là của mình."
        - "Xem các địa chỉ thuộc mạng của đơn vị, nhà mạng di động hay nước ngoài."
        - "Nếu không giải thích được: khóa phiên, đổi mật khẩu, bật xác thực hai lớp."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc0b3df9bee3aa', '3052d546-03fc-4be3-b7e1-c766353daa1a', '3327b8b046598e26fcf01b8e17598760df0c3e1b15cb1e914c6945a253036d07', 1795377102888736, 'system', 'lachan', 'starter/application/login-guessing.yml', 'Many Failed Logins Of One Application Account', 'title: Many Failed Logins Of One Application Account
id: 3052d546-03fc-4be3-b7e1-c766353daa1a
status: test
description: >-
    Detects an application reporting that an account has failed to sign in ten times or more
    without a success between.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
    - attack.t1110.004
logsource:
    category: application
detection:
    selection:
        event: login
        outcome: failure
        failures|gte: 10
    condition: selection
falsepositives:
    - A saved password that no longer holds
level: medium
lachan:
    title: "Dò mật khẩu tài khoản trên ứng dụng"
    explanation: >-
        Một tài khoản của ứng dụng đã đăng nhập sai từ mười lần trở lên liên tiếp. Nhiều khả
        năng là công cụ đang thử danh sách mật khẩu bị lộ.
    checks:
        - "Xem các tài khoản bị thử và địa chỉ nguồn: một địa chỉ thử nhiều tài khoản là dò tự động."
        - "Tìm lần đăng nhập thành công từ cùng địa chỉ, kể cả với tài khoản khác."
        - "Đề nghị đơn vị khoá tạm, đổi mật khẩu yếu và bật xác thực hai lớp."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc0fcb5a19ff53', 'bb3b6079-e83d-40ee-88f1-2b2f42f3421d', 'f73cd869215f6ba0f2f2597d15f3b37331b196e5523e2124442136134138a186', 1795377102888736, 'system', 'lachan', 'starter/application/script-uploaded.yml', 'Script Uploaded To An Application', 'title: Script Uploaded To An Application
id: bb3b6079-e83d-40ee-88f1-2b2f42f3421d
status: test
description: >-
    Detects an application''s log of an accepted file whose name makes a web server run it.
references:
    - https://attack.mitre.org/techniques/T1505/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.initial-access
    - attack.t1505.003
logsource:
    category: application
detection:
    selection:
        event: upload
        outcome: success
        file|re: ''(?i)\.(php\d?|phtml|phar|jspx?|war|aspx?|ashx|asmx|cgi|pl|py|sh|exe|dll|htaccess)$''
    condition: selection
falsepositives:
    - Applications for developers
level: high
lachan:
    title: "Tải tệp mã thực thi lên ứng dụng"
    explanation: >-
        Ứng dụng vừa nhận một tệp mà máy chủ web có thể thực thi (php, jsp, aspx…). Đây là
        cách đặt cửa sau thường gặp nhất qua chức năng đính kèm tệp.
    checks:
        - "Lấy bản sao tệp trong thư mục tải lên và ghi lại thời điểm, địa chỉ gửi."
        - "Tìm trong nhật ký web các yêu cầu tới chính tệp đó sau khi tải lên."
        - "Đề nghị đơn vị chặn thực thi trong thư mục tải lên và lọc loại tệp."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc121e93aa8dbf', '218abd50-ab86-4c5b-95ce-d688bfcb3499', '4e47ced24e71ddd44c1cdc30d201a56c6c4614aa9ecae38c40425390d83629ed', 1795377102888736, 'system', 'lachan', 'starter/dns/callback-service.yml', 'Query For A Security Testing Callback Service', 'title: Query For A Security Testing Callback Service
id: 218abd50-ab86-4c5b-95ce-d688bfcb3499
status: test
description: >-
    Detects names of services that report back when a planted name is looked up, which prove
    an exploit worked.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.reconnaissance
    - attack.t1190
    - attack.t1595.002
logsource:
    category: dns
detection:
    selection:
        query|endswith:
            - ''.oastify.com''
            - ''.burpcollaborator.net''
            - ''.interact.sh''
            - ''.oast.fun''
            - ''.oast.pro''
            - ''.oast.live''
            - ''.oast.site''
            - ''.oast.online''
            - ''.oast.me''
            - ''.dnslog.cn''
            - ''.ceye.io''
            - ''.requestrepo.com''
            - ''.webhook.site''
    condition: selection
falsepositives:
    - Authorised penetration tests
level: high
lachan:
    title: "Máy chủ gọi tới dịch vụ kiểm thử khai thác"
    explanation: >-
        Máy trong mạng hỏi tên miền dùng để báo về khi một lỗ hổng bị khai thác thành công.
        Nếu là máy chủ web, kẻ tấn công vừa biết chắc máy có lỗ hổng.
    checks:
        - "Xem nhật ký web của máy này ngay trước truy vấn để tìm yêu cầu chứa chuỗi đó."
        - "Kiểm tra có đợt kiểm thử được phép không."
        - "Vá hoặc tắt chức năng bị khai thác, rồi rà soát máy như đã bị xâm nhập."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc16f9f55f008d', 'e630c9d4-80ff-4f2b-b087-90813ad4182c', 'f0fcdeab1bd328f66681e8b2b74125df17c05ea09820dbff1c2d6b6dd2504f23', 1795377102888736, 'system', 'lachan', 'starter/dns/dynamic-dns.yml', 'Query For A Dynamic DNS Name', 'title: Query For A Dynamic DNS Name
id: e630c9d4-80ff-4f2b-b087-90813ad4182c
status: test
description: >-
    Detects names of free dynamic DNS providers, which remote access trojans favour.
references:
    - https://attack.mitre.org/techniques/T1568/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.t1568
logsource:
    category: dns
detection:
    selection:
        query|endswith:
            - ''.duckdns.org''
            - ''.ddns.net''
            - ''.no-ip.org''
            - ''.no-ip.biz''
            - ''.hopto.org''
            - ''.zapto.org''
            - ''.sytes.net''
            - ''.myftp.org''
            - ''.servehttp.com''
            - ''.dynu.net''
            - ''.chickenkiller.com''
            - ''.mooo.com''
            - ''.gleeze.com''
            - ''.ddnsfree.com''
            - ''.ddnsgeek.com''
            - ''.giize.com''
    condition: selection
falsepositives:
    - Cameras and home routers that use these services
level: low
lachan:
    title: "Truy vấn tên miền động miễn phí"
    explanation: >-
        Máy trạm liên lạc tới tên miền động miễn phí. Mã độc điều khiển từ xa hay dùng loại
        tên miền này vì đổi địa chỉ dễ và không để lại danh tính.
    checks:
        - "Xác định thiết bị: camera, đầu ghi hình hay máy tính cán bộ."
        - "Xem tần suất truy vấn và lưu lượng tới địa chỉ trả về."
        - "Nếu là máy tính cán bộ, quét mã độc và kiểm tra chương trình tự khởi động."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc1afd237a663b', '9b812127-ef58-4c7c-8eab-e8c11a51eef0', 'b14e41ddc23c8768f9b0cd2bab136d0fafa91801c398bf927f566eca8b10b0e7', 1795377102888736, 'system', 'lachan', 'starter/dns/long-label.yml', 'Very Long DNS Name', 'title: Very Long DNS Name
id: 9b812127-ef58-4c7c-8eab-e8c11a51eef0
status: test
description: >-
    Detects queries whose leading labels are long strings of code characters, as tunnels put
    data into names.
references:
    - https://attack.mitre.org/techniques/T1071/004/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.exfiltration
    - attack.command-and-control
    - attack.t1071.004
    - attack.t1048.003
logsource:
    category: dns
detection:
    long:
        query|re: ''^([0-9A-Za-z+/_=-]{50,63}\.|([0-9A-Za-z+/_=-]{28,63}\.){3,})''
    filter_main_known:
        query|endswith:
            - ''.in-addr.arpa''
            - ''.ip6.arpa''
            - ''.sophosxl.net''
            - ''.mcafee.com''
            - ''.trendmicro.com''
            - ''.spamhaus.org''
            - ''.cloudfront.net''
            - ''.amazonaws.com''
            - ''.akadns.net''
    condition: long and not 1 of filter_main_*
falsepositives:
    - Content delivery and antivirus reputation services
level: medium
lachan:
    title: "Tên miền truy vấn dài bất thường"
    explanation: >-
        Máy trạm hỏi một tên miền mà phần đầu là chuỗi mã hoá rất dài. Mã độc giấu dữ liệu
        trong tên miền như vậy để chuyển ra ngoài qua tường lửa.
    checks:
        - "Xem máy này hỏi bao nhiêu tên khác nhau dưới cùng một tên miền gốc."
        - "Tra tên miền gốc: ngày đăng ký, chủ sở hữu, có trong nguồn cảnh báo không."
        - "Xác định tiến trình trên máy trạm; nếu không rõ, cô lập máy."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc1c4d3f513751', 'cb518b03-2581-4f0b-9f60-31cc00c7ad2f', '740cd2b241b225f87c73eb0974b508563bde01b63ad6d3ea73b85e3521597332', 1795377102888736, 'system', 'lachan', 'starter/dns/mining-pool.yml', 'Query For A Mining Pool', 'title: Query For A Mining Pool
id: cb518b03-2581-4f0b-9f60-31cc00c7ad2f
status: test
description: >-
    Detects names of public mining pools.
references:
    - https://attack.mitre.org/techniques/T1496/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.impact
    - attack.t1496.001
logsource:
    category: dns
detection:
    selection:
        query|endswith:
            - ''minexmr.com''
            - ''supportxmr.com''
            - ''nanopool.org''
            - ''moneroocean.stream''
            - ''hashvault.pro''
            - ''c3pool.com''
            - ''c3pool.org''
            - ''f2pool.com''
            - ''2miners.com''
            - ''nicehash.com''
            - ''unmineable.com''
            - ''herominers.com''
            - ''monerohash.com''
            - ''xmrpool.eu''
            - ''ethermine.org''
    condition: selection
falsepositives:
    - None known in agencies
level: high
lachan:
    title: "Truy vấn tên miền bể đào tiền ảo"
    explanation: >-
        Một máy trong mạng tìm địa chỉ của bể đào tiền ảo. Hoặc máy đã nhiễm mã độc đào
        tiền, hoặc có người tự cài; cả hai đều phải xử lý.
    checks:
        - "Xác định máy và người sử dụng theo địa chỉ nguồn."
        - "Xem máy có dùng CPU cao liên tục và tiến trình lạ không."
        - "Nếu là máy chủ, tìm đường xâm nhập trước khi xoá phần mềm đào."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc1f8ba14c780e', 'f73d3e58-4312-4bd9-811f-7f8e9e94b797', 'df8c803a056551e1533e92487ca576959f92967a1e31b6309dc3114094257921', 1795377102888736, 'system', 'lachan', 'starter/dns/onion-gateway.yml', 'Query For A Tor Name Or Gateway', 'title: Query For A Tor Name Or Gateway
id: f73d3e58-4312-4bd9-811f-7f8e9e94b797
status: test
description: >-
    Detects names below onion, which leak from Tor software, and public gateways to them.
references:
    - https://attack.mitre.org/techniques/T1090/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.t1090.003
logsource:
    category: dns
detection:
    selection:
        query|endswith:
            - ''.onion''
            - ''.onion.to''
            - ''.onion.ly''
            - ''.onion.ws''
            - ''.onion.pet''
            - ''.tor2web.org''
            - ''.tor2web.io''
            - ''.torproject.org''
    condition: selection
falsepositives:
    - Journalists and researchers
level: medium
lachan:
    title: "Truy vấn tên miền mạng ẩn danh Tor"
    explanation: >-
        Một máy trong mạng tìm cách vào mạng Tor. Mã độc tống tiền dùng Tor để nhận lệnh và
        đòi tiền chuộc.
    checks:
        - "Xác định máy và hỏi người dùng có cài trình duyệt Tor không."
        - "Tìm tệp bị đổi phần mở rộng hàng loạt, ghi chú đòi tiền chuộc trên máy."
        - "Xem kết nối khác của máy trong cùng thời gian."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc346a5e5dda27', '5e77b052-caae-4f5a-9d6a-572dff99074f', '1f66da3f8d3f73df1c6aa3afd2f2eab9d4abf7db75e869b20b03ee995c939d70', 1795377102888736, 'system', 'lachan', 'starter/dns/txt-tunnel.yml', 'TXT Or NULL Query For A Coded Name', 'title: TXT Or NULL Query For A Coded Name
id: 5e77b052-caae-4f5a-9d6a-572dff99074f
status: test
description: >-
    Detects queries of record types that can carry much data, for names made of code
    characters.
references:
    - https://attack.mitre.org/techniques/T1071/004/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.t1071.004
logsource:
    category: dns
detection:
    type:
        record_type:
            - TXT
            - ''NULL''
            - PRIVATE
    coded:
        query|re: ''^[0-9A-Za-z+=-]{20,63}\.''
    filter_main_mail:
        query|contains:
            - ''_domainkey.''
            - ''_dmarc.''
            - ''_spf.''
            - ''_acme-challenge.''
            - ''_mta-sts.''
            - ''._tcp.''
    condition: type and coded and not 1 of filter_main_*
falsepositives:
    - Mail servers checking keys
level: medium
lachan:
    title: "Truy vấn TXT với tên miền mã hoá"
    explanation: >-
        Loại bản ghi TXT, NULL chở được nhiều dữ liệu nên hay bị dùng làm kênh điều khiển
        qua DNS. Tên truy vấn ở đây là chuỗi mã chứ không phải tên có nghĩa.
    checks:
        - "Kiểm tra máy hỏi có phải máy chủ thư không."
        - "Xem tần suất hỏi: đều đặn vài giây một lần là kênh điều khiển."
        - "Chặn tên miền gốc tại máy chủ DNS và cô lập máy trạm."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc38b74a7f433c', 'b6d236ec-b547-4c04-a331-c1a1c53acb1a', '4d300eb9f84eec4b750f5ae654b6dd2253376d8335d5e1b195de6f5bc59b4bf0', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-admin-account-changed.yml', 'FortiGate Administrator Account Added Or Changed', 'title: FortiGate Administrator Account Added Or Changed
id: b6d236ec-b547-4c04-a331-c1a1c53acb1a
status: test
description: >-
    Detects an administrator account or API user being added, edited or deleted.
references:
    - https://attack.mitre.org/techniques/T1136/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1136.001
    - attack.t1098
logsource:
    product: fortigate
    service: event
detection:
    selection:
        cfgpath:
            - system.admin
            - system.api-user
            - system.sso-admin
    condition: selection
falsepositives:
    - A new network administrator
level: high
lachan:
    title: "Tài khoản quản trị FortiGate bị thêm hoặc sửa"
    explanation: >-
        Danh sách tài khoản quản trị tường lửa vừa thay đổi. Các chiến dịch khai thác
        FortiGate luôn kết thúc bằng việc tạo tài khoản quản trị mới.
    checks:
        - "Xác nhận với quản trị mạng về tài khoản nêu trong cfgobj."
        - "Xem tài khoản nào thực hiện (user) và từ đâu (ui)."
        - "Kiểm tra phiên bản FortiOS với các cảnh báo lỗ hổng gần đây."
    entity: devname
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc3bcc823a53bb', 'c83be67b-9680-4d58-9c24-6221140f077d', '29f5cc00a84597f7422520ca7be91476e81c8da89e4edc7801aafb06428c5a8e', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-admin-login-failed.yml', 'FortiGate Administrator Login Failed', 'title: FortiGate Administrator Login Failed
id: c83be67b-9680-4d58-9c24-6221140f077d
status: test
description: >-
    Detects a failed administrator login on a FortiGate.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
logsource:
    product: fortigate
    service: event
detection:
    selection:
        logdesc|contains: ''Admin login failed''
    status:
        action: login
        status: failed
        subtype: system
    condition: selection or status
falsepositives:
    - A mistyped password
level: medium
lachan:
    title: "Đăng nhập quản trị FortiGate thất bại"
    explanation: >-
        Có người đăng nhập trang quản trị tường lửa không thành công. Tường lửa bị chiếm thì
        toàn bộ mạng của đơn vị mở cửa.
    checks:
        - "Xem địa chỉ nguồn là mạng quản trị hay Internet."
        - "Xem số lần thất bại và có lần thành công ngay sau đó không."
        - "Đề nghị đơn vị chỉ cho phép quản trị từ mạng trong (trusted hosts) và bật xác thực hai lớp."
    entity: srcip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc3d152e64d2ad', '37efd9a6-9495-42d6-ba57-a606c46f4122', '2e4d80935d5043e3e49b0d9bf079dd210e325285986e282eff35b565212d000f', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-admin-login-internet.yml', 'FortiGate Administrator Login From A Public Address', 'title: FortiGate Administrator Login From A Public Address
id: 37efd9a6-9495-42d6-ba57-a606c46f4122
status: test
description: >-
    Detects a successful administrator login on a FortiGate from outside the private ranges.
references:
    - https://attack.mitre.org/techniques/T1133/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1133
    - attack.t1078
logsource:
    product: fortigate
    service: event
detection:
    selection:
        action: login
        status: success
        subtype: system
        srcip|exists: true
    filter_main_private:
        srcip|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
            - 127.0.0.0/8
            - fc00::/7
    condition: selection and not 1 of filter_main_*
falsepositives:
    - Remote support by the vendor
level: critical
lachan:
    title: "Quản trị viên FortiGate đăng nhập từ Internet"
    explanation: >-
        Trang quản trị tường lửa vừa có phiên đăng nhập thành công từ địa chỉ ngoài mạng.
        Nếu không phải hỗ trợ đã báo trước thì tường lửa đã bị chiếm quyền.
    checks:
        - "Gọi ngay cho quản trị mạng của đơn vị để xác nhận."
        - "Xem các thay đổi cấu hình sau lần đăng nhập: tài khoản, chính sách, VPN."
        - "Nếu không xác nhận được, khoá tài khoản, ngắt quản trị từ Internet và sao lưu cấu hình làm chứng cứ."
    entity: srcip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc6c35acf5014b', '401a3f5f-feba-4665-86bc-abc63aa7c2f4', 'd1caf489072621e2c4ac7ad46cea40e4cd8792d0a7dbe0adccbba7c81c2d26bb', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-virus.yml', 'FortiGate Found Malware', 'title: FortiGate Found Malware
id: 401a3f5f-feba-4665-86bc-abc63aa7c2f4
status: test
description: >-
    Detects malware found by the antivirus of a FortiGate.
references:
    - https://attack.mitre.org/techniques/T1204/002/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.execution
    - attack.t1204.002
logsource:
    product: fortigate
    service: utm
detection:
    selection:
        subtype: virus
        eventtype:
            - infected
            - outbreak-prevention
            - malware-list
            - analytics
            - ems-threat-feed
    condition: selection
falsepositives:
    - Test files
level: medium
lachan:
    title: "FortiGate phát hiện mã độc"
    explanation: >-
        Tường lửa phát hiện tệp chứa mã độc trong lưu lượng của một máy trong đơn vị. Nếu
        không bị chặn, máy đó có thể đã nhiễm.
    checks:
        - "Xem action là blocked hay passthrough, và tên mã độc (virus)."
        - "Quét máy có địa chỉ srcip và xem người dùng đã mở tệp chưa."
        - "Tìm cùng tên tệp hoặc mã băm ở các đơn vị khác."
    entity: srcip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc5b2432b9d84c', 'f34294ec-2392-410c-91b3-990f21af5265', 'ac55701ff42a51a3f4273ffae979be593c09dcb4ffe4698ae4ed213a80f24196', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-botnet.yml', 'FortiGate Blocked Or Saw Botnet Traffic', 'title: FortiGate Blocked Or Saw Botnet Traffic
id: f34294ec-2392-410c-91b3-990f21af5265
status: test
description: >-
    Detects a machine inside talking to a known botnet server.
references:
    - https://attack.mitre.org/techniques/T1071/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.t1071
logsource:
    product: fortigate
detection:
    attack:
        attack|contains: ''Botnet''
    dns:
        botnetdomain|exists: true
    ip:
        botnetip|exists: true
    cnc:
        msg|contains:
            - ''Botnet C&C''
            - ''Domain was blocked by dns botnet''
    condition: 1 of them
falsepositives:
    - Name servers that ask on behalf of others
level: high
lachan:
    title: "Máy trong mạng kết nối tới máy chủ điều khiển botnet"
    explanation: >-
        Một máy trong đơn vị liên lạc với máy chủ điều khiển mã độc đã biết. Máy này nhiều
        khả năng đã nhiễm và đang chờ lệnh.
    checks:
        - "Xác định máy theo srcip (tra DHCP, danh sách máy) và người sử dụng."
        - "Ngắt máy khỏi mạng, giữ nguyên để lấy chứng cứ, rồi quét mã độc."
        - "Tìm các máy khác cùng liên lạc tới địa chỉ hoặc tên miền đó."
    entity: srcip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc5e9c61a1059a', '9c13f837-9bed-4a74-be1a-ad862e994c49', 'c45d532dd10b18e3af7a94b8877dd784dde42c400bbba5776129ff207ed0f155', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-ips-severe.yml', 'FortiGate Intrusion Prevention Alert Of High Severity', 'title: FortiGate Intrusion Prevention Alert Of High Severity
id: 9c13f837-9bed-4a74-be1a-ad862e994c49
status: test
description: >-
    Detects attacks that the intrusion prevention of a FortiGate rates high or critical.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1190
logsource:
    product: fortigate
    service: utm
detection:
    selection:
        subtype: ips
        severity:
            - high
            - critical
    condition: selection
falsepositives:
    - Authorised scans
level: high
lachan:
    title: "FortiGate phát hiện tấn công mức cao"
    explanation: >-
        Bộ chống xâm nhập của tường lửa nhận ra một cuộc tấn công mức cao hoặc nghiêm trọng.
        Cần biết tường lửa đã chặn hay chỉ ghi nhận.
    checks:
        - "Xem action: dropped, blocked là đã chặn; detected, passed là tấn công đã lọt qua."
        - "Kiểm tra máy đích có lỗ hổng nêu trong attack không, đã vá chưa."
        - "Nếu không bị chặn, xem nhật ký của máy đích sau thời điểm này."
    entity: srcip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc61845fe78c60', 'fe47986e-02c9-4bc9-b032-66555e64a93d', '047c226fb11efaf0f2f0da77ddf2084f7af020eb53ca3cce8af391b8b1da7673', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-policy-changed.yml', 'FortiGate Policy Or VPN Settings Changed', 'title: FortiGate Policy Or VPN Settings Changed
id: fe47986e-02c9-4bc9-b032-66555e64a93d
status: test
description: >-
    Detects a change of firewall policies, VPN or logging settings.
references:
    - https://attack.mitre.org/techniques/T1686/002/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1686.002
logsource:
    product: fortigate
    service: event
detection:
    selection:
        action:
            - Add
            - Edit
            - Delete
            - Move
        cfgpath|startswith:
            - firewall.policy
            - firewall.vip
            - firewall.local-in-policy
            - vpn.ssl
            - vpn.ipsec
            - log.syslogd
            - log.fortianalyzer
            - log.setting
            - system.ha
    condition: selection
falsepositives:
    - Planned changes
level: medium
lachan:
    title: "Chính sách hoặc VPN của FortiGate bị thay đổi"
    explanation: >-
        Cấu hình quyết định ai ra vào mạng của đơn vị vừa thay đổi. Thay đổi ngoài kế hoạch
        có thể mở đường cho kẻ tấn công hoặc tắt việc gửi nhật ký.
    checks:
        - "Đối chiếu với phiếu thay đổi cấu hình của đơn vị."
        - "Xem nội dung thay đổi (cfgattr): có mở dịch vụ từ Internet vào không."
        - "Kiểm tra nhật ký tường lửa vẫn gửi đều về trung tâm."
    entity: devname
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc643fd60e9806', '8fd6a5e4-c39d-4518-8b36-e4876e452836', 'bf956c1882f77624904420e910c61f11381df471c221441eac626c564d84e410', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-remote-desktop-inbound.yml', 'Remote Desktop Or File Sharing Allowed In From The Internet', 'title: Remote Desktop Or File Sharing Allowed In From The Internet
id: 8fd6a5e4-c39d-4518-8b36-e4876e452836
status: test
description: >-
    Detects firewall sessions that were allowed from a public address to remote desktop,
    SMB, WinRM or database ports inside.
references:
    - https://attack.mitre.org/techniques/T1133/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.lateral-movement
    - attack.t1133
    - attack.t1021.001
logsource:
    product: fortigate
    category: firewall
detection:
    session:
        action:
            - accept
            - close
            - client-rst
            - server-rst
            - timeout
        dstport:
            - 445
            - 3389
            - 5985
            - 5986
            - 1433
            - 1521
            - 3306
            - 5432
            - 5900
    inside:
        dstip|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
    filter_main_private:
        srcip|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
    condition: session and inside and not 1 of filter_main_*
falsepositives:
    - Addresses of the organisation itself that are public
level: high
lachan:
    title: "Cho phép Internet kết nối vào dịch vụ nội bộ nhạy cảm"
    explanation: >-
        Tường lửa đã cho một địa chỉ Internet đi vào cổng điều khiển từ xa, chia sẻ tệp hoặc
        cơ sở dữ liệu. Đây là đường vào phổ biến nhất của mã độc tống tiền.
    checks:
        - "Xem chính sách tường lửa (policyid) nào đã cho qua và vì sao mở."
        - "Kiểm tra máy đích có đăng nhập lạ vào thời điểm đó không."
        - "Đề nghị đơn vị đóng cổng này từ Internet, chuyển sang VPN."
    entity: srcip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc69f95a5f5c34', '24c04f49-6b2f-4772-a719-1a8b13ce42d0', 'cb19147db93cf2bbb98db65637a5e9e4a1f2a752a1c71d65d2718dad3bf63b0e', 1795377102888736, 'system', 'lachan', 'starter/firewall/fortigate-sslvpn-login-failed.yml', 'FortiGate SSL VPN Login Failed', 'title: FortiGate SSL VPN Login Failed
id: 24c04f49-6b2f-4772-a719-1a8b13ce42d0
status: test
description: >-
    Detects failed SSL VPN logins; the alert groups them by address.
references:
    - https://attack.mitre.org/techniques/T1110/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.initial-access
    - attack.t1110
    - attack.t1133
logsource:
    product: fortigate
    service: event
detection:
    selection:
        subtype: vpn
        action:
            - ssl-login-fail
            - ssl-alert
    reason:
        logdesc|contains: ''SSL VPN login fail''
    condition: selection or reason
falsepositives:
    - Forgotten passwords
level: low
lachan:
    title: "Đăng nhập SSL VPN thất bại"
    explanation: >-
        Có người đăng nhập VPN của đơn vị không thành công. Nhiều lần với nhiều tên khác
        nhau từ một địa chỉ là dò mật khẩu để vào thẳng mạng nội bộ.
    checks:
        - "Xem số lần, số tên tài khoản bị thử và quốc gia của địa chỉ."
        - "Tìm lần tunnel-up thành công của các tài khoản bị thử."
        - "Đề nghị đơn vị bật xác thực hai lớp và chặn địa chỉ nguồn."
    entity: remip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc6e7dd4222fb2', '6aa4946d-9d77-43c8-8c96-53294d2fb3b0', '506fb824a478add4d15992f4833a1a1077c94d67cdbb504ae20f695827b1c17d', 1795377102888736, 'system', 'lachan', 'starter/firewall/netfilter-sensitive-port-probe.yml', 'Blocked Probe Of A Management Port', 'title: Blocked Probe Of A Management Port
id: 6aa4946d-9d77-43c8-8c96-53294d2fb3b0
status: test
description: >-
    Detects a Linux firewall stopping connections from public addresses to management and
    database ports.
references:
    - https://attack.mitre.org/techniques/T1595/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.001
    - attack.t1046
logsource:
    product: linux
    category: firewall
detection:
    selection:
        action:
            - drop
            - reject
        DPT:
            - 22
            - 23
            - 445
            - 1433
            - 2375
            - 3306
            - 3389
            - 5432
            - 5900
            - 6379
            - 9200
            - 11211
            - 27017
    filter_main_private:
        SRC|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
            - 127.0.0.0/8
            - fe80::/10
    condition: selection and not 1 of filter_main_*
falsepositives:
    - Background noise of the Internet on machines that face it
level: low
lachan:
    title: "Chặn dò quét cổng quản trị từ Internet"
    explanation: >-
        Tường lửa máy chủ đã chặn kết nối từ ngoài tới cổng quản trị hoặc cơ sở dữ liệu. Là
        dò quét thường ngày, nhưng một địa chỉ dò nhiều máy của tỉnh thì đáng chú ý.
    checks:
        - "Xem cùng địa chỉ đã dò bao nhiêu máy, bao nhiêu đơn vị."
        - "Kiểm tra có kết nối nào của địa chỉ này được cho qua không."
        - "Cân nhắc chặn địa chỉ trên tường lửa biên."
    entity: SRC
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc72c221b61ea7', 'a30e6f9e-b98f-4ca6-b264-c21ebcb0fac7', 'cc4e688b9c1a65a5fab576f30855b136bd2532dedbf8702b796da274b190573b', 1795377102888736, 'system', 'lachan', 'starter/firewall/netfilter-server-outbound-blocked.yml', 'Blocked Connection To A Port Of Attack Tools', 'title: Blocked Connection To A Port Of Attack Tools
id: a30e6f9e-b98f-4ca6-b264-c21ebcb0fac7
status: test
description: >-
    Detects a Linux firewall stopping a connection to ports that back doors and miners use
    by default.
references:
    - https://attack.mitre.org/techniques/T1571/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.t1571
logsource:
    product: linux
    category: firewall
detection:
    selection:
        action:
            - drop
            - reject
        PROTO: TCP
        DPT:
            - 4444
            - 4445
            - 1337
            - 31337
            - 6667
            - 3333
            - 5555
            - 14444
            - 1389
    outbound:
        OUT|re: ''.+''
    inbound:
        IN: ''''
    condition: selection and outbound and inbound
falsepositives:
    - Applications that happen to use the same port
level: medium
lachan:
    title: "Chặn kết nối từ máy chủ ra cổng của công cụ tấn công"
    explanation: >-
        Tường lửa trên máy chủ đã chặn chính máy này kết nối ra cổng mặc định của công cụ
        điều khiển từ xa hoặc đào tiền ảo. Việc chặn là tốt, nhưng trên máy đã có thứ đang
        tìm cách ra ngoài.
    checks:
        - "Tìm tiến trình đã mở kết nối vào thời điểm đó."
        - "Tra địa chỉ đích trong nguồn tin cảnh báo và ở các máy khác."
        - "Xem lịch cron, dịch vụ và tệp trong /tmp, /dev/shm của máy."
    entity: SRC
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc75078a65ae47', 'b506c421-4ec1-4b50-b306-6599891beb45', 'e554071e71a2f37dfb2fb3af41c933d446c6e98dfcfe4c3d8770cdf308e2dc8e', 1795377102888736, 'system', 'lachan', 'starter/linux/audit-log-tampering.yml', 'System Log Removed Or Emptied By A Process', 'title: System Log Removed Or Emptied By A Process
id: b506c421-4ec1-4b50-b306-6599891beb45
status: test
description: >-
    Detects a process that deletes or empties system logs or stops audit recording.
references:
    - https://attack.mitre.org/techniques/T1685/006/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685.006
    - attack.t1685.004
logsource:
    product: linux
    category: process_creation
detection:
    remove:
        CommandLine|re: ''^(\S*/)?(rm|shred|truncate|unlink)\s.*(/var/log/|_history)''
    empty:
        CommandLine|re: ''(echo|cat /dev/null|:)\s*>\s*/var/log/''
    audit:
        CommandLine|re: ''(^|/)auditctl (-e 0|-D)''
    journal:
        CommandLine|re: ''journalctl .*--vacuum-(time|size)=[01]''
    condition: 1 of them
falsepositives:
    - Manual clean-up of a full disk
level: high
lachan:
    title: "Tiến trình xoá hoặc làm rỗng nhật ký"
    explanation: >-
        Nhật ký trên máy vừa bị xoá, làm rỗng hoặc tắt ghi kiểm toán. Việc này hầu như chỉ
        để che dấu vết; bản sao tại trung tâm là chứng cứ còn lại.
    checks:
        - "Xem tài khoản gốc (auid) và tiến trình cha."
        - "Xuất toàn bộ nhật ký của máy đang lưu tại trung tâm trong 7 ngày trước."
        - "Đề nghị đơn vị giữ nguyên hiện trạng máy."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc785534b70b12', '6b05da0c-4b71-4351-a389-1f7b57332ccb', '4153f112d32317b9f306c3e3baf4e061c40d68995ccf94d4a0986b6c4862117b', 1795377102888736, 'system', 'lachan', 'starter/linux/audit-setuid-set.yml', 'Setuid Bit Set On A Program', 'title: Setuid Bit Set On A Program
id: 6b05da0c-4b71-4351-a389-1f7b57332ccb
status: test
description: >-
    Detects chmod giving a program the setuid bit, which lets everybody run it as its owner.
references:
    - https://attack.mitre.org/techniques/T1548/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.persistence
    - attack.t1548.001
logsource:
    product: linux
    category: process_creation
detection:
    chmod:
        CommandLine|re: ''(^|/|\s)chmod\s''
    mode:
        CommandLine|re: ''\s(u\+s|\+s|ug\+s|[46][0-7]{3}|0[46][0-7]{3})\s''
    condition: chmod and mode
falsepositives:
    - Installation scripts
level: high
lachan:
    title: "Đặt bit setuid cho một chương trình"
    explanation: >-
        Chương trình được đặt setuid sẽ chạy với quyền của chủ sở hữu, thường là root. Đặt
        setuid cho shell là để lại cửa sau cho mọi tài khoản trên máy.
    checks:
        - "Xem chương trình được đặt setuid: shell, trình thông dịch hay công cụ cài đặt."
        - "Xem tài khoản gốc (auid) đã chạy lệnh."
        - "Đề nghị đơn vị bỏ bit setuid và quét lại: find / -perm -4000."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc7b2d115ba33e', '3560f9c5-3410-4980-91a9-a7fa7c4cc016', '722c4970ab907c110289a18bf383685b40f0cde60e8fa8699124b79e66fe05ed', 1795377102888736, 'system', 'lachan', 'starter/linux/audit-shadow-read.yml', 'Password Hashes Read By An Unusual Program', 'title: Password Hashes Read By An Unusual Program
id: 3560f9c5-3410-4980-91a9-a7fa7c4cc016
status: test
description: >-
    Detects an audited access to the shadow file by a program that only shows or copies
    files.
references:
    - https://attack.mitre.org/techniques/T1003/008/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1003.008
logsource:
    product: linux
    service: auditd
detection:
    process:
        type: EXECVE
        a0|endswith:
            - ''cat''
            - ''less''
            - ''more''
            - ''head''
            - ''tail''
            - ''cp''
            - ''grep''
            - ''base64''
            - ''xxd''
            - ''vi''
            - ''vim''
            - ''nano''
    file:
        CommandLine|contains:
            - ''/etc/shadow''
            - ''/etc/gshadow''
    condition: process and file
falsepositives:
    - Backups by hand
level: high
lachan:
    title: "Đọc tệp chứa mật khẩu băm của hệ thống"
    explanation: >-
        Ai đó vừa mở /etc/shadow bằng công cụ xem hoặc sao chép tệp. Mục đích thường là lấy
        mật khẩu băm về bẻ khoá ngoại tuyến.
    checks:
        - "Xem auid (tài khoản đăng nhập gốc) của tiến trình, kể cả khi đã chuyển sang root."
        - "Xem tệp có bị sao chép hay gửi ra ngoài không."
        - "Đề nghị đổi mật khẩu mọi tài khoản trên máy nếu không có lý do chính đáng."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc7d9f6f9a373e', 'ea3b552b-81cd-4af0-93c1-7b98f6a82ead', 'a4d5293ee16635c603ea97fecea0ede59d48b345d16314c16ed41d2bcb3d064a', 1795377102888736, 'system', 'lachan', 'starter/linux/audit-sudoers-changed.yml', 'Sudoers Changed By Something Other Than Visudo', 'title: Sudoers Changed By Something Other Than Visudo
id: ea3b552b-81cd-4af0-93c1-7b98f6a82ead
status: test
description: >-
    Detects a write to the sudo configuration that an audit rule with the key sudoers (also
    actions or scope, as in the CIS benchmarks) has seen, by another program than visudo or
    the package manager.
references:
    - https://attack.mitre.org/techniques/T1098/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1098
    - attack.t1548.003
logsource:
    product: linux
    service: auditd
detection:
    selection:
        type: SYSCALL
        key:
            - sudoers
            - actions
            - scope
        success: ''yes''
    filter_main_tools:
        exe|endswith:
            - ''/visudo''
            - ''/sudo''
            - ''/dpkg''
            - ''/cat''
            - ''/ls''
    condition: selection and not 1 of filter_main_*
falsepositives:
    - Configuration management
level: medium
lachan:
    title: "Quyền sudo bị sửa ngoài công cụ chuẩn"
    explanation: >-
        Tệp cấp quyền quản trị (sudoers) vừa bị sửa không qua visudo. Kẻ tấn công thêm một
        dòng vào đây là có lại quyền root bất cứ lúc nào.
    checks:
        - "Đề nghị đơn vị gửi nội dung /etc/sudoers và /etc/sudoers.d để so với bản trước."
        - "Xem auid và chương trình (exe) đã ghi tệp."
        - "Kiểm tra có dòng NOPASSWD mới không."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc803d97c8b6f3', '61b25203-267d-4ed8-859e-07394b1e2e40', '5ccba79c6ddd52058ac8ad63e8880d5786efbde2a2b590a2a2e88c08b32bc11d', 1795377102888736, 'system', 'lachan', 'starter/linux/cron-crontab-replaced.yml', 'Crontab Of Root Replaced', 'title: Crontab Of Root Replaced
id: 61b25203-267d-4ed8-859e-07394b1e2e40
status: test
description: >-
    Detects root''s crontab being replaced or edited.
references:
    - https://attack.mitre.org/techniques/T1053/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.execution
    - attack.t1053.003
logsource:
    product: linux
    service: cron
detection:
    selection:
        program: crontab
        user: root
        action:
            - REPLACE
            - END EDIT
    condition: selection
falsepositives:
    - Administrators changing scheduled jobs
level: medium
lachan:
    title: "Lịch tác vụ (crontab) của root bị thay đổi"
    explanation: >-
        Lịch chạy tự động của root vừa bị thay. Kẻ tấn công dùng cron để mã độc chạy lại sau
        khi khởi động hoặc khi bị xoá.
    checks:
        - "Đề nghị đơn vị gửi nội dung crontab -l của root."
        - "Xem các dòng CMD mới xuất hiện trong nhật ký cron sau thời điểm này."
        - "Xem ai có phiên root vào lúc đó."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc82bd42045978', '3e0587c0-7bb7-4762-a023-8e8c3a3d4e4d', '654249268cc1c95d3b7322cb7bbafe56ec9f34c09f558ab5b4f63cdf5c4aa5a0', 1795377102888736, 'system', 'lachan', 'starter/linux/cron-suspicious-command.yml', 'Suspicious Command Run By Cron', 'title: Suspicious Command Run By Cron
id: 3e0587c0-7bb7-4762-a023-8e8c3a3d4e4d
status: test
description: >-
    Detects cron running a job that downloads and executes, decodes text into a shell, or
    starts a program from a temporary folder.
references:
    - https://attack.mitre.org/techniques/T1053/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.execution
    - attack.t1053.003
    - attack.t1105
logsource:
    product: linux
    service: cron
detection:
    selection:
        action: CMD
    download:
        command|re: ''(curl|wget) .*\|\s*(ba|da|z)?sh\b''
    decode:
        command|re: ''base64 (-d|--decode).*\|\s*(ba|da|z)?sh\b''
    place:
        command|re: ''(^|[\s;&|])(/tmp|/dev/shm|/var/tmp)/\S+''
    filter_main_cleanup:
        command|re: ''^(find|test|\[|rm|ls|du|tmpreaper) ''
    condition: selection and (download or decode or place) and not 1 of filter_main_*
falsepositives:
    - Home-made update scripts
level: high
lachan:
    title: "Cron chạy lệnh đáng ngờ"
    explanation: >-
        Lịch tự động của máy chủ đang chạy lệnh tải mã từ mạng rồi thực thi, hoặc chương
        trình nằm trong thư mục tạm. Đây là cách mã độc bám trụ phổ biến nhất trên Linux.
    checks:
        - "Ghi lại địa chỉ hoặc tệp trong lệnh, tra trong nguồn tin cảnh báo."
        - "Tìm tệp lịch chứa lệnh: /etc/cron.d, /etc/crontab, /var/spool/cron."
        - "Tìm thời điểm lệnh xuất hiện lần đầu để biết máy bị xâm nhập từ khi nào."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccf20f3745ed0d', '61aebd00-a881-457b-ba6c-1f61a7a8eca9', '0f4630c8509a590ec0920ccb5f28482347580b660cba9e9e6252ec5f91b49c12', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-several-failures.yml', 'Several SSH Passwords Refused', 'title: Several SSH Passwords Refused
id: 61aebd00-a881-457b-ba6c-1f61a7a8eca9
name: ssh_several_failures
status: test
description: >-
    Five wrong SSH passwords from one address within ten minutes: the first half of a
    guess that succeeds.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
correlation:
    type: event_count
    rules:
        - ssh_password_failed
    group-by:
        - src_ip
    timespan: 10m
    condition:
        gte: 5
falsepositives:
    - People who mistype
level: low
lachan:
    title: "Sai mật khẩu SSH nhiều lần"
    explanation: >-
        Năm lần sai mật khẩu SSH từ một địa chỉ trong 10 phút. Đây là vế đầu của luật
        "dò mật khẩu SSH thành công".
    checks:
        - "Xem các tài khoản bị thử."
        - "Tra địa chỉ nguồn."
        - "Tìm lần đăng nhập thành công từ cùng địa chỉ."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc9a753f6e11a0', '2806576a-4655-4d0d-b276-49db6aa92253', '90bbc715f0d6138b6c45034baaa459ba8675133006dbf38d02188bae8608f3b8', 1795377102888736, 'system', 'lachan', 'starter/linux/kernel-module-unsigned.yml', 'Unsigned Or Tainting Kernel Module Loaded', 'title: Unsigned Or Tainting Kernel Module Loaded
id: 2806576a-4655-4d0d-b276-49db6aa92253
status: test
description: >-
    Detects the kernel reporting a module without a valid signature or from outside its
    tree, as rootkits are.
references:
    - https://attack.mitre.org/techniques/T1547/006/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.stealth
    - attack.t1547.006
    - attack.t1014
logsource:
    product: linux
    service: syslog
detection:
    selection:
        program: kernel
    module:
        message|contains:
            - ''module verification failed: signature and/or required key missing''
            - ''loading out-of-tree module taints kernel''
    condition: selection and module
falsepositives:
    - Graphics and virtualisation drivers
level: medium
lachan:
    title: "Nạp mô-đun nhân hệ điều hành không rõ nguồn gốc"
    explanation: >-
        Nhân Linux vừa nạp một mô-đun không có chữ ký hợp lệ. Rootkit ẩn mình ở tầng này và
        có thể che tiến trình, tệp, kết nối.
    checks:
        - "Xem tên mô-đun; đối chiếu với trình điều khiển đơn vị đã cài."
        - "Xem trước đó có cài phần mềm, biên dịch mô-đun (insmod, make) không."
        - "Nếu không rõ, coi kết quả các lệnh chạy trên máy đó là không đáng tin."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc9d2c95471723', '6373e446-5c98-4df8-b798-a4b8b5fb516d', 'c4b45679cf733a201c7b60926886f01bf786b079c7d5eefdb923e790da2ed9fe', 1795377102888736, 'system', 'lachan', 'starter/linux/password-changed-root.yml', 'Password Of Root Changed', 'title: Password Of Root Changed
id: 6373e446-5c98-4df8-b798-a4b8b5fb516d
status: test
description: >-
    Detects the password of root being changed.
references:
    - https://attack.mitre.org/techniques/T1098/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1098
logsource:
    product: linux
    service: auth
detection:
    selection:
        message|contains:
            - ''password changed for root''
            - "password for ''root'' changed"
    condition: selection
falsepositives:
    - Planned change of passwords
level: medium
lachan:
    title: "Mật khẩu root bị đổi"
    explanation: >-
        Mật khẩu của root trên máy chủ vừa được thay. Nếu không phải đơn vị chủ động đổi thì
        kẻ tấn công đang giành quyền và khoá quản trị viên ở ngoài.
    checks:
        - "Hỏi đơn vị có đổi mật khẩu root theo kế hoạch không."
        - "Xem phiên nào có quyền root tại thời điểm đó."
        - "Kiểm tra quản trị viên còn đăng nhập được không."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cc9f980c9e1a99', '249125aa-8677-437f-b239-afb0b7f247cb', 'd1e07d8b102be5c8ac0392f7253d3c67b333fb78c83c4f5f07c6a573a8c36e71', 1795377102888736, 'system', 'lachan', 'starter/linux/process-crypto-miner.yml', 'Crypto Miner Started', 'title: Crypto Miner Started
id: 249125aa-8677-437f-b239-afb0b7f247cb
status: test
description: >-
    Detects command lines of mining programs.
references:
    - https://attack.mitre.org/techniques/T1496/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.impact
    - attack.t1496.001
logsource:
    product: linux
detection:
    keywords:
        - ''stratum+tcp://''
        - ''stratum+ssl://''
        - ''stratum2+tcp://''
        - ''--donate-level''
        - ''--cpu-priority=''
        - ''randomx-mode''
    condition: keywords
falsepositives:
    - None known on servers of agencies
level: high
lachan:
    title: "Phần mềm đào tiền ảo trên máy chủ"
    explanation: >-
        Máy chủ đang chạy hoặc được lập lịch chạy phần mềm đào tiền ảo. Bản thân việc đào
        chỉ tốn tài nguyên, nhưng nó chứng tỏ người lạ đã chạy được mã trên máy.
    checks:
        - "Tìm tiến trình và tệp chương trình, lấy mã băm làm chứng cứ."
        - "Tìm đường vào: mật khẩu SSH yếu, lỗ hổng web, dịch vụ mở ra Internet."
        - "Chặn địa chỉ bể đào và tìm máy khác cùng kết nối tới đó."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cca239cbc1775a', '78c94b5e-76a2-4f91-9463-edc01c420d12', '58d2611dd54c5266a1873705cf36671c32690858b8ee9a76fd9f5e8d43c199f9', 1795377102888736, 'system', 'lachan', 'starter/linux/process-download-execute.yml', 'Download Piped Into A Shell', 'title: Download Piped Into A Shell
id: 78c94b5e-76a2-4f91-9463-edc01c420d12
status: test
description: >-
    Detects a shell command line that fetches a script and runs it without storing it.
references:
    - https://attack.mitre.org/techniques/T1059/004/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.execution
    - attack.command-and-control
    - attack.t1059.004
    - attack.t1105
logsource:
    product: linux
    category: process_creation
detection:
    fetch:
        CommandLine|re: ''\b(curl|wget)\b.*\|\s*(sudo\s+)?\S*(sh|bash|python3?|perl)\b''
    condition: fetch
falsepositives:
    - Installers that are documented this way
level: high
lachan:
    title: "Tải mã từ mạng và chạy ngay"
    explanation: >-
        Dòng lệnh tải một đoạn mã rồi đưa thẳng vào shell để chạy, không lưu lại tệp. Mã độc
        và bộ cài phần mềm đào tiền ảo hay dùng cách này.
    checks:
        - "Xem địa chỉ tải và tên miền, đối chiếu nguồn tin cảnh báo."
        - "Xem tiến trình cha: dịch vụ web, cron hay người dùng."
        - "Tìm các tiến trình và kết nối mới sau thời điểm này."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cca48c7eadc7c7', '77ebdfbc-04e3-4e2f-8145-7e775d5008cb', '9c8d24bae5b345a3de698165b982f3c8d8319c2209cbf444695c154fbef30c60', 1795377102888736, 'system', 'lachan', 'starter/linux/process-reverse-shell.yml', 'Reverse Shell In A Process', 'title: Reverse Shell In A Process
id: 77ebdfbc-04e3-4e2f-8145-7e775d5008cb
status: test
description: >-
    Detects a process whose command line ties a shell to a network connection.
references:
    - https://attack.mitre.org/techniques/T1059/004/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.execution
    - attack.command-and-control
    - attack.t1059.004
    - attack.t1095
logsource:
    product: linux
    category: process_creation
detection:
    device:
        CommandLine|contains:
            - ''>& /dev/tcp/''
            - ''>/dev/tcp/''
            - ''> /dev/tcp/''
            - ''/dev/udp/''
    netcat:
        CommandLine|re: ''^(\S*/)?(nc|ncat|netcat)\b.* -(e|c) ?\S*(sh|bash)''
    condition: 1 of them
falsepositives:
    - Authorised penetration tests
level: critical
lachan:
    title: "Tiến trình mở shell ngược ra ngoài"
    explanation: >-
        Một tiến trình trên máy chủ đang trao quyền điều khiển dòng lệnh cho máy ở xa. Đây
        là lúc kẻ tấn công đang trực tiếp thao tác trên máy.
    checks:
        - "Cô lập máy khỏi mạng (không tắt nguồn) và chặn địa chỉ đích."
        - "Xem tiến trình cha và tài khoản để biết điểm xâm nhập."
        - "Tìm địa chỉ đích trong nhật ký của mọi đơn vị."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cca7d4e580c458', '93d1bc4b-9ed9-4e00-8297-8df27ebc8e28', 'f55d6dcd1d4d359442eac1a7a1955559e0a941a7425ed858acbc98f7b70d4ba2', 1795377102888736, 'system', 'lachan', 'starter/linux/promiscuous-mode.yml', 'Network Interface Entered Promiscuous Mode', 'title: Network Interface Entered Promiscuous Mode
id: 93d1bc4b-9ed9-4e00-8297-8df27ebc8e28
status: test
description: >-
    Detects an interface starting to take all traffic, as sniffers do.
references:
    - https://attack.mitre.org/techniques/T1040/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.discovery
    - attack.t1040
logsource:
    product: linux
    service: syslog
detection:
    selection:
        message|re: ''(device|: )\s*\S*\s*entered promiscuous mode''
    filter_optional_virtual:
        message|re: ''\b(veth|docker|br-|virbr|tap|vnet|cali|cni)\S*''
    condition: selection and not 1 of filter_optional_*
falsepositives:
    - Virtual machine hosts, containers, network monitoring
level: medium
lachan:
    title: "Cạc mạng chuyển sang chế độ nghe lén"
    explanation: >-
        Cạc mạng bắt đầu thu cả những gói tin không gửi cho máy này. Ngoài công cụ giám sát
        hợp lệ thì đây là nghe lén để lấy mật khẩu.
    checks:
        - "Hỏi đơn vị có chạy tcpdump, Wireshark hay cảm biến mạng không."
        - "Xem ai có phiên root trên máy lúc đó."
        - "Kiểm tra tiến trình đang mở kết nối thô trên máy."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cca92560958cab', 'b8ea5cba-c9b2-4d69-a9d8-5bb1002f8387', '8307cfdfaa42ab19e07399972266cf2d6d8088a3190c6fe8af3f412fcb7e8fe1', 1795377102888736, 'system', 'lachan', 'starter/linux/reverse-shell-command.yml', 'Reverse Shell In A Command', 'title: Reverse Shell In A Command
id: b8ea5cba-c9b2-4d69-a9d8-5bb1002f8387
status: test
description: >-
    Detects commands of sudo or cron that tie a shell to a network connection.
references:
    - https://attack.mitre.org/techniques/T1059/004/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.execution
    - attack.command-and-control
    - attack.t1059.004
    - attack.t1095
logsource:
    product: linux
detection:
    device:
        command|contains:
            - ''/dev/tcp/''
            - ''/dev/udp/''
    netcat:
        command|re: ''\b(nc|ncat|netcat|socat)\b.*( -e ?\S*sh|exec:\S*sh| -c ?\S*sh)''
    pipe:
        command|re: ''mkfifo .*\|.*(sh|bash) .*\|.*\b(nc|ncat|telnet|openssl)\b''
    interpreter:
        command|re: ''(python|perl|ruby|php).*(socket|fsockopen|TCPSocket).*(/bin/sh|/bin/bash|pty\.spawn|exec)''
    condition: 1 of them
falsepositives:
    - Authorised penetration tests
level: critical
lachan:
    title: "Lệnh mở shell ngược ra ngoài"
    explanation: >-
        Lệnh này nối bàn phím và màn hình của máy chủ về máy của kẻ tấn công qua mạng. Ai ở
        đầu kia đang điều khiển được máy chủ ngay lúc này.
    checks:
        - "Đề nghị đơn vị chặn ngay địa chỉ đích trên tường lửa và cô lập máy chủ, không tắt máy."
        - "Ghi lại địa chỉ và cổng đích, tìm chúng ở nhật ký của các đơn vị khác."
        - "Tìm lệnh này đến từ đâu: tài khoản sudo, lịch cron hay dịch vụ web."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccaca531487ae2', '5093e027-58f5-47d0-bd41-6b7df5a541a2', 'e4615057bb22b02df46b5295ccbd8155da4dc91779235de1e1d55b658fa411ec', 1795377102888736, 'system', 'lachan', 'starter/linux/service-unit-stopped.yml', 'Security Or Logging Service Stopped', 'title: Security Or Logging Service Stopped
id: 5093e027-58f5-47d0-bd41-6b7df5a541a2
status: test
description: >-
    Detects systemd stopping a service that protects or records the machine.
references:
    - https://attack.mitre.org/techniques/T1685/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685
logsource:
    product: linux
    service: syslog
detection:
    selection:
        program: systemd
        message|startswith:
            - ''Stopped ''
            - ''Stopping ''
    service:
        message|contains:
            - ''rsyslog''
            - ''System Logging Service''
            - ''auditd''
            - ''Security Auditing Service''
            - ''Security Audit Logging Service''
            - ''ufw''
            - ''firewalld''
            - ''nftables''
            - ''fail2ban''
            - ''clamav''
            - ''wazuh''
            - ''falcon-sensor''
            - ''apparmor''
    condition: selection and service
falsepositives:
    - Updates and restarts
level: medium
lachan:
    title: "Dịch vụ bảo vệ hoặc ghi nhật ký bị dừng"
    explanation: >-
        Máy chủ vừa dừng một dịch vụ bảo vệ hoặc ghi nhật ký. Sau thời điểm này trung tâm có
        thể không còn thấy máy chủ làm gì.
    checks:
        - "Xem dịch vụ có được khởi động lại trong vài phút không (cập nhật, khởi động lại máy)."
        - "Hỏi đơn vị có bảo trì không."
        - "Kiểm tra nguồn nhật ký của máy còn gửi về trung tâm không."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccb041db23ca47', 'bb5c5f23-2df6-4843-b569-21c5193fbb9f', 'fbeb2adea7f78058bacc35d6040a2e4eb294fb9b87543d045946fabef9f10b76', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-break-in-attempt.yml', 'SSH Peer''s Name And Address Disagree', 'title: SSH Peer''s Name And Address Disagree
id: bb5c5f23-2df6-4843-b569-21c5193fbb9f
status: test
description: >-
    Detects sshd''s warning that the reverse name of a peer does not lead back to its
    address.
references:
    - https://attack.mitre.org/techniques/T1133/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1133
logsource:
    product: linux
    service: sshd
detection:
    keywords:
        - ''POSSIBLE BREAK-IN ATTEMPT''
        - ''reverse mapping checking getaddrinfo for''
    condition: keywords
falsepositives:
    - Providers with careless reverse DNS
level: low
lachan:
    title: "Tên miền ngược của máy kết nối SSH không khớp địa chỉ"
    explanation: >-
        Máy chủ cảnh báo tên miền ngược của bên kết nối không trỏ về đúng địa chỉ. Đây là
        dấu hiệu phụ thường gặp ở máy bị lợi dụng để dò quét.
    checks:
        - "Xem địa chỉ nguồn có kèm đăng nhập thất bại hàng loạt không."
        - "Kiểm tra có lần đăng nhập thành công nào từ địa chỉ này không."
        - "Nếu chỉ có riêng cảnh báo này, ghi nhận và theo dõi, chưa cần xử lý."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccf5680493a481', '1629b11a-d8f7-4e3b-af86-7bc7f7565232', '2574b5014687c41fbd05b6a81f8915192efcd10c6e69f6dd796b5e3c819a229a', 1795377102888736, 'system', 'lachan', 'starter/linux/su-failed.yml', 'Failed Change To Root By Su', 'title: Failed Change To Root By Su
id: 1629b11a-d8f7-4e3b-af86-7bc7f7565232
status: test
description: >-
    Detects a failed attempt to become root with su.
references:
    - https://attack.mitre.org/techniques/T1078/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.t1078.003
logsource:
    product: linux
    service: auth
detection:
    selection:
        message|startswith:
            - ''FAILED SU (to root)''
            - ''FAILED su for root''
    condition: selection
falsepositives:
    - A mistyped password
level: medium
lachan:
    title: "Chuyển sang root bằng su không thành công"
    explanation: >-
        Một tài khoản đã thử chuyển sang root bằng lệnh su nhưng sai mật khẩu. Khi tài khoản
        này vốn không làm quản trị thì đây là dấu hiệu leo thang đặc quyền.
    checks:
        - "Xem tài khoản nào thử, có phải quản trị viên không."
        - "Xem tài khoản đã đăng nhập từ đâu trong phiên này."
        - "Tìm lần su hoặc sudo thành công ngay sau đó."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cccdb1fc74c034', '02d74d88-0119-46e1-a5df-c26f3f257da2', 'a929ede04399536c4de9968fc2efa134277303401c40bbf36df31ec7ce6c4f33', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-daemon-error.yml', 'SSH Daemon Reports Broken Protocol Data', 'title: SSH Daemon Reports Broken Protocol Data
id: 02d74d88-0119-46e1-a5df-c26f3f257da2
status: test
description: >-
    Detects errors of sshd that correct clients never cause, such as corrupted packets or
    crashes, and that attacks on the daemon do.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1190
logsource:
    product: linux
    service: sshd
detection:
    keywords:
        - ''Corrupted MAC on input''
        - ''Corrupted padlen''
        - ''Bad packet length''
        - ''incorrect signature''
        - ''unexpected internal error''
        - ''error in libcrypto''
        - ''child terminated abnormally''
    condition: keywords
falsepositives:
    - A failing network card
level: high
lachan:
    title: "Dịch vụ SSH báo lỗi giao thức bất thường"
    explanation: >-
        Dịch vụ SSH gặp dữ liệu hỏng mà phần mềm đúng không bao giờ gửi. Có thể là thử khai
        thác lỗ hổng của chính dịch vụ SSH.
    checks:
        - "Kiểm tra phiên bản OpenSSH của máy chủ có lỗ hổng đã công bố không."
        - "Xem lỗi có lặp lại từ một địa chỉ nguồn không."
        - "Kiểm tra máy chủ có tiến trình, kết nối lạ ngay sau thời điểm lỗi không."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccd089a9d45fe3', 'dc8df823-c902-4c7f-9c23-8f50e2f4b02f', '66557e5a5069888cfe0d544cfdde8ee26e997a412a950138e22ccdad01a177de', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-guessing-succeeded.yml', 'SSH Login After Guessing', 'title: SSH Login After Guessing
id: dc8df823-c902-4c7f-9c23-8f50e2f4b02f
name: ssh_guessing_succeeded
status: test
description: >-
    Detects a password that is accepted at SSH from an address that failed several times
    shortly before.
references:
    - https://attack.mitre.org/techniques/T1110/001/
    - https://attack.mitre.org/techniques/T1078/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.initial-access
    - attack.t1110.001
    - attack.t1078
correlation:
    type: temporal_ordered
    rules:
        - ssh_several_failures
        - ssh_password_accepted
    group-by:
        - src_ip
    timespan: 30m
falsepositives:
    - Someone who remembers the password at the sixth attempt
    - Many people behind one address
level: high
lachan:
    title: "Đăng nhập SSH thành công sau khi dò mật khẩu"
    explanation: >-
        Một địa chỉ nhập sai mật khẩu SSH từ 5 lần trở lên rồi đăng nhập được. Rất có thể mật
        khẩu đã bị dò ra và máy chủ đã có người lạ vào.
    checks:
        - "Gọi ngay người giữ tài khoản: có phải chính họ đăng nhập từ địa chỉ này không."
        - "Nếu không phải: đề nghị cô lập máy chủ, khóa tài khoản, giữ nguyên nhật ký và bộ nhớ."
        - "Xem tài khoản đã chạy lệnh gì sau khi vào (sudo, cron, tài khoản mới, khóa SSH mới)."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccd4c3079f4d61', '2a5be83d-5316-430e-86c9-334fe7b244ff', 'e9e358858707c58f616e8c51ca8214f79a670d8812a579c4d92bb98b2dbac414', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-invalid-user.yml', 'SSH Login With A User That Does Not Exist', 'title: SSH Login With A User That Does Not Exist
id: 2a5be83d-5316-430e-86c9-334fe7b244ff
status: test
description: >-
    Detects SSH logins as accounts the machine does not have, which come from lists of
    common names.
references:
    - https://attack.mitre.org/techniques/T1110/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.reconnaissance
    - attack.t1110.003
logsource:
    product: linux
    service: sshd
detection:
    selection:
        message|startswith:
            - ''Invalid user ''
            - ''Illegal user ''
    condition: selection
falsepositives:
    - A removed account that a script still uses
    - A mistyped name
level: low
lachan:
    title: "Đăng nhập SSH bằng tài khoản không tồn tại"
    explanation: >-
        Địa chỉ nguồn thử đăng nhập bằng tên tài khoản không có trên máy chủ. Kẻ tấn công
        thường thử lần lượt danh sách tên phổ biến như admin, test, oracle.
    checks:
        - "Xem các tên đã bị thử: danh sách tên phổ biến là dò quét, một tên gần đúng là gõ nhầm."
        - "Tra địa chỉ nguồn thuộc mạng nội bộ hay Internet và có xuất hiện ở đơn vị khác không."
        - "Tìm lần đăng nhập thành công từ cùng địa chỉ nguồn trong 24 giờ."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccd609bedb3c71', '97a9f0d8-4be8-4e29-9b99-b9c67925c883', '423eb33a3829d62435197ff155aaa83318cbd524bd1adf72eabd404ef4acf986', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-max-attempts.yml', 'SSH Maximum Authentication Attempts Exceeded', 'title: SSH Maximum Authentication Attempts Exceeded
id: 97a9f0d8-4be8-4e29-9b99-b9c67925c883
status: test
description: >-
    Detects sshd ending a connection because of too many wrong passwords in it, which people
    seldom reach and tools always do.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome: max_attempts
    keywords:
        message|contains: ''Too many authentication failures''
    condition: selection or keywords
falsepositives:
    - An ssh agent that offers many keys
level: medium
lachan:
    title: "Vượt quá số lần xác thực SSH cho phép"
    explanation: >-
        Máy chủ đã ngắt một kết nối vì sai mật khẩu quá nhiều lần. Người dùng bình thường
        hiếm khi chạm ngưỡng này; công cụ dò mật khẩu thì luôn chạm.
    checks:
        - "Xem địa chỉ nguồn và số tài khoản đã bị thử."
        - "Kiểm tra lần đăng nhập thành công nào ngay sau đó từ cùng địa chỉ."
        - "Đề nghị đơn vị chặn địa chỉ và giới hạn SSH chỉ cho mạng quản trị."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccd8ced0c9d7e8', '039eb4d0-feea-43f1-8b08-1499640f8821', '3c42de57d1a137139d831faed3538cdd090d03242379132e0e9fa918108db7bc', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-password-accepted.yml', 'SSH Password Accepted', 'title: SSH Password Accepted
id: 039eb4d0-feea-43f1-8b08-1499640f8821
name: ssh_password_accepted
status: test
description: >-
    Matches every SSH login with a password. Alone it is daily life; correlations look for
    it after failures.
references:
    - https://attack.mitre.org/techniques/T1078/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1078
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome: success
        message|startswith: ''Accepted ''
        auth_method:
            - password
            - keyboard-interactive/pam
    condition: selection
falsepositives:
    - Administrators at work
level: low
lachan:
    title: "Đăng nhập SSH bằng mật khẩu thành công"
    explanation: >-
        Một lần đăng nhập SSH bằng mật khẩu. Riêng lẻ thì bình thường; các luật tương quan
        tìm lần đăng nhập này sau nhiều lần sai.
    checks:
        - "Xem tài khoản và địa chỉ nguồn."
        - "Xác nhận với người giữ tài khoản."
        - "Đề nghị dùng khóa SSH thay cho mật khẩu."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccdb1bf856d496', 'a6e745ed-d833-4b4a-9197-7f1784410320', '1666a965689439a161eae164df64ade46b0187358c6f41ff1b3134af836e9025', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-password-failed.yml', 'SSH Password Refused', 'title: SSH Password Refused
id: a6e745ed-d833-4b4a-9197-7f1784410320
name: ssh_password_failed
status: test
description: >-
    Matches every wrong password at SSH. Alone it is daily life; correlations count it.
references:
    - https://attack.mitre.org/techniques/T1110/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome:
            - failure
            - invalid_user
        message|startswith: ''Failed ''
        auth_method:
            - password
            - keyboard-interactive/pam
    condition: selection
falsepositives:
    - People who mistype
level: low
lachan:
    title: "Sai mật khẩu SSH"
    explanation: >-
        Một lần nhập sai mật khẩu SSH. Riêng lẻ thì bình thường; các luật tương quan đếm
        số lần để nhận ra dò mật khẩu.
    checks:
        - "Xem địa chỉ nguồn và tài khoản."
        - "Đếm số lần sai của địa chỉ đó trong một giờ."
        - "Tìm lần đăng nhập thành công ngay sau đó."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccdeb1864546ed', '11dcc99f-f689-48dd-801b-de05519f03e1', '99af0995c03e756a5e7b4739320ed8e991d71c3a636bdc100b7426f4eedd815a', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-password-from-internet.yml', 'SSH Password Login From A Public Address', 'title: SSH Password Login From A Public Address
id: 11dcc99f-f689-48dd-801b-de05519f03e1
status: test
description: >-
    Detects a successful SSH login with a password from an address outside the private
    ranges. Remote administration should come through the VPN or with keys.
references:
    - https://attack.mitre.org/techniques/T1133/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1133
    - attack.t1078
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome: success
        auth_method:
            - password
            - keyboard-interactive/pam
    filter_main_private:
        src_ip|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
            - 127.0.0.0/8
            - 169.254.0.0/16
            - fc00::/7
            - fe80::/10
            - ::1/128
    condition: selection and not 1 of filter_main_*
falsepositives:
    - An administrator working from home without the VPN
level: high
lachan:
    title: "Đăng nhập SSH bằng mật khẩu từ địa chỉ Internet"
    explanation: >-
        Có phiên SSH vào máy chủ bằng mật khẩu từ ngoài mạng nội bộ. Quản trị từ xa phải đi
        qua VPN hoặc dùng khoá; đăng nhập kiểu này rất có thể là dùng mật khẩu bị lộ.
    checks:
        - "Xác nhận trực tiếp với chủ tài khoản về lần đăng nhập và địa chỉ nguồn."
        - "Tra quốc gia, nhà mạng và lịch sử của địa chỉ nguồn."
        - "Nếu không xác nhận được, đề nghị khoá tài khoản, ngắt phiên và giữ nguyên nhật ký."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cce121f36753dd', '8c9b7331-82af-4377-95b7-28c6455b8820', '1b855c8510cecffcb06ab6ee33be258c317533e3616a39f9b6abfb0d5179ca50', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-password-guessing.yml', 'SSH Password Guessing', 'title: SSH Password Guessing
id: 8c9b7331-82af-4377-95b7-28c6455b8820
name: ssh_password_guessing
status: test
description: >-
    Detects one address that fails twenty SSH logins within ten minutes, on whatever
    machines and accounts of one agency.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
correlation:
    type: event_count
    rules:
        - ssh_password_failed
    group-by:
        - src_ip
    timespan: 10m
    condition:
        gte: 20
falsepositives:
    - A script with an old password
    - Many people behind one address
level: medium
lachan:
    title: "Dò mật khẩu SSH"
    explanation: >-
        Một địa chỉ nhập sai mật khẩu SSH từ 20 lần trở lên trong 10 phút. Đây là dò mật khẩu
        tự động; nguy hiểm khi có một lần đúng.
    checks:
        - "Tra địa chỉ nguồn: Internet, mạng nội bộ hay máy của chính đơn vị chạy sai cấu hình."
        - "Tìm lần đăng nhập thành công từ địa chỉ này; nếu có, coi như tài khoản đã lộ."
        - "Đề nghị đơn vị chặn địa chỉ, giới hạn nơi được vào SSH và tắt đăng nhập bằng mật khẩu."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cce3e45dae6c37', '281d6135-44fc-4891-b18d-43e6e191aea8', '444f5b80fa5ff93cb5ac161b0f64dae0f44075b78e53e8a265c99240edd41315', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-password-spraying.yml', 'SSH Password Spraying', 'title: SSH Password Spraying
id: 281d6135-44fc-4891-b18d-43e6e191aea8
name: ssh_password_spraying
status: test
description: >-
    Detects one address that tries the passwords of ten different accounts at SSH within
    half an hour.
references:
    - https://attack.mitre.org/techniques/T1110/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.003
correlation:
    type: value_count
    rules:
        - ssh_password_failed
    group-by:
        - src_ip
    timespan: 30m
    condition:
        field: user
        gte: 10
falsepositives:
    - A jump host with many users on a bad day
level: high
lachan:
    title: "Thử mật khẩu trên nhiều tài khoản SSH"
    explanation: >-
        Một địa chỉ thử mật khẩu của từ 10 tài khoản khác nhau trong 30 phút. Kẻ tấn công thử
        ít mật khẩu trên nhiều tài khoản để không bị khóa.
    checks:
        - "Xem danh sách tài khoản bị thử: tên phổ biến là dò quét, tên thật của cán bộ là đã lộ danh sách."
        - "Tìm tài khoản đăng nhập thành công từ địa chỉ này; đổi mật khẩu ngay nếu có."
        - "Xem địa chỉ này có xuất hiện ở đơn vị khác không."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccf7ebae2af7b4', 'e6dcefda-51cb-4907-b824-e9a585e38bba', '65392e57169c4b2aec69c46e54252ce2449e37cb39fb83213f48aa37e70721c5', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-command-refused.yml', 'Sudo Refused A Command', 'title: Sudo Refused A Command
id: e6dcefda-51cb-4907-b824-e9a585e38bba
status: test
description: >-
    Detects a user with some sudo rights asking for a command beyond them.
references:
    - https://attack.mitre.org/techniques/T1548/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.t1548.003
logsource:
    product: linux
    service: sudo
detection:
    selection:
        outcome: not_allowed
    condition: selection
falsepositives:
    - Sudoers being tuned
level: medium
lachan:
    title: "Sudo từ chối một lệnh ngoài quyền được cấp"
    explanation: >-
        Tài khoản chỉ được phép chạy một vài lệnh quản trị nhưng đã thử lệnh khác. Kẻ tấn
        công sau khi chiếm tài khoản thường thử xem mình làm được gì.
    checks:
        - "Xem lệnh bị từ chối và so với công việc thường ngày của tài khoản."
        - "Xem tài khoản có vừa đăng nhập từ địa chỉ lạ không."
        - "Tìm các lệnh sudo thành công ngay sau đó của cùng tài khoản."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cce5794fdc7677', '1b7038fd-7ed6-4ddf-9592-7bb70cc78b50', '76b183ab964d4daf67a6872e067b677071f1d1b5c4e59b3b7e137bd8d4cb6000', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-protocol-probe.yml', 'SSH Port Probed By Something That Is Not SSH', 'title: SSH Port Probed By Something That Is Not SSH
id: 1b7038fd-7ed6-4ddf-9592-7bb70cc78b50
status: test
description: >-
    Detects connections to sshd that send no or a wrong identification, as port scanners and
    exploit tools do.
references:
    - https://attack.mitre.org/techniques/T1595/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.001
    - attack.t1046
logsource:
    product: linux
    service: sshd
detection:
    keywords:
        - ''Bad protocol version identification''
        - ''Did not receive identification string''
        - ''banner exchange: Connection from''
        - ''no matching key exchange method found''
        - ''kex_exchange_identification: banner line contains invalid characters''
    condition: keywords
falsepositives:
    - Load balancers and availability checks
level: low
lachan:
    title: "Cổng SSH bị dò quét"
    explanation: >-
        Có kết nối tới cổng SSH nhưng không phải phần mềm SSH thật. Công cụ quét cổng và dò
        lỗ hổng thường để lại dấu vết này trước khi tấn công.
    checks:
        - "Kiểm tra địa chỉ nguồn có phải hệ thống giám sát hoặc cân bằng tải của đơn vị không."
        - "Xem cùng địa chỉ có dò các cổng, máy chủ khác không (nhật ký tường lửa)."
        - "Nếu từ Internet, đề nghị đơn vị không mở SSH ra ngoài."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cce8d1a72cf7f7', 'aca98c57-3797-426b-93d7-9d33c1d029c8', '9b23e8282c6cefe5d8a844ec05ec480c3ed225e30d7f4bb61059af4fbb833362', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-root-password-accepted.yml', 'Root Logged In Over SSH With A Password', 'title: Root Logged In Over SSH With A Password
id: aca98c57-3797-426b-93d7-9d33c1d029c8
status: test
description: >-
    Detects a successful SSH login of root with a password. Administrators should use their
    own accounts and keys; a password login of root is what a successful brute force looks
    like.
references:
    - https://attack.mitre.org/techniques/T1078/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.lateral-movement
    - attack.t1078.003
    - attack.t1021.004
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome: success
        user: root
        auth_method:
            - password
            - keyboard-interactive/pam
    condition: selection
falsepositives:
    - Legacy machines that are still administered as root
level: high
lachan:
    title: "Tài khoản root đăng nhập SSH bằng mật khẩu"
    explanation: >-
        Có người vừa đăng nhập thẳng vào tài khoản quản trị cao nhất của máy chủ bằng mật
        khẩu. Nếu không phải quản trị viên của đơn vị thì máy chủ đã bị chiếm quyền hoàn
        toàn.
    checks:
        - "Hỏi quản trị viên của đơn vị xem có đúng họ vừa đăng nhập từ địa chỉ nguồn này không."
        - "Tìm các lần đăng nhập thất bại từ cùng địa chỉ nguồn ngay trước đó: nhiều lần sai rồi đúng là dấu hiệu dò mật khẩu thành công."
        - "Xem các lệnh và phiên làm việc của root sau thời điểm này (sudo, cron, tài khoản mới, kết nối ra ngoài)."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccecb6a292cbd6', 'b5c8009a-66cc-4099-b44e-5e19fbe50a0c', '6b1450eb011e1d38f1ddc72e91a48c5c061c0f84ae6df253fa69e4f3fd6315a1', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-root-password-failed.yml', 'Failed SSH Password For Root', 'title: Failed SSH Password For Root
id: b5c8009a-66cc-4099-b44e-5e19fbe50a0c
status: test
description: >-
    Detects a failed password for root over SSH. Scanners try root first; the alert groups
    the attempts of one address.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome: failure
        user: root
        auth_method: password
    condition: selection
falsepositives:
    - An administrator who mistypes
level: low
lachan:
    title: "Thử mật khẩu root qua SSH không thành công"
    explanation: >-
        Có địa chỉ đang thử mật khẩu của tài khoản root. Một vài lần có thể do gõ nhầm; hàng
        chục lần trong ít phút là dò mật khẩu tự động.
    checks:
        - "Xem số lần thử trong cảnh báo và khoảng thời gian: vài lần hay hàng chục lần."
        - "Kiểm tra xem sau đó có lần đăng nhập thành công nào từ cùng địa chỉ nguồn không."
        - "Đề nghị đơn vị chặn địa chỉ nguồn và tắt đăng nhập root bằng mật khẩu (PermitRootLogin prohibit-password)."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccef74e78394e4', '00197471-bd40-4ad9-ab20-9b2a5b8bd12b', 'dd8e8ce60cdabe1b97a6b22da11da4f8420d37ab4b3c6e5cd7482d6634e9d746', 1795377102888736, 'system', 'lachan', 'starter/linux/ssh-service-account-password.yml', 'Service Account Logged In Over SSH With A Password', 'title: Service Account Logged In Over SSH With A Password
id: 00197471-bd40-4ad9-ab20-9b2a5b8bd12b
status: test
description: >-
    Detects a successful password login of an account meant for a program. Such accounts use
    keys or no login at all, and their weak passwords are the first to fall.
references:
    - https://attack.mitre.org/techniques/T1078/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1078.003
logsource:
    product: linux
    service: sshd
detection:
    selection:
        outcome: success
        auth_method: password
        user:
            - saoluu
            - backup
            - deploy
            - git
            - www-data
            - nginx
            - apache
            - mysql
            - postgres
            - oracle
            - tomcat
            - jenkins
            - ansible
            - zabbix
            - nagios
            - elastic
            - hadoop
            - ftp
            - ftpuser
            - test
            - guest
    condition: selection
falsepositives:
    - A service account that people use as well
level: high
lachan:
    title: "Tài khoản dịch vụ đăng nhập SSH bằng mật khẩu"
    explanation: >-
        Tài khoản dành cho phần mềm (sao lưu, triển khai, cơ sở dữ liệu…) vừa đăng nhập bằng
        mật khẩu như người dùng. Đây thường là tài khoản có mật khẩu yếu bị dò ra đầu tiên.
    checks:
        - "Xác nhận với đơn vị có ai dùng tài khoản dịch vụ này để đăng nhập không."
        - "Tìm các lần thử sai ngay trước đó từ cùng địa chỉ nguồn."
        - "Xem những việc tài khoản đã làm sau khi vào: sudo, tải tệp, tài khoản hoặc lịch tác vụ mới."
    entity: src_ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccfa2a4284d333', '049c2491-c684-4fac-b7f5-96bb68c66e53', '94fc4d7f866d32af300d2797db0fea297cc5086f44d72b1ac19f0f08d0ff74a8', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-download.yml', 'Program Downloaded With Sudo', 'title: Program Downloaded With Sudo
id: 049c2491-c684-4fac-b7f5-96bb68c66e53
status: test
description: >-
    Detects sudo running a download tool against a plain address or writing into a temporary
    or hidden place.
references:
    - https://attack.mitre.org/techniques/T1105/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.t1105
logsource:
    product: linux
    service: sudo
detection:
    tool:
        command|contains:
            - ''/curl ''
            - ''/wget ''
    address:
        command|re: ''https?://[0-9]{1,3}(\.[0-9]{1,3}){3}''
    place:
        command|contains:
            - '' /tmp/''
            - '' /dev/shm/''
            - '' /var/tmp/''
            - ''| sh''
            - ''| bash''
            - ''|sh''
            - ''|bash''
    condition: tool and (address or place)
falsepositives:
    - Installation instructions of software vendors
level: high
lachan:
    title: "Tải chương trình từ mạng bằng quyền quản trị"
    explanation: >-
        Lệnh quản trị vừa tải tệp từ một địa chỉ IP trần hoặc ghi vào thư mục tạm. Đây là
        cách đưa mã độc, phần mềm đào tiền ảo vào máy chủ đã bị chiếm.
    checks:
        - "Tra địa chỉ tải về trong nguồn cảnh báo và nhật ký tường lửa."
        - "Kiểm tra tệp còn trên máy không; nếu còn, lấy mã băm, không chạy thử."
        - "Xem có tiến trình hoặc lịch tác vụ mới sau thời điểm tải."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74ccfd71f8532087', '0a7dc4f5-b205-4034-8a8c-4b0b150ddd89', '101ea533afe7717c75eaa88df6b19fb0ad9e4701632af4a3219e11b2883469b5', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-interactive-root.yml', 'Interactive Root Shell By Sudo', 'title: Interactive Root Shell By Sudo
id: 0a7dc4f5-b205-4034-8a8c-4b0b150ddd89
status: test
description: >-
    Detects a person opening a full root shell with sudo instead of running single commands,
    after which sudo no longer records what is done.
references:
    - https://attack.mitre.org/techniques/T1548/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.t1548.003
logsource:
    product: linux
    service: sudo
detection:
    selection:
        outcome: success
        target_user: root
    shell:
        command|re: ''^(/usr)?/bin/(su|sh|bash|dash|zsh)( -l?| -i| root| --login)*$''
    condition: selection and shell
falsepositives:
    - Administrators on duty
level: low
lachan:
    title: "Mở phiên shell root bằng sudo"
    explanation: >-
        Người dùng đã chuyển hẳn sang shell root thay vì chạy từng lệnh; từ đây sudo không
        còn ghi lại thao tác. Quản trị viên có thể làm vậy, kẻ tấn công thì luôn làm vậy.
    checks:
        - "Xác nhận tài khoản thuộc quản trị viên và có kế hoạch bảo trì."
        - "Xem phiên SSH của tài khoản bắt đầu từ địa chỉ nào."
        - "Đối chiếu nhật ký auditd (nếu có) để biết các lệnh đã chạy trong shell."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd0049efa4aef4', '44ee27bb-c2ea-4ef4-9f5d-d7250c61c9b6', '15316c1f4bf03c1974da5bc45a7fb9cba880a1fd42a886646a7c42a6a576d89d', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-log-removal.yml', 'Log Or History Removed With Sudo', 'title: Log Or History Removed With Sudo
id: 44ee27bb-c2ea-4ef4-9f5d-d7250c61c9b6
status: test
description: >-
    Detects sudo commands that delete, empty or overwrite system logs or shell history.
references:
    - https://attack.mitre.org/techniques/T1070/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.stealth
    - attack.t1070.003
    - attack.defense-impairment
    - attack.t1685.006
logsource:
    product: linux
    service: sudo
detection:
    target:
        command|re: ''(/var/log/|\.bash_history|\.zsh_history|/run/utmp|lastlog)''
    destructive:
        command|re: ''(/rm |/shred |/truncate |/unlink |of=/var/log|> ?/var/log|> ?\S*_history)''
    filter_main_read:
        command|re: ''^(/usr)?/bin/(tail|head|less|grep|ls|cat|du|zcat) [^>|;&]*$''
    condition: target and destructive and not 1 of filter_main_*
falsepositives:
    - Manual clean-up of a full disk
level: high
lachan:
    title: "Xoá nhật ký hệ thống hoặc lịch sử lệnh bằng sudo"
    explanation: >-
        Nhật ký hoặc lịch sử lệnh trên máy chủ vừa bị xoá. Kẻ tấn công làm vậy để che dấu
        vết; bản nhật ký đã gửi về trung tâm vẫn còn nguyên và là chứng cứ.
    checks:
        - "Không khởi động lại máy; đề nghị đơn vị giữ nguyên hiện trạng."
        - "Tìm tại trung tâm toàn bộ nhật ký của máy này trước thời điểm xoá."
        - "Xem tài khoản đã chạy lệnh, địa chỉ đăng nhập và các việc làm trước đó."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd03b952deb8aa', 'd27d95e0-b634-4a03-93bb-4de2ee12f395', '863fc02944105ca762ba2421bbcbb436fd3d8a96c147ecb75a5a61e85fba36f5', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-not-in-sudoers.yml', 'Sudo Used By A User Not In Sudoers', 'title: Sudo Used By A User Not In Sudoers
id: d27d95e0-b634-4a03-93bb-4de2ee12f395
status: test
description: >-
    Detects a user without any sudo right calling sudo.
references:
    - https://attack.mitre.org/techniques/T1548/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.t1548.003
logsource:
    product: linux
    service: sudo
detection:
    selection:
        outcome: not_in_sudoers
    condition: selection
falsepositives:
    - A new colleague whose rights are not set up yet
level: medium
lachan:
    title: "Người dùng không có quyền sudo cố chạy lệnh quản trị"
    explanation: >-
        Một tài khoản không được cấp quyền sudo đã thử chạy lệnh với quyền quản trị. Có thể
        là gõ nhầm, cũng có thể tài khoản đã bị chiếm và kẻ tấn công đang tìm đường leo
        thang.
    checks:
        - "Xem lệnh đã thử: lệnh vô hại hay lệnh đọc mật khẩu, tạo tài khoản, tải tệp."
        - "Hỏi chủ tài khoản có tự gõ lệnh đó không."
        - "Xem tài khoản đăng nhập từ địa chỉ nào trong phiên này."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd06435d72e8d9', 'ea792f85-7f86-45bf-9df8-aa555fe4b7d4', 'a341bc214b4e2844e61c92041e830d560834bfc95ca9b9d811c6d639b4b6fa10', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-shell-escape.yml', 'Root Shell Through A Program Run With Sudo', 'title: Root Shell Through A Program Run With Sudo
id: ea792f85-7f86-45bf-9df8-aa555fe4b7d4
status: test
description: >-
    Detects sudo commands whose arguments make an allowed program start a shell, the usual
    way from a narrow sudo right to full root.
references:
    - https://attack.mitre.org/techniques/T1548/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.execution
    - attack.t1548.003
logsource:
    product: linux
    service: sudo
detection:
    selection_find:
        command|contains: ''/find ''
        command|re: ''-exec(dir)?\s+\S*(/sh|/bash|/dash|/zsh|\bsh|\bbash)\s''
    selection_awk:
        command|contains:
            - ''awk BEGIN {system(''
            - "awk ''BEGIN {system("
    selection_editor:
        command|contains:
            - ''vim -c :!''
            - ''vi -c :!''
            - '' --checkpoint-action=exec=''
            - ''env /bin/sh''
            - ''env /bin/bash''
    selection_interpreter:
        command|re: ''(python[0-9.]*|perl|ruby|php[0-9.]*|node|lua) .*(pty\.spawn|os\.system|os\.execl|exec ["'''']/bin/|child_process)''
    outcome:
        outcome: success
    condition: outcome and 1 of selection_*
falsepositives:
    - Scripts of administrators that use find -exec with a shell
level: high
lachan:
    title: "Mở shell quản trị qua chương trình được phép chạy bằng sudo"
    explanation: >-
        Một chương trình tưởng vô hại (find, vim, tar…) được gọi qua sudo với tham số mở ra
        shell quyền root. Đây là cách leo thang kinh điển khi sudoers cấp quyền quá rộng.
    checks:
        - "Xem tài khoản và lệnh đầy đủ; coi như đã có quyền root từ thời điểm này."
        - "Xem mọi thay đổi sau đó: tài khoản mới, sudoers, cron, khoá SSH, tệp nhật ký bị xoá."
        - "Đề nghị đơn vị bỏ chương trình này khỏi sudoers của tài khoản."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd091abff359e3', 'e7a4b4ce-8bb7-41be-bb38-4cbeeeee624b', 'b45c992b03c9943104a00910e32a0e796fbc99945d74fb600ba16ce18f6b2633', 1795377102888736, 'system', 'lachan', 'starter/linux/sudo-wrong-password.yml', 'Repeated Wrong Sudo Password', 'title: Repeated Wrong Sudo Password
id: e7a4b4ce-8bb7-41be-bb38-4cbeeeee624b
status: test
description: >-
    Detects sudo giving up after several wrong passwords of the user.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.privilege-escalation
    - attack.credential-access
    - attack.t1110.001
    - attack.t1548.003
logsource:
    product: linux
    service: sudo
detection:
    selection:
        outcome: bad_password
    condition: selection
falsepositives:
    - A forgotten password
level: medium
lachan:
    title: "Nhập sai mật khẩu sudo nhiều lần"
    explanation: >-
        Người đang ngồi trong phiên làm việc không biết mật khẩu của chính tài khoản đó.
        Thường gặp khi kẻ tấn công vào được bằng khoá hoặc qua lỗ hổng rồi thử leo thang.
    checks:
        - "Hỏi chủ tài khoản có quên mật khẩu không."
        - "Xem phiên đăng nhập bắt đầu từ đâu và bằng cách nào."
        - "Kiểm tra các lệnh khác của tài khoản trong cùng phiên."
    entity: user
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd0c5118194454', '986a81c2-1c78-4ec6-9ac3-93432da03659', '985f5ccdf2683435f4d1853f4392b356534a3656b3a97b50f5957ed61318e08b', 1795377102888736, 'system', 'lachan', 'starter/linux/user-added-to-admin-group.yml', 'Account Added To An Administrative Group', 'title: Account Added To An Administrative Group
id: 986a81c2-1c78-4ec6-9ac3-93432da03659
status: test
description: >-
    Detects an account joining a group whose members can become root.
references:
    - https://attack.mitre.org/techniques/T1098/007/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.privilege-escalation
    - attack.t1098.007
logsource:
    product: linux
    service: auth
detection:
    selection:
        program:
            - usermod
            - useradd
            - gpasswd
    member:
        message|re: "(add ''[^'']+'' to (shadow )?group ''(sudo|wheel|root|admin|adm|docker|lxd|disk)''|(added|user \\S+ added) .*to group (sudo|wheel|root|docker))"
    condition: selection and member
falsepositives:
    - A new administrator
level: high
lachan:
    title: "Thêm tài khoản vào nhóm quản trị"
    explanation: >-
        Một tài khoản vừa được đưa vào nhóm có thể trở thành root (sudo, wheel, docker…).
        Nếu ngoài kế hoạch thì đây là bước duy trì quyền kiểm soát.
    checks:
        - "Xác nhận với đơn vị quyết định cấp quyền cho tài khoản này."
        - "Xem tài khoản vừa được tạo hay đã có từ lâu."
        - "Xem ai đã chạy lệnh và từ địa chỉ nào."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd0f97fc9a2610', 'e01307ae-65a1-4908-bff9-fad4154e661c', '61336f7524373f6af556f9e95a2191444cfa78d4c0b66c97cee9b86c6b8eb2f1', 1795377102888736, 'system', 'lachan', 'starter/linux/user-created.yml', 'Local Account Created', 'title: Local Account Created
id: e01307ae-65a1-4908-bff9-fad4154e661c
status: test
description: >-
    Detects a new local account on a Linux machine.
references:
    - https://attack.mitre.org/techniques/T1136/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1136.001
logsource:
    product: linux
    service: auth
detection:
    selection:
        program: useradd
        message|startswith: ''new user: name=''
    filter_main_system:
        message|contains:
            - ''shell=/usr/sbin/nologin''
            - ''shell=/sbin/nologin''
            - ''shell=/bin/false''
    condition: selection and not 1 of filter_main_*
falsepositives:
    - Accounts made by administrators or packages
level: low
lachan:
    title: "Tạo tài khoản mới trên máy chủ Linux"
    explanation: >-
        Một tài khoản đăng nhập được vừa được tạo trên máy chủ. Nếu không có yêu cầu từ đơn
        vị thì đây là cửa sau để quay lại.
    checks:
        - "Hỏi đơn vị ai đã tạo tài khoản và theo yêu cầu nào."
        - "Xem phiên sudo hoặc root ngay trước thời điểm tạo."
        - "Kiểm tra tài khoản đã được thêm vào nhóm quản trị hay đăng nhập lần nào chưa."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd110a31c9fa5b', 'add39d5d-44bc-4644-aa6a-9dea0bce82a1', '41ba3d37f63cb9cefd666fe4f936bfb11b3d9999a3143d44cbfe24e3ac7fe333', 1795377102888736, 'system', 'lachan', 'starter/linux/user-uid-zero.yml', 'Account Created With User Id 0', 'title: Account Created With User Id 0
id: add39d5d-44bc-4644-aa6a-9dea0bce82a1
status: test
description: >-
    Detects a new account that shares the user id of root and so all of its rights under
    another name.
references:
    - https://attack.mitre.org/techniques/T1136/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.privilege-escalation
    - attack.t1136.001
    - attack.t1098
logsource:
    product: linux
    service: auth
detection:
    selection:
        program: useradd
        message|startswith: ''new user: name=''
        message|contains: '' UID=0,''
    condition: selection
falsepositives:
    - Unlikely
level: critical
lachan:
    title: "Tạo tài khoản có quyền ngang root (UID 0)"
    explanation: >-
        Tài khoản mới mang số hiệu người dùng 0, tức là root dưới tên khác. Không có nhu cầu
        chính đáng nào cho việc này; gần như chắc chắn là cửa sau.
    checks:
        - "Đề nghị đơn vị khoá ngay tài khoản và giữ bản sao /etc/passwd, /etc/shadow."
        - "Tìm phiên đã chạy lệnh useradd và địa chỉ đăng nhập của phiên đó."
        - "Tìm các lần đăng nhập bằng tên tài khoản này trên mọi máy chủ."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd20e3a45d4ed1', 'e192b538-38ca-41e8-aa0d-8804250c38ef', 'c25dcb805aee950c5d9250c63ac8e11edeb3700737c07633252c935a68e74202', 1795377102888736, 'system', 'lachan', 'starter/web/admin-tool-probe.yml', 'Administration Tool Requested From Outside', 'title: Administration Tool Requested From Outside
id: e192b538-38ca-41e8-aa0d-8804250c38ef
status: test
description: >-
    Detects requests from public addresses for administration pages that should not face the
    Internet.
references:
    - https://attack.mitre.org/techniques/T1595/002/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.002
logsource:
    category: webserver
detection:
    page:
        cs-uri-stem|contains:
            - ''/phpmyadmin''
            - ''/pma/''
            - ''/adminer''
            - ''/manager/html''
            - ''/host-manager''
            - ''/actuator/''
            - ''/server-status''
            - ''/solr/admin''
            - ''/jmx-console''
            - ''/HNAP1''
            - ''/boaform/''
            - ''/cgi-bin/luci''
            - ''/owa/auth''
            - ''/autodiscover/autodiscover.xml''
            - ''/remote/login''
            - ''/eval-stdin.php''
            - ''/phpinfo.php''
    filter_main_private:
        c-ip|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
            - 127.0.0.0/8
    condition: page and not 1 of filter_main_*
falsepositives:
    - Administrators without a VPN
level: low
lachan:
    title: "Dò trang quản trị từ Internet"
    explanation: >-
        Có địa chỉ ngoài mạng nội bộ tìm các trang quản trị phổ biến (phpMyAdmin, Tomcat,
        thiết bị mạng). Trang nào trả lời được là cửa vào cho bước tấn công tiếp theo.
    checks:
        - "Lọc các yêu cầu có mã trả về 200, 401 hoặc 302."
        - "Đề nghị đơn vị đưa trang quản trị vào sau VPN hoặc giới hạn địa chỉ."
        - "Xem địa chỉ này có trong cảnh báo của đơn vị khác không."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd234f0f4d93be', 'e490bf6f-1b22-4f89-805a-42569b1a41ee', '2d0c05803d313f49e1b3a132def74f990449a9c87d326dd3d1c5039842ebb329', 1795377102888736, 'system', 'lachan', 'starter/web/command-injection.yml', 'Command Injection In A Request', 'title: Command Injection In A Request
id: e490bf6f-1b22-4f89-805a-42569b1a41ee
status: test
description: >-
    Detects shell commands in request parameters.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.execution
    - attack.t1190
    - attack.t1059.004
logsource:
    category: webserver
detection:
    regex:
        cs-uri-query|re: ''(?i)[?&=;|`](\s|\$\(|\||;|&&)*(cat\s+/|wget\s+http|curl\s+http|uname\s+-|/bin/(ba)?sh|bash\s+-[ci]|powershell|nc\s+-|whoami\b|ping\s+-[cn]\s|id(;|\||$))''
    strings:
        cs-uri-query|contains:
            - ''call_user_func_array''
            - ''invokefunction''
            - ''allow_url_include''
            - ''auto_prepend_file''
            - ''Runtime.getRuntime''
            - ''ProcessBuilder''
            - ''%{(#''
            - ''T(java.lang''
    condition: regex or strings
falsepositives:
    - Documentation sites with commands in the address
level: high
lachan:
    title: "Chèn lệnh hệ điều hành vào trang web"
    explanation: >-
        Yêu cầu chứa lệnh của hệ điều hành nhằm bắt máy chủ chạy thay kẻ tấn công. Nếu thành
        công, máy chủ coi như bị điều khiển từ xa.
    checks:
        - "Xem mã trả về và kích thước phản hồi của chính yêu cầu đó."
        - "Tìm trên máy chủ tiến trình do tài khoản web (www-data, nginx, IIS) chạy vào thời điểm này."
        - "Tìm kết nối từ máy chủ ra địa chỉ nằm trong lệnh."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd26b93b3d45ec', '01925613-bfe9-4d77-8b3a-347079b039cb', '2c7f4c0b0dbfc55712559a1867aa39a3cf0e77e1bf505b568a53045419814462', 1795377102888736, 'system', 'lachan', 'starter/web/cross-site-scripting.yml', 'Script Injection In A Request', 'title: Script Injection In A Request
id: 01925613-bfe9-4d77-8b3a-347079b039cb
status: test
description: >-
    Detects script tags and event handlers in a request target.
references:
    - https://attack.mitre.org/techniques/T1189/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1189
logsource:
    category: webserver
detection:
    strings:
        cs-uri-query|contains:
            - ''<script''
            - ''</script''
            - ''javascript:alert''
            - ''document.cookie''
            - ''String.fromCharCode''
    handler:
        cs-uri-query|re: ''(?i)<\w+[^>]*\son(error|load|mouseover|focus|click|toggle)\s*=''
    condition: strings or handler
falsepositives:
    - Web editors that send markup in the address
level: medium
lachan:
    title: "Tấn công chèn mã kịch bản (XSS) vào trang web"
    explanation: >-
        Yêu cầu chứa mã kịch bản nhằm chạy trong trình duyệt của người khác. Nếu trang hiển
        thị lại mã này, kẻ tấn công chiếm được phiên đăng nhập của cán bộ hoặc người dân.
    checks:
        - "Mở lại trang với chuỗi vô hại để xem tham số có bị hiển thị nguyên văn không."
        - "Xem yêu cầu đến từ công cụ quét hay từ liên kết gửi cho người dùng (trường referer)."
        - "Tìm cùng chuỗi ở các yêu cầu của địa chỉ khác: người dùng đã bấm vào liên kết hay chưa."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd29d2d15e82a0', 'f50d2f23-cacc-4472-96e2-449bee7299ce', '654eddb9e77e4a8ceb4f2d422e35e748ef3b094f5fb51379724ffd1d3082bf4d', 1795377102888736, 'system', 'lachan', 'starter/web/git-repository-probe.yml', 'Source Repository Requested', 'title: Source Repository Requested
id: f50d2f23-cacc-4472-96e2-449bee7299ce
status: test
description: >-
    Detects requests for files of a version control system below the web folder.
references:
    - https://attack.mitre.org/techniques/T1595/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.003
logsource:
    category: webserver
detection:
    selection:
        cs-uri-stem|contains:
            - ''/.git/''
            - ''/.svn/''
            - ''/.hg/''
            - ''/.bzr/''
    filter_main_server:
        cs-uri-stem|endswith:
            - ''.git/info/refs''
            - ''.git/git-upload-pack''
    condition: selection and not 1 of filter_main_*
falsepositives:
    - Git servers
level: medium
lachan:
    title: "Dò kho mã nguồn trên trang web"
    explanation: >-
        Có người tìm thư mục .git hoặc .svn để tải mã nguồn của trang. Mã nguồn thường chứa
        mật khẩu cơ sở dữ liệu và khoá dịch vụ.
    checks:
        - "Xem mã trả về: 200 là thư mục đang lộ, xử lý như sự cố lộ thông tin."
        - "Thử mở đường dẫn từ ngoài để xác nhận."
        - "Nếu lộ, chặn ngay ở máy chủ web và thay mọi mật khẩu, khoá có trong mã nguồn."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd2c486ea8af3f', '22681628-df1a-4c3e-aefb-395b01568968', '9ff85ca1f0afdc8222ebb2d1666a50af36d28577f17d0a98f3901645f7aee653', 1795377102888736, 'system', 'lachan', 'starter/web/header-injection.yml', 'Line Break Or Null Byte In A Request', 'title: Line Break Or Null Byte In A Request
id: 22681628-df1a-4c3e-aefb-395b01568968
status: test
description: >-
    Detects encoded line breaks before a header name, and null bytes, in a request target.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1190
logsource:
    category: webserver
detection:
    header:
        cs-uri|re: ''(?i)%0d%0a\s*(set-cookie|location|content-length|content-type|x-[a-z-]+)(%3a|:)''
    null:
        cs-uri|contains: ''%00''
    condition: header or null
falsepositives:
    - Multi-line form fields sent by GET
level: medium
lachan:
    title: "Chèn ký tự xuống dòng hoặc ký tự rỗng vào yêu cầu"
    explanation: >-
        Yêu cầu chứa ký tự điều khiển để chèn tiêu đề giả vào phản hồi hoặc qua mặt bộ lọc
        tệp. Dùng để đánh cắp phiên hoặc tải tệp bị cấm.
    checks:
        - "Xem phản hồi có thêm tiêu đề lạ không (thử lại từ mạng trong)."
        - "Xem các yêu cầu khác của cùng địa chỉ."
        - "Kiểm tra phiên bản máy chủ web và tường lửa ứng dụng."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd2e6391130eff', '12f7b417-784f-443a-945a-2f32ddbf9a8f', 'f7d881cd5bbed17e048ad044c91ac602fcb17a0f1f8e5446d23acd57c5f33b5f', 1795377102888736, 'system', 'lachan', 'starter/web/log4shell.yml', 'JNDI Lookup In A Request', 'title: JNDI Lookup In A Request
id: 12f7b417-784f-443a-945a-2f32ddbf9a8f
status: test
description: >-
    Detects Log4Shell strings, plain and in the common disguises, in the target, the referer
    or the user agent.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1190
    - attack.t1203
logsource:
    category: webserver
detection:
    keywords:
        - ''${jndi:''
        - ''${lower:j}''
        - ''${upper:j}''
        - ''${::-j}''
        - ''%24%7bjndi''
        - ''$%7bjndi''
        - ''${${env:''
        - ''jndi:ldap:''
        - ''jndi:rmi:''
        - ''jndi:dns:''
    condition: keywords
falsepositives:
    - Authorised scans
level: high
lachan:
    title: "Khai thác lỗ hổng Log4Shell"
    explanation: >-
        Yêu cầu chứa chuỗi buộc ứng dụng Java tải mã từ máy của kẻ tấn công. Hệ thống Java
        chưa vá có thể bị chiếm chỉ bằng một yêu cầu.
    checks:
        - "Xác định trang có chạy Java và thư viện Log4j phiên bản nào."
        - "Tìm kết nối ra ngoài từ máy chủ tới địa chỉ nằm trong chuỗi (cổng 1389, 1099, 53)."
        - "Nếu có kết nối ra ngoài, cô lập máy chủ và xử lý như đã bị xâm nhập."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd3130a3429bee', 'ca2ec555-64e2-4e26-a2d6-75e7c35cf406', 'f838422aebd69deafcad8ab6964cde4c97ea49b2d9fc54e00588fecb3d515d45', 1795377102888736, 'system', 'lachan', 'starter/web/page-guessing.yml', 'Web Content Scan', 'title: Web Content Scan
id: ca2ec555-64e2-4e26-a2d6-75e7c35cf406
name: web_page_guessing
status: test
description: >-
    Detects one client that asks for a hundred pages that do not exist within five minutes,
    as tools do that guess names of files and folders.
references:
    - https://attack.mitre.org/techniques/T1595/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.003
correlation:
    type: event_count
    rules:
        - web_not_found
    group-by:
        - c-ip
    timespan: 5m
    condition:
        gte: 100
falsepositives:
    - A search engine after the site was rebuilt
    - A vulnerability assessment
level: medium
lachan:
    title: "Dò quét đường dẫn trang web"
    explanation: >-
        Một địa chỉ hỏi từ 100 trang không tồn tại trong 5 phút. Đây là công cụ đoán tên tệp,
        thư mục để tìm trang quản trị, bản sao lưu hay tệp cấu hình bị lộ.
    checks:
        - "Tìm các yêu cầu của địa chỉ này có mã trả về 200 hoặc 302: đó là thứ kẻ dò đã tìm thấy."
        - "Xem có lịch đánh giá an toàn thông tin nào đang chạy không."
        - "Đề nghị đơn vị chặn địa chỉ và gỡ các tệp không cần công khai."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd3497cf6977b2', '27d92e02-890a-4efd-aeff-1ce15cb116ec', 'bce03fe97c5b57a1749cc2fc4f748a052d1152f126f058880d5b59fca3a978e1', 1795377102888736, 'system', 'lachan', 'starter/web/page-not-found.yml', 'Web Page Not Found', 'title: Web Page Not Found
id: 27d92e02-890a-4efd-aeff-1ce15cb116ec
name: web_not_found
status: test
description: >-
    Matches every request for a page that does not exist. Alone it is daily life;
    correlations count it.
references:
    - https://attack.mitre.org/techniques/T1595/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.003
logsource:
    category: webserver
detection:
    selection:
        sc-status: 404
    condition: selection
falsepositives:
    - Broken links
level: low
lachan:
    title: "Yêu cầu trang không tồn tại"
    explanation: >-
        Một yêu cầu tới trang không có trên máy chủ. Riêng lẻ thì bình thường; luật tương quan
        đếm số lần để nhận ra dò quét.
    checks:
        - "Xem đường dẫn bị hỏi."
        - "Đếm số lần từ cùng địa chỉ."
        - "Xem trang nào dẫn tới liên kết hỏng."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd3630896b9187', '27334c8e-c75d-4489-bafe-c3501d96eeb2', 'a51261cd9d1eacd9d8a352a10cd9915bcc3732036dd0c9a8b5d71ef1eab76fb2', 1795377102888736, 'system', 'lachan', 'starter/web/path-traversal.yml', 'Path Traversal In A Request', 'title: Path Traversal In A Request
id: 27334c8e-c75d-4489-bafe-c3501d96eeb2
status: test
description: >-
    Detects requests that climb out of the web folder or ask for system files.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.discovery
    - attack.t1190
    - attack.t1083
logsource:
    category: webserver
detection:
    climb:
        cs-uri-query|contains:
            - ''../../''
            - ''..\..\''
            - ''..%2f..%2f''
            - ''..%252f''
            - ''%2e%2e/%2e%2e''
            - ''.%2e/.%2e''
            - ''..;/''
            - ''....//''
    file:
        cs-uri-query|contains:
            - ''/etc/passwd''
            - ''/etc/shadow''
            - ''/proc/self/environ''
            - ''win.ini''
            - ''boot.ini''
            - ''php://filter''
            - ''php://input''
            - ''expect://''
    condition: climb or file
falsepositives:
    - Broken relative links, usually of one level
level: high
lachan:
    title: "Truy cập vượt thư mục để đọc tệp hệ thống"
    explanation: >-
        Yêu cầu tìm cách đi ra ngoài thư mục web để đọc tệp của máy chủ như danh sách tài
        khoản, tệp cấu hình. Nếu thành công, mật khẩu kết nối cơ sở dữ liệu thường lộ trước
        tiên.
    checks:
        - "Xem mã trả về: 200 kèm dung lượng lớn là dấu hiệu đã đọc được tệp."
        - "Thử lại yêu cầu từ mạng trong để biết máy chủ có lỗ hổng không."
        - "Nếu đọc được, thay mọi mật khẩu, khoá nằm trong tệp cấu hình."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd392e53470212', 'ea4a0ffd-21c1-4327-a021-d5df2d8d5059', 'aa9d2a93c381fb4b4d3226a09f7ca87db3c8aa6a25948b1ca23121f6279864c5', 1795377102888736, 'system', 'lachan', 'starter/web/scanner-user-agent.yml', 'Vulnerability Scanner In The User Agent', 'title: Vulnerability Scanner In The User Agent
id: ea4a0ffd-21c1-4327-a021-d5df2d8d5059
status: test
description: >-
    Detects scanners that name themselves.
references:
    - https://attack.mitre.org/techniques/T1595/002/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.002
logsource:
    category: webserver
detection:
    selection:
        cs-user-agent|contains:
            - ''sqlmap''
            - ''nikto''
            - ''nmap scripting engine''
            - ''masscan''
            - ''zgrab''
            - ''nuclei''
            - ''acunetix''
            - ''netsparker''
            - ''wpscan''
            - ''gobuster''
            - ''dirbuster''
            - ''feroxbuster''
            - ''ffuf''
            - ''Fuzz Faster U Fool''
            - ''openvas''
            - ''arachni''
            - ''havij''
            - ''jorgee''
            - ''morfeus''
            - ''commix''
            - ''whatweb''
            - ''xray''
    condition: selection
falsepositives:
    - Authorised scans, to be agreed and recorded beforehand
level: medium
lachan:
    title: "Công cụ quét lỗ hổng truy cập trang web"
    explanation: >-
        Phần mềm quét lỗ hổng đang dò trang web và tự xưng tên. Thường là bước chuẩn bị; cần
        xem nó có tìm thấy gì không.
    checks:
        - "Kiểm tra có lịch quét được phép trong thời gian này không."
        - "Lọc các yêu cầu của địa chỉ này có mã trả về 200 hoặc 500 ở đường dẫn nhạy cảm."
        - "Đề nghị đơn vị chặn địa chỉ trên tường lửa nếu không được phép."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd3c1e17f97d6b', '64266e94-be1f-44f1-9555-1253883a6d87', '7870be98cb1deae1e0b045602273ebaf2d80c840eea0e268314d9346155b835f', 1795377102888736, 'system', 'lachan', 'starter/web/secret-file-probe.yml', 'Configuration Or Backup File Requested', 'title: Configuration Or Backup File Requested
id: 64266e94-be1f-44f1-9555-1253883a6d87
status: test
description: >-
    Detects requests for files that hold passwords or whole databases.
references:
    - https://attack.mitre.org/techniques/T1595/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.credential-access
    - attack.t1595.003
    - attack.t1552.001
logsource:
    category: webserver
detection:
    file:
        cs-uri-stem|endswith:
            - ''/.env''
            - ''/.env.bak''
            - ''/.env.local''
            - ''/.env.production''
            - ''/.htpasswd''
            - ''/.aws/credentials''
            - ''/id_rsa''
            - ''/web.config''
            - ''/wp-config.php.bak''
            - ''/config.php.bak''
            - ''/configuration.php.bak''
            - ''/appsettings.json''
            - ''/.DS_Store''
            - ''/.bash_history''
    dump:
        cs-uri-stem|re: ''(?i)/(backup|bak|db|data|database|dump|www|site|web|luu|sao-luu|csdl)[^/]*\.(sql|zip|rar|7z|tar|tar\.gz|tgz|bak|mdb)$''
    condition: file or dump
falsepositives:
    - None known
level: medium
lachan:
    title: "Dò tệp cấu hình hoặc bản sao lưu trên trang web"
    explanation: >-
        Có người tìm các tệp chứa mật khẩu (.env, web.config) hoặc bản sao lưu cơ sở dữ liệu
        để quên trên máy chủ web.
    checks:
        - "Xem mã trả về: 200 nghĩa là tệp đã bị tải về."
        - "Nếu đã lộ, thay toàn bộ mật khẩu, khoá trong tệp và gỡ tệp khỏi thư mục web."
        - "Xem địa chỉ này còn dò những gì và ở đơn vị nào khác."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd6b87dbab9df5', 'f174e4c0-ef20-4e09-bb12-77149cb50310', '65a2c421d86f8d5b39aad8c965bbb0af4bb034a0a0e6feeed77f165f64882f2b', 1795377102888736, 'system', 'lachan', 'starter/web/shellshock.yml', 'Shellshock In A Request', 'title: Shellshock In A Request
id: f174e4c0-ef20-4e09-bb12-77149cb50310
status: test
description: >-
    Detects a shell function definition in a request, as the Shellshock exploit sends.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.execution
    - attack.t1190
logsource:
    category: webserver
detection:
    keywords:
        - ''() { :;}''
        - ''() { :; }''
        - ''() { _; }''
        - ''(){ :;}''
    condition: keywords
falsepositives:
    - Authorised scans
level: high
lachan:
    title: "Khai thác lỗ hổng Shellshock"
    explanation: >-
        Yêu cầu chứa định nghĩa hàm của bash nhằm chạy lệnh trên máy chủ web kiểu CGI cũ. Hệ
        thống lâu năm chưa cập nhật vẫn có thể dính.
    checks:
        - "Kiểm tra máy chủ có chạy CGI và phiên bản bash đã vá chưa."
        - "Xem mã trả về và các yêu cầu khác của cùng địa chỉ."
        - "Tìm tiến trình lạ do tài khoản của máy chủ web sinh ra."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd6e9348ff96fc', '96250185-bee0-47ca-8a8b-b0a59762eea0', '163ee185f80175934c77de38ec6b863d4390506ad858e24fa5ffeb32a9cd3817', 1795377102888736, 'system', 'lachan', 'starter/web/sql-injection.yml', 'SQL Injection In A Request', 'title: SQL Injection In A Request
id: 96250185-bee0-47ca-8a8b-b0a59762eea0
status: test
description: >-
    Detects SQL fragments in a request target that no honest client sends.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.t1190
logsource:
    category: webserver
detection:
    strings:
        cs-uri-query|contains:
            - ''union select ''
            - ''union all select ''
            - ''union/**/select''
            - ''information_schema.''
            - ''waitfor delay ''
            - ''benchmark(''
            - ''pg_sleep(''
            - ''extractvalue(''
            - ''updatexml(''
            - ''xp_cmdshell''
            - ''into outfile ''
            - ''load_file(''
            - ''group_concat(''
            - ''; drop table ''
            - '';drop table ''
    regex:
        cs-uri-query|re: ''(?i)(''''|"|\))\s*(or|and)\s+(''''?\w+''''?\s*(=|like)\s*''''?\w+|sleep\(|\d+=\d+)|select.{0,40}sleep\(\d''
    condition: strings or regex
falsepositives:
    - Articles about SQL in a site''s own search
level: high
lachan:
    title: "Tấn công chèn mã SQL vào trang web"
    explanation: >-
        Yêu cầu gửi tới trang web chứa mảnh câu lệnh cơ sở dữ liệu. Nếu trang có lỗ hổng, kẻ
        tấn công đọc được toàn bộ dữ liệu, kể cả hồ sơ và mật khẩu.
    checks:
        - "Xem mã trả về và kích thước phản hồi: 200 với kích thước khác thường hoặc 500 cho thấy trang có thể bị ảnh hưởng."
        - "Xem cùng địa chỉ đã dò những trang nào, bắt đầu từ lúc nào."
        - "Đề nghị đơn vị kiểm tra tham số bị chèn và chặn địa chỉ trên tường lửa ứng dụng web."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd710a6977158c', '40190220-2b56-4b02-ba80-437d25e20def', 'd9e49201770943240e6a15da47f9771e26070382b297fa074f85172e0415639a', 1795377102888736, 'system', 'lachan', 'starter/web/ssrf-metadata.yml', 'Internal Address In A Request Parameter', 'title: Internal Address In A Request Parameter
id: 40190220-2b56-4b02-ba80-437d25e20def
status: test
description: >-
    Detects parameters that point at cloud metadata or loopback addresses, as attempts at
    server-side request forgery do.
references:
    - https://attack.mitre.org/techniques/T1190/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.credential-access
    - attack.t1190
    - attack.t1552.005
logsource:
    category: webserver
detection:
    strings:
        cs-uri-query|contains:
            - ''169.254.169.254''
            - ''metadata.google.internal''
            - ''=http://127.0.0.1''
            - ''=http://localhost''
            - ''=http://[::1]''
            - ''=gopher://''
            - ''=dict://''
            - ''=file:///''
    condition: strings
falsepositives:
    - Development machines
level: high
lachan:
    title: "Ép máy chủ truy cập địa chỉ nội bộ (SSRF)"
    explanation: >-
        Tham số trong yêu cầu trỏ tới địa chỉ nội bộ để bắt máy chủ tự truy cập thay. Kẻ tấn
        công dùng cách này đọc khoá của hạ tầng đám mây hoặc dịch vụ không mở ra ngoài.
    checks:
        - "Xem mã trả về và kích thước phản hồi."
        - "Kiểm tra chức năng nhận đường dẫn (tải ảnh, xem trước, webhook) có lọc địa chỉ không."
        - "Tìm kết nối từ máy chủ web tới địa chỉ nội bộ vào thời điểm đó."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd74c0f12c2612', '7bb45438-1325-4f98-b119-62fc80651650', '6df4731b4eb980a27539359a10a54a5e8d654fba45ca24b62369930202160900', 1795377102888736, 'system', 'lachan', 'starter/web/unusual-method.yml', 'Dangerous HTTP Method Used', 'title: Dangerous HTTP Method Used
id: 7bb45438-1325-4f98-b119-62fc80651650
status: test
description: >-
    Detects methods that change files or mirror requests, which public sites do not offer.
references:
    - https://attack.mitre.org/techniques/T1595/002/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.reconnaissance
    - attack.t1595.002
logsource:
    category: webserver
detection:
    selection:
        cs-method:
            - TRACE
            - TRACK
            - DEBUG
            - CONNECT
            - PROPFIND
            - MOVE
            - COPY
            - MKCOL
    condition: selection
falsepositives:
    - WebDAV shares
level: low
lachan:
    title: "Dùng phương thức HTTP bất thường"
    explanation: >-
        Yêu cầu dùng phương thức mà trang công khai không phục vụ, nhằm dò xem máy chủ cho
        phép ghi tệp hay làm trung gian không.
    checks:
        - "Xem mã trả về: 405 hoặc 403 là máy chủ đã từ chối."
        - "Nếu trả về 200 hoặc 207, kiểm tra cấu hình WebDAV, proxy của máy chủ."
        - "Xem các yêu cầu khác của cùng địa chỉ."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd769911718ed2', 'e98cd86d-755c-4ae6-8ddf-8fbd835497dd', 'af159c111f824e5fab67f6e90bd171bda70ccf2134ef13007643b74a6a64b6c3', 1795377102888736, 'system', 'lachan', 'starter/web/web-shell.yml', 'Request To A Web Shell', 'title: Request To A Web Shell
id: e98cd86d-755c-4ae6-8ddf-8fbd835497dd
status: test
description: >-
    Detects requests that pass commands to a script, and well-known web shell names answered
    with success.
references:
    - https://attack.mitre.org/techniques/T1505/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1505.003
logsource:
    category: webserver
detection:
    ok:
        sc-status: 200
    script:
        cs-uri-stem|re: ''(?i)\.(php\d?|phtml|jspx?|aspx?|ashx|cfm)$''
    command:
        cs-uri-query|re: ''(?i)[?&](cmd|exec|command|c|shell|pass)=(id|whoami|ls|dir|cat|uname|net|ipconfig|ifconfig|wget|curl|pwd|powershell)\b''
    place:
        cs-uri-stem|re: ''(?i)/(uploads?|files?|images?|img|tmp|temp|media|attachments?|tai-lieu|van-ban)/.*\.(php\d?|phtml|jspx?|aspx?|ashx)$''
    name:
        cs-uri-stem|endswith:
            - ''/c99.php''
            - ''/r57.php''
            - ''/wso.php''
            - ''/b374k.php''
            - ''/cmd.jsp''
            - ''/cmd.aspx''
            - ''/shell.php''
            - ''/shell.jsp''
            - ''/shell.aspx''
            - ''/alfa.php''
            - ''/chopper.aspx''
    condition: ok and ((script and command) or place or name)
falsepositives:
    - Administration tools with a cmd parameter
level: critical
lachan:
    title: "Có yêu cầu tới cửa sau trên máy chủ web (webshell)"
    explanation: >-
        Một tệp kịch bản nằm trong thư mục tải lên hoặc nhận lệnh qua đường dẫn vừa trả lời
        thành công. Rất có thể kẻ tấn công đã đặt được cửa sau trên máy chủ web.
    checks:
        - "Lấy ngay bản sao tệp kịch bản và thời điểm tạo, không xoá trước khi sao lưu."
        - "Tìm yêu cầu tải lên (POST, PUT) đã tạo ra tệp và địa chỉ gửi."
        - "Xem mọi yêu cầu tới tệp này: lệnh nào đã chạy, từ địa chỉ nào."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd7a23d83f9ada', 'bb92cc31-db00-45c5-9dc5-48b891c2a630', 'b75c6a80ae2cff648e2d5f69b2080b9ddf3201207f6361774f0e8de61cd4f833', 1795377102888736, 'system', 'lachan', 'starter/web/wordpress-login-guessing.yml', 'WordPress Login Posted', 'title: WordPress Login Posted
id: bb92cc31-db00-45c5-9dc5-48b891c2a630
status: test
description: >-
    Detects posts to the login and XML-RPC addresses of WordPress, which guessing tools
    repeat; the alert groups them by address.
references:
    - https://attack.mitre.org/techniques/T1110/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110.001
logsource:
    category: webserver
detection:
    selection:
        cs-method: POST
        cs-uri-stem|endswith:
            - ''/wp-login.php''
            - ''/xmlrpc.php''
            - ''/administrator/index.php''
            - ''/user/login''
    condition: selection
falsepositives:
    - Editors of a WordPress site signing in
level: low
lachan:
    title: "Gửi thông tin đăng nhập trang quản trị WordPress"
    explanation: >-
        Có yêu cầu gửi mật khẩu tới trang đăng nhập của hệ quản trị nội dung. Một vài lần là
        biên tập viên; hàng trăm lần từ một địa chỉ là dò mật khẩu.
    checks:
        - "Xem số lần trong cảnh báo và khoảng thời gian."
        - "Xem có mã trả về 302 (đăng nhập thành công) xen giữa không."
        - "Đề nghị đơn vị tắt xmlrpc.php, giới hạn địa chỉ vào trang quản trị và dùng xác thực hai lớp."
    entity: c-ip
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd7c826ca9e285', 'a321d3e6-5b57-425c-9698-5a56253c61f2', 'c7b709d9d982d65b53a6cff3903864c0f3d7acec7a10b118dd5b316fe8a6afe5', 1795377102888736, 'system', 'lachan', 'starter/windows/certutil-download.yml', 'Download By A Windows System Program', 'title: Download By A Windows System Program
id: a321d3e6-5b57-425c-9698-5a56253c61f2
status: test
description: >-
    Detects certutil, bitsadmin, mshta and others used to fetch files from the network.
references:
    - https://attack.mitre.org/techniques/T1105/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.command-and-control
    - attack.stealth
    - attack.t1105
    - attack.t1218.005
logsource:
    product: windows
    category: process_creation
detection:
    certutil:
        Image|endswith: ''\certutil.exe''
        CommandLine|re: ''(?i)(urlcache|verifyctl).*https?:''
    bits:
        Image|endswith: ''\bitsadmin.exe''
        CommandLine|re: ''(?i)/(transfer|addfile).*https?:''
    mshta:
        Image|endswith: ''\mshta.exe''
        CommandLine|re: ''(?i)(https?:|javascript:|vbscript:)''
    regsvr:
        Image|endswith: ''\regsvr32.exe''
        CommandLine|re: ''(?i)/i:https?:''
    condition: 1 of them
falsepositives:
    - Old administration scripts
level: high
lachan:
    title: "Dùng công cụ có sẵn của Windows để tải tệp"
    explanation: >-
        Công cụ hệ thống vốn không dùng để tải tệp đang tải tệp từ mạng. Kẻ tấn công dùng
        chúng vì là chương trình của Microsoft nên ít bị chặn.
    checks:
        - "Ghi lại địa chỉ tải và tệp đích; lấy mã băm nếu tệp còn."
        - "Xem tiến trình cha và người dùng."
        - "Xem tệp tải về đã được chạy chưa."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd7ff09a0ed28a', '69c93c4f-9585-4614-b9d8-85f649ab2842', '16c9fed824b69307da0e5e36dc10d27d8a43cbe1ca5130bcd691f8e7c6d20dcf', 1795377102888736, 'system', 'lachan', 'starter/windows/defender-disabled.yml', 'Microsoft Defender Switched Off', 'title: Microsoft Defender Switched Off
id: 69c93c4f-9585-4614-b9d8-85f649ab2842
status: test
description: >-
    Detects Microsoft Defender reporting that its protection was disabled.
references:
    - https://attack.mitre.org/techniques/T1685/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685
logsource:
    product: windows
    service: windefend
detection:
    selection:
        EventID:
            - 5001
            - 5010
            - 5012
    condition: selection
falsepositives:
    - Installation of another antivirus
level: high
lachan:
    title: "Microsoft Defender bị tắt"
    explanation: >-
        Lớp bảo vệ chống mã độc trên máy vừa bị tắt. Kẻ tấn công tắt Defender ngay trước khi
        chạy công cụ hoặc mã độc.
    checks:
        - "Kiểm tra máy có vừa cài phần mềm chống mã độc khác không."
        - "Xem tiến trình, lệnh PowerShell chạy ngay trước đó."
        - "Bật lại bảo vệ và quét toàn bộ máy."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd8137cff109ec', '80d40b05-bc54-46dd-9e77-c03ee687837c', '4f943549fdff1545023ce73fb0df9116f3daa5a077929485aa6c9adc73b09392', 1795377102888736, 'system', 'lachan', 'starter/windows/defender-tampered-command.yml', 'Defender Weakened By A Command', 'title: Defender Weakened By A Command
id: 80d40b05-bc54-46dd-9e77-c03ee687837c
status: test
description: >-
    Detects commands that switch parts of Microsoft Defender off or exempt whole folders
    from it.
references:
    - https://attack.mitre.org/techniques/T1685/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685
logsource:
    product: windows
    category: process_creation
detection:
    preference:
        CommandLine|re: ''(?i)(set|add)-mppreference.*(-disable\w+\s+(\$?true|1)|-exclusion(path|process|extension)|-\w+threatdefaultaction\s+(allow|6))''
    service:
        CommandLine|re: ''(?i)(sc(\.exe)?\s+(stop|config|delete)\s+(windefend|wdnissvc|sense)|net1?\s+stop\s+windefend)''
    registry:
        CommandLine|re: ''(?i)reg(\.exe)?\s+add.*windows defender.*disable(antispyware|realtimemonitoring|behaviormonitoring)''
    definitions:
        CommandLine|contains: ''-RemoveDefinitions''
    condition: 1 of them
falsepositives:
    - Deployment of other security software
level: high
lachan:
    title: "Lệnh làm suy yếu Microsoft Defender"
    explanation: >-
        Lệnh vừa chạy tắt một phần Defender hoặc loại trừ thư mục khỏi việc quét. Mã độc sẽ
        được đặt vào đúng chỗ đã loại trừ.
    checks:
        - "Xem thư mục hoặc tiến trình được loại trừ và kiểm tra các tệp trong đó."
        - "Xem tài khoản và tiến trình cha đã chạy lệnh."
        - "Gỡ loại trừ, bật lại bảo vệ, quét toàn bộ máy."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd8570bd7c3092', 'db1440e1-ec78-42df-8b89-03b9991a2fc5', '80ecf8307d2c9299dd233751ff0c38a0fbec6d9a2785457347a85f0c2f9936e4', 1795377102888736, 'system', 'lachan', 'starter/windows/event-log-cleared-system.yml', 'Windows Log Other Than Security Cleared', 'title: Windows Log Other Than Security Cleared
id: db1440e1-ec78-42df-8b89-03b9991a2fc5
status: test
description: >-
    Detects the System, Application or another log being cleared.
references:
    - https://attack.mitre.org/techniques/T1685/005/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685.005
logsource:
    product: windows
    service: system
detection:
    selection:
        EventID: 104
        Provider_Name: Microsoft-Windows-Eventlog
    condition: selection
falsepositives:
    - Clean-up scripts
level: medium
lachan:
    title: "Nhật ký hệ thống Windows bị xoá"
    explanation: >-
        Một nhật ký của Windows vừa bị xoá. Đi kèm hành vi đáng ngờ khác thì đây là xoá dấu
        vết.
    checks:
        - "Xem nhật ký nào bị xoá và tài khoản nào thực hiện."
        - "Xem có cảnh báo khác trên máy trong 24 giờ trước không."
        - "Xuất bản lưu tại trung tâm làm chứng cứ."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd870b5b9706fb', 'c6004799-5686-4474-8680-fe13ec6b87d6', 'db297e0a68f781816ce43908cf1675b1939492aa98ada4f2784fd4b3b7e890c4', 1795377102888736, 'system', 'lachan', 'starter/windows/event-log-cleared.yml', 'Windows Event Log Cleared', 'title: Windows Event Log Cleared
id: c6004799-5686-4474-8680-fe13ec6b87d6
status: test
description: >-
    Detects the Security log being cleared.
references:
    - https://attack.mitre.org/techniques/T1685/005/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685.005
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 1102
    condition: selection
falsepositives:
    - A machine being handed over
level: high
lachan:
    title: "Nhật ký bảo mật Windows bị xoá"
    explanation: >-
        Toàn bộ nhật ký Security trên máy vừa bị xoá. Không có công việc thường ngày nào cần
        việc này; mục đích là xoá dấu vết.
    checks:
        - "Xem tài khoản đã xoá (SubjectUserName) và phiên đăng nhập của tài khoản đó."
        - "Xuất nhật ký của máy đã lưu tại trung tâm trước thời điểm xoá."
        - "Rà soát máy như đã bị xâm nhập."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd899b1db6ae7e', '4c7c9909-b843-444d-9746-dc35267ad1bf', 'd50286a85dc046eba3f51b5cc9a70accdd85ed4be0d43019f6c55eda93022f10', 1795377102888736, 'system', 'lachan', 'starter/windows/logon-failed-public-address.yml', 'Failed Logon From A Public Address', 'title: Failed Logon From A Public Address
id: 4c7c9909-b843-444d-9746-dc35267ad1bf
status: test
description: >-
    Detects failed Windows logons from outside the private ranges; the alert groups them by
    address.
references:
    - https://attack.mitre.org/techniques/T1110/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1110
    - attack.t1133
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 4625
    address:
        IpAddress|re: ''^[0-9a-fA-F:.]+$''
    filter_main_private:
        IpAddress|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
            - 127.0.0.0/8
            - 169.254.0.0/16
            - fc00::/7
            - fe80::/10
            - ::1/128
    condition: selection and address and not 1 of filter_main_*
falsepositives:
    - Public addresses that the organisation uses inside
level: medium
lachan:
    title: "Đăng nhập Windows thất bại từ Internet"
    explanation: >-
        Máy Windows đang nhận yêu cầu đăng nhập từ Internet, tức là có cổng dịch vụ mở ra
        ngoài và đang bị dò mật khẩu.
    checks:
        - "Xác định cổng đang mở (RDP, SMB, WinRM) và đề nghị đóng."
        - "Xem số lần và các tên tài khoản bị thử."
        - "Tìm lần đăng nhập thành công (4624) từ cùng địa chỉ."
    entity: IpAddress
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd8ce90b30cfc8', '29546d75-9bc9-44b7-8b8a-c398a20583ef', 'c2d471c47a637e5045a37bd467d2da5eca67700ba29099812e36e48190e9fd7a', 1795377102888736, 'system', 'lachan', 'starter/windows/lsass-access.yml', 'Memory Of LSASS Opened For Reading', 'title: Memory Of LSASS Opened For Reading
id: 29546d75-9bc9-44b7-8b8a-c398a20583ef
status: test
description: >-
    Detects a process opening lsass.exe with the rights that password dumpers ask for.
references:
    - https://attack.mitre.org/techniques/T1003/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1003.001
logsource:
    product: windows
    category: process_access
detection:
    selection:
        TargetImage|endswith: ''\lsass.exe''
        GrantedAccess:
            - ''0x1010''
            - ''0x1410''
            - ''0x1438''
            - ''0x143a''
            - ''0x1f0fff''
            - ''0x1f1fff''
            - ''0x1fffff''
            - ''0x1f2fff''
            - ''0x1f3fff''
    filter_main_system:
        SourceImage|startswith:
            - ''C:\Program Files\''
            - ''C:\Program Files (x86)\''
            - ''C:\ProgramData\Microsoft\Windows Defender\''
            - ''C:\Windows\System32\wbem\''
    filter_main_named:
        SourceImage:
            - ''C:\Windows\System32\svchost.exe''
            - ''C:\Windows\System32\csrss.exe''
            - ''C:\Windows\System32\wininit.exe''
            - ''C:\Windows\System32\lsass.exe''
            - ''C:\Windows\System32\MsMpEng.exe''
            - ''C:\Windows\System32\VBoxService.exe''
    condition: selection and not 1 of filter_main_*
falsepositives:
    - Security software
level: high
lachan:
    title: "Đọc bộ nhớ tiến trình giữ mật khẩu (LSASS)"
    explanation: >-
        Một chương trình mở bộ nhớ LSASS, nơi Windows giữ mật khẩu và vé đăng nhập. Công cụ
        như Mimikatz làm vậy để lấy tài khoản quản trị rồi lan sang máy khác.
    checks:
        - "Xem chương trình nguồn (SourceImage): phần mềm bảo mật hay tệp lạ."
        - "Xem những tài khoản đang đăng nhập trên máy, nhất là quản trị miền; coi như đã lộ."
        - "Tìm các lần đăng nhập từ máy này sang máy khác sau thời điểm đó."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd8fdf6cf91f7e', '550a529b-d872-4231-8a44-c4fc3942ff32', '58ec400ead41f385462b3ee7941bd639eeca5eeebb32dc8e652843648f9d69f3', 1795377102888736, 'system', 'lachan', 'starter/windows/lsass-dump-command.yml', 'LSASS Dumped By A Command', 'title: LSASS Dumped By A Command
id: 550a529b-d872-4231-8a44-c4fc3942ff32
status: test
description: >-
    Detects command lines that write the memory of LSASS or the account database to a file.
references:
    - https://attack.mitre.org/techniques/T1003/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.credential-access
    - attack.t1003.001
    - attack.t1003.002
logsource:
    product: windows
    category: process_creation
detection:
    comsvcs:
        CommandLine|contains: ''comsvcs''
        CommandLine|re: ''(?i)(minidump|#\+?0*24)''
    procdump:
        CommandLine|contains|all:
            - '' -ma ''
            - ''lsass''
    hive:
        Image|endswith: ''\reg.exe''
        CommandLine|re: ''(?i)\bsave\s+"?(hklm|hkey_local_machine)\\(sam|security|system)\b''
    ntds:
        CommandLine|re: ''(?i)ntdsutil.*(ifm|ntds)|ntds\.dit''
    condition: 1 of them
falsepositives:
    - Memory dumps requested by support
level: critical
lachan:
    title: "Sao chép kho mật khẩu của Windows ra tệp"
    explanation: >-
        Lệnh này ghi bộ nhớ LSASS, tệp SAM hoặc cơ sở dữ liệu miền ra đĩa để bẻ khoá. Sau
        bước này mọi tài khoản từng đăng nhập trên máy đều có thể bị dùng lại.
    checks:
        - "Xác định máy là máy trạm hay máy chủ miền; máy chủ miền thì xử lý ở mức nghiêm trọng nhất."
        - "Tìm tệp kết xuất và xem có bị gửi ra ngoài không."
        - "Lập kế hoạch đổi mật khẩu tài khoản quản trị, tài khoản dịch vụ và krbtgt nếu là miền."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd926795e33186', '0446824a-626d-4722-9b2b-3580c90825d6', '96e94e7d5db7615e27ac6d7988f47ff813f1b1119700e21996a8fc52f6bbc264', 1795377102888736, 'system', 'lachan', 'starter/windows/office-spawns-shell.yml', 'Office Program Starts A Shell', 'title: Office Program Starts A Shell
id: 0446824a-626d-4722-9b2b-3580c90825d6
status: test
description: >-
    Detects Word, Excel, PowerPoint, Outlook or a PDF reader starting a command shell or
    script engine.
references:
    - https://attack.mitre.org/techniques/T1566/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.execution
    - attack.t1566.001
    - attack.t1204.002
logsource:
    product: windows
    category: process_creation
detection:
    parent:
        ParentImage|endswith:
            - ''\winword.exe''
            - ''\excel.exe''
            - ''\powerpnt.exe''
            - ''\outlook.exe''
            - ''\mspub.exe''
            - ''\onenote.exe''
            - ''\AcroRd32.exe''
            - ''\Acrobat.exe''
            - ''\FoxitPDFReader.exe''
            - ''\eqnedt32.exe''
    child:
        Image|endswith:
            - ''\cmd.exe''
            - ''\powershell.exe''
            - ''\pwsh.exe''
            - ''\wscript.exe''
            - ''\cscript.exe''
            - ''\mshta.exe''
            - ''\regsvr32.exe''
            - ''\rundll32.exe''
            - ''\certutil.exe''
            - ''\bitsadmin.exe''
            - ''\msbuild.exe''
    filter_main_printing:
        Image|endswith: ''\rundll32.exe''
        CommandLine|contains: ''ndfapi.dll,NdfRunDllDiagnose''
    condition: parent and child and not 1 of filter_main_*
falsepositives:
    - Add-ins of document management systems
level: high
lachan:
    title: "Tài liệu văn phòng mở dòng lệnh"
    explanation: >-
        Word, Excel hoặc trình đọc PDF vừa khởi chạy dòng lệnh. Tài liệu bình thường không
        làm việc này; nhiều khả năng cán bộ vừa mở tệp độc hại gửi qua thư.
    checks:
        - "Hỏi người dùng vừa mở tệp nào, nhận từ ai; giữ lại thư gốc."
        - "Xem lệnh đã chạy và các tiến trình con."
        - "Tìm người nhận khác của cùng thư trong tỉnh và cảnh báo họ."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd9531d0ec2358', '825661cd-6f5a-4615-a9ba-d5c8cad2bad6', '4d68752ebd2ab7948ebb985249b1e3499cda911ba0bf411a9dcafc0a745620e9', 1795377102888736, 'system', 'lachan', 'starter/windows/powershell-amsi-bypass.yml', 'AMSI Or Script Logging Switched Off In PowerShell', 'title: AMSI Or Script Logging Switched Off In PowerShell
id: 825661cd-6f5a-4615-a9ba-d5c8cad2bad6
status: test
description: >-
    Detects script blocks that disable the interface antivirus uses to read scripts, or
    script block logging.
references:
    - https://attack.mitre.org/techniques/T1685/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.defense-impairment
    - attack.t1685
logsource:
    product: windows
    category: ps_script
detection:
    keywords:
        ScriptBlockText|contains:
            - ''amsiInitFailed''
            - ''AmsiUtils''
            - ''AmsiScanBuffer''
            - ''amsiContext''
            - ''EnableScriptBlockLogging" -Value 0''
            - "EnableScriptBlockLogging'']=0"
            - ''cachedGroupPolicySettings''
            - ''etwProvider''
    condition: keywords
falsepositives:
    - Security research
level: high
lachan:
    title: "Tắt cơ chế quét mã độc trong PowerShell"
    explanation: >-
        Đoạn lệnh vô hiệu hoá cơ chế giúp phần mềm diệt virus đọc nội dung PowerShell. Chỉ
        kẻ muốn chạy mã độc mới cần làm việc này.
    checks:
        - "Xem đoạn lệnh kế tiếp trong cùng tiến trình: đó mới là mã độc thật."
        - "Kiểm tra trạng thái Defender trên máy."
        - "Cô lập máy nếu đoạn lệnh không phải của bộ phận kỹ thuật."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd981ed6a7f53d', 'a8840020-8e69-447a-a9d8-3769dbdd08e2', '8762441f3083dca6edbe308df380223d1ac4e88c69645d0ac84f4b80c401f83c', 1795377102888736, 'system', 'lachan', 'starter/windows/powershell-download-cradle.yml', 'PowerShell Downloads And Runs Code', 'title: PowerShell Downloads And Runs Code
id: a8840020-8e69-447a-a9d8-3769dbdd08e2
status: test
description: >-
    Detects script blocks that fetch text from the network and run it in memory.
references:
    - https://attack.mitre.org/techniques/T1059/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.execution
    - attack.command-and-control
    - attack.t1059.001
    - attack.t1105
logsource:
    product: windows
    category: ps_script
detection:
    run:
        ScriptBlockText|re: ''(?i)(\biex\b|invoke-expression|\.invoke\(|\[scriptblock\]::create)''
    fetch:
        ScriptBlockText|contains:
            - ''DownloadString(''
            - ''DownloadData(''
            - ''Invoke-WebRequest''
            - ''Invoke-RestMethod''
            - ''Net.WebClient''
            - ''iwr http''
            - ''irm http''
            - ''FromBase64String(''
    filter_main_choco:
        ScriptBlockText|contains: ''community.chocolatey.org/install.ps1''
    condition: run and fetch and not 1 of filter_main_*
falsepositives:
    - Package managers such as Chocolatey
level: high
lachan:
    title: "PowerShell tải mã từ mạng và chạy trong bộ nhớ"
    explanation: >-
        Đoạn PowerShell lấy mã từ mạng rồi thực thi ngay, không ghi tệp nên phần mềm diệt
        virus khó thấy. Thường là bước tải mã độc chính về máy.
    checks:
        - "Ghi lại địa chỉ tải, tra cứu và chặn."
        - "Xem người dùng và tiến trình đã chạy đoạn lệnh."
        - "Tìm máy khác cùng chạy đoạn lệnh hoặc cùng truy cập địa chỉ đó."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd9ba0403a0755', '14dcea8d-57c7-4895-97b3-9e05f342216c', '067fba2069e297bc8763437176b2327da4863c8205136c402e7905153f2c9841', 1795377102888736, 'system', 'lachan', 'starter/windows/powershell-encoded.yml', 'Encoded PowerShell Command', 'title: Encoded PowerShell Command
id: 14dcea8d-57c7-4895-97b3-9e05f342216c
status: test
description: >-
    Detects PowerShell started with an encoded command long enough to be a script.
references:
    - https://attack.mitre.org/techniques/T1059/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.execution
    - attack.stealth
    - attack.t1059.001
    - attack.t1027.010
logsource:
    product: windows
    category: process_creation
detection:
    image:
        Image|endswith:
            - ''\powershell.exe''
            - ''\pwsh.exe''
    encoded:
        CommandLine|re: ''(?i)\s[-/–—](e|ec|en|enc|enco|encod|encode|encoded|encodedc\w*)\s+["'''']?[A-Za-z0-9+/=]{40,}''
    filter_main_tools:
        ParentImage|endswith:
            - ''\ansible-winrm.exe''
            - ''\gc_worker.exe''
    condition: image and encoded and not 1 of filter_main_*
falsepositives:
    - Deployment tools that encode their commands
level: high
lachan:
    title: "PowerShell chạy lệnh đã mã hoá"
    explanation: >-
        PowerShell được gọi với đoạn lệnh mã hoá để người xem không đọc được. Phần lớn mã
        độc trên Windows dùng cách này ở bước đầu tiên.
    checks:
        - "Giải mã Base64 (UTF-16LE) đoạn lệnh để biết nó làm gì, không chạy thử."
        - "Xem tiến trình cha: Word, Excel, trình duyệt hay dịch vụ."
        - "Tìm kết nối mạng và tệp mới do tiến trình này tạo ra."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cd9ef447e68802', '865d4866-933a-42e8-9a20-538551a9e52d', '3dfc21a416e89f81e35806e2d621cccf2c525798b4e68224163ada87f2b8b744', 1795377102888736, 'system', 'lachan', 'starter/windows/rdp-from-public-address.yml', 'Remote Desktop Logon From A Public Address', 'title: Remote Desktop Logon From A Public Address
id: 865d4866-933a-42e8-9a20-538551a9e52d
status: test
description: >-
    Detects a successful remote desktop logon whose source is outside the private ranges.
references:
    - https://attack.mitre.org/techniques/T1133/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.initial-access
    - attack.lateral-movement
    - attack.t1133
    - attack.t1021.001
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 4624
        LogonType: 10
    address:
        IpAddress|re: ''^[0-9a-fA-F:.]+$''
    filter_main_private:
        IpAddress|cidr:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
            - 127.0.0.0/8
            - 169.254.0.0/16
            - fc00::/7
            - fe80::/10
            - ::1/128
    condition: selection and address and not 1 of filter_main_*
falsepositives:
    - Remote support without a VPN
level: critical
lachan:
    title: "Đăng nhập điều khiển từ xa (RDP) từ Internet"
    explanation: >-
        Có người ngoài Internet vừa ngồi vào màn hình máy của đơn vị qua Remote Desktop.
        Phần lớn vụ mã độc tống tiền bắt đầu đúng như vậy.
    checks:
        - "Gọi xác nhận với chủ tài khoản ngay."
        - "Nếu không xác nhận được: ngắt phiên, khoá tài khoản, chặn địa chỉ."
        - "Đề nghị đơn vị đóng cổng 3389 từ Internet và rà soát máy."
    entity: IpAddress
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cdac3d8b5c0ebe', 'a29d62d1-fdcf-47f0-bb09-f83e98a39390', 'e2533d953c1344fee8ed64906dddcc8b80c08255ddf3b3c67b59cda469c4d31f', 1795377102888736, 'system', 'lachan', 'starter/windows/run-key-suspicious.yml', 'Suspicious Program In A Run Key', 'title: Suspicious Program In A Run Key
id: a29d62d1-fdcf-47f0-bb09-f83e98a39390
status: test
description: >-
    Detects an autostart entry that runs a script engine or a program from a folder
    everybody can write.
references:
    - https://attack.mitre.org/techniques/T1547/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1547.001
logsource:
    product: windows
    category: registry_set
detection:
    key:
        TargetObject|contains:
            - ''\CurrentVersion\Run\''
            - ''\CurrentVersion\RunOnce\''
            - ''\CurrentVersion\Policies\Explorer\Run\''
    what:
        Details|contains:
            - ''powershell''
            - ''mshta''
            - ''wscript''
            - ''cscript''
            - ''regsvr32''
            - ''rundll32''
            - ''\Users\Public\''
            - ''\AppData\Local\Temp\''
            - ''\Windows\Temp\''
            - ''\ProgramData\Temp''
            - ''.vbs''
            - ''.js"''
            - ''.hta''
    condition: key and what
falsepositives:
    - Chat and meeting programs that install into the user''s folder
level: medium
lachan:
    title: "Chương trình đáng ngờ tự khởi động cùng Windows"
    explanation: >-
        Khoá tự khởi động của Windows vừa được thêm một lệnh kịch bản hoặc tệp trong thư mục
        tạm. Mỗi lần đăng nhập, mã đó sẽ chạy lại.
    checks:
        - "Xem giá trị được ghi (Details) và tiến trình đã ghi."
        - "Lấy tệp, tính mã băm, tra cứu."
        - "Gỡ khoá sau khi đã lưu chứng cứ, quét lại máy."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cdafbba622c786', '18c78249-be9c-4b02-ae1d-5146bb64695a', '08726f629607e15ba5d74f49c42516bcaa85a4cd2f3c31072c41ef1d9597ed1e', 1795377102888736, 'system', 'lachan', 'starter/windows/scheduled-task-suspicious.yml', 'Suspicious Scheduled Task Created', 'title: Suspicious Scheduled Task Created
id: 18c78249-be9c-4b02-ae1d-5146bb64695a
status: test
description: >-
    Detects a scheduled task that runs a script engine or a program from a folder everybody
    can write.
references:
    - https://attack.mitre.org/techniques/T1053/005/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.execution
    - attack.t1053.005
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: ''\schtasks.exe''
        CommandLine|re: ''(?i)[/-]create\b''
    what:
        CommandLine|re: ''(?i)(powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|cmd(\.exe)?\s+/c|\\appdata\\|\\users\\public\\|\\temp\\|\\programdata\\\w+\.(exe|bat|vbs|js)|https?:)''
    condition: selection and what
falsepositives:
    - Installers
level: high
lachan:
    title: "Tạo tác vụ định kỳ đáng ngờ"
    explanation: >-
        Một tác vụ định kỳ được tạo để chạy mã kịch bản hoặc tệp trong thư mục tạm. Mã độc
        dùng cách này để tự chạy lại sau khi khởi động máy.
    checks:
        - "Xem tên tác vụ, lệnh và tài khoản chạy."
        - "Lấy tệp mà tác vụ gọi tới, tính mã băm và tra cứu."
        - "Tìm tác vụ cùng tên trên các máy khác."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cdb22d10ffdffb', '607a2d00-338f-4790-a8ab-fe51f27468e6', '4415162775d34e35c06ebb4da2b8c6d4917f11715519f9591b4fb8bcde044162', 1795377102888736, 'system', 'lachan', 'starter/windows/service-suspicious.yml', 'Suspicious Service Installed', 'title: Suspicious Service Installed
id: 607a2d00-338f-4790-a8ab-fe51f27468e6
status: test
description: >-
    Detects a new service whose program is a script engine, an encoded command or lies in a
    folder everybody can write.
references:
    - https://attack.mitre.org/techniques/T1543/003/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.privilege-escalation
    - attack.lateral-movement
    - attack.t1543.003
    - attack.t1569.002
logsource:
    product: windows
    service: system
detection:
    selection:
        EventID: 7045
    engine:
        ImagePath|contains:
            - ''powershell''
            - ''pwsh''
            - ''%COMSPEC%''
            - ''cmd.exe /c''
            - ''cmd /c''
            - ''mshta''
            - ''rundll32''
            - ''regsvr32''
            - ''\\127.0.0.1\ADMIN$''
            - '' -enc ''
    place:
        ImagePath|contains:
            - ''\Users\Public\''
            - ''\AppData\''
            - ''\Windows\Temp\''
            - ''\ProgramData\Temp''
            - ''\Perflogs\''
            - '':\Temp\''
            - ''\$Recycle.Bin\''
    tool:
        ServiceName:
            - PSEXESVC
            - BTOBTO
            - csexecsvc
            - PAExec
            - WinRing0_1_2_0
    condition: selection and (engine or place or tool)
falsepositives:
    - Home-made services
level: high
lachan:
    title: "Cài dịch vụ Windows đáng ngờ"
    explanation: >-
        Một dịch vụ mới chạy lệnh, mã hoặc tệp trong thư mục ai cũng ghi được. Kẻ tấn công
        cài dịch vụ để có quyền cao nhất, bám trụ và lan sang máy khác.
    checks:
        - "Xem tên dịch vụ và đường dẫn; lấy mã băm của tệp."
        - "Tìm lần đăng nhập mạng (loại 3) vào máy ngay trước đó để biết đến từ máy nào."
        - "Tìm dịch vụ cùng tên trên các máy khác."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cdb5167944299f', '7dcdb732-5f82-4ec9-9494-84a0d5e3f248', '2ff9042a04757131776b9e3ca15fd4ecad7e79a31730b5fa24bb87b17d9a4ad9', 1795377102888736, 'system', 'lachan', 'starter/windows/shadow-copies-deleted.yml', 'Shadow Copies Or Recovery Removed', 'title: Shadow Copies Or Recovery Removed
id: 7dcdb732-5f82-4ec9-9494-84a0d5e3f248
status: test
description: >-
    Detects the removal of shadow copies, backup catalogues and boot recovery, the step
    before files are encrypted.
references:
    - https://attack.mitre.org/techniques/T1490/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.impact
    - attack.t1490
logsource:
    product: windows
    category: process_creation
detection:
    shadow:
        CommandLine|re: ''(?i)(vssadmin|wmic|diskshadow).*(delete\s+shadows|shadowcopy\s+delete|resize\s+shadowstorage)''
    powershell:
        CommandLine|re: ''(?i)win32_shadowcopy.*(delete|remove)''
    catalogue:
        CommandLine|re: ''(?i)wbadmin.*delete\s+(catalog|systemstatebackup|backup)''
    boot:
        CommandLine|re: ''(?i)bcdedit.*(recoveryenabled\s+no|bootstatuspolicy\s+ignoreallfailures)''
    condition: 1 of them
falsepositives:
    - Backup software that removes its own copies
level: critical
lachan:
    title: "Xoá bản sao lưu và khả năng khôi phục của Windows"
    explanation: >-
        Các bản sao để khôi phục vừa bị xoá. Mã độc tống tiền luôn làm bước này ngay trước
        khi mã hoá dữ liệu; chỉ còn vài phút để ngăn chặn.
    checks:
        - "Ngắt máy khỏi mạng ngay (rút cáp, tắt Wi-Fi), không tắt nguồn."
        - "Ngắt các thư mục dùng chung và máy chủ sao lưu khỏi máy này."
        - "Tìm cùng lệnh trên các máy khác của đơn vị."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cdb8b774ac3bbd', 'bc381b78-486b-48d2-95b9-ff733b658f4c', '38ffb42b6b6bbeb032af1e3cdf04e89de449f032bad425b9db7b5a4fc11ed98c', 1795377102888736, 'system', 'lachan', 'starter/windows/user-added-to-administrators.yml', 'Member Added To A Privileged Group', 'title: Member Added To A Privileged Group
id: bc381b78-486b-48d2-95b9-ff733b658f4c
status: test
description: >-
    Detects an account joining the local administrators or a privileged group of the domain.
references:
    - https://attack.mitre.org/techniques/T1098/007/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.privilege-escalation
    - attack.t1098.007
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID:
            - 4728
            - 4732
            - 4756
    group:
        TargetSid|endswith:
            - ''-544''
            - ''-555''
            - ''-512''
            - ''-518''
            - ''-519''
            - ''-520''
    name:
        TargetUserName:
            - Administrators
            - Domain Admins
            - Enterprise Admins
            - Schema Admins
            - Remote Desktop Users
            - Backup Operators
            - DnsAdmins
    condition: selection and (group or name)
falsepositives:
    - A new administrator
level: high
lachan:
    title: "Thêm tài khoản vào nhóm đặc quyền"
    explanation: >-
        Một tài khoản vừa được đưa vào nhóm quản trị của máy hoặc của miền. Nếu ngoài kế
        hoạch thì đây là bước giữ quyền kiểm soát.
    checks:
        - "Xác nhận với quản trị hệ thống của đơn vị."
        - "Xem ai thực hiện (SubjectUserName) và từ máy nào."
        - "Kiểm tra tài khoản được thêm: mới tạo hay bất thường."
');
INSERT INTO public.rule_versions VALUES ('000660e2ce74cdbbe1f1d7b34c', 'c81911d8-3d59-47be-b584-113e8a1c9971', '6fb93a939147e19cd013483ff25951de8b152751bc0344770cd8abe2b94f7120', 1795377102888736, 'system', 'lachan', 'starter/windows/user-created.yml', 'Local Or Domain Account Created', 'title: Local Or Domain Account Created
id: c81911d8-3d59-47be-b584-113e8a1c9971
status: test
description: >-
    Detects a new Windows account.
references:
    - https://attack.mitre.org/techniques/T1136/001/
author: Lá Chắn
date: 2026-11-22
tags:
    - attack.persistence
    - attack.t1136.001
    - attack.t1136.002
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 4720
    filter_main_machine:
        TargetUserName|endswith: ''$''
    condition: selection and not 1 of filter_main_*
falsepositives:
    - New colleagues
level: low
lachan:
    title: "Tạo tài khoản Windows mới"
    explanation: >-
        Một tài khoản Windows vừa được tạo. Cần đối chiếu với yêu cầu cấp tài khoản, vì tài
        khoản thừa là cửa sau dễ bị quên nhất.
    checks:
        - "Đối chiếu với danh sách cán bộ mới hoặc phiếu yêu cầu."
        - "Xem tài khoản nào đã tạo và vào giờ nào."
        - "Xem tài khoản mới có được thêm vào nhóm quản trị không."
    entity: TargetUserName
');
INSERT INTO public.saved_searches VALUES ('000660e2cfc6dade55abf20cdd', '000660e2cef2817630a73e923f', 'trung-tam', 'private', 'Đăng nhập sai', '', 'sshd', 'now-24h', 'now', '[]', '', 'dang nhap sai
', 1, 1795377125055198, 1795377125055198);
INSERT INTO public.sessions VALUES ('85fbd715715e1bdccb4354e484335b5af631d8751740202f86c7d9aaac94e4ea', '000660e2ce9a8a02c468edcbf6', 1795377106419091, 1795377109618755, '127.0.0.1', '000660e2ceaa7d9c76993cb3ce', 'Python-urllib/3.11', 'password', 1795377109618755, 1795377109618755);
INSERT INTO public.sessions VALUES ('a775dfd3a1259e94b72259db5a9e60c69d468cf8ddb9bf90e67253b7c25260a9', '000660e2cef2817630a73e923f', 1795377112098875, 1795377112098875, '127.0.0.1', '000660e2cf01284518b4244f95', 'Python-urllib/3.11', 'password', 0, 1795377112098875);
INSERT INTO public.sessions VALUES ('4e4f6137cf52c1a77476f42ae355271cff8861aeebd4f7df7c595e85bb22dd7f', '000660e2cf29f39b6b96d88dda', 1795377115641709, 1795377115641709, '127.0.0.1', '000660e2cf373778a367fe96b2', 'Python-urllib/3.11', 'password', 0, 1795377115641709);
INSERT INTO public.source_watch VALUES (1, 1795377103516314, 'null');
INSERT INTO public.sources VALUES ('so-y-te', 'syslog', '127.0.0.1', 'web-9', 'sudo', 'linux', 'sudo', 1795377121025701, 1795377121025701, 1, 0, 'b80ffcc2a9d85fa6909fbb44', 'so-y-te
syslog
127.0.0.1
web-9
sudo
linux
sudo', 1795374000000000, 1, 0, 0, 1795377121025701, 0, 0, 0, 0, 0, -25701, 1795377121025701);
INSERT INTO public.sources VALUES ('so-y-te', 'syslog', '127.0.0.1', 'web-9', 'sshd', 'linux', 'sshd', 1795377121025701, 1795377121025701, 12, 0, 'eccc7bad6026097e3d398043', 'so-y-te
syslog
127.0.0.1
web-9
sshd
linux
sshd', 1795374000000000, 12, 0, 0, 1795377121025701, 0, 0, 0, 0, 0, -25701, 1795377121025701);
INSERT INTO public.sources VALUES ('so-y-te', 'syslog', '127.0.0.1', 'web-7', 'sudo', 'linux', 'sudo', 1795377121025701, 1795377121025701, 1, 0, 'ee7862879bea0bbcda53e9d1', 'so-y-te
syslog
127.0.0.1
web-7
sudo
linux
sudo', 1795374000000000, 1, 0, 0, 1795377121025701, 0, 0, 0, 0, 0, -25701, 1795377121025701);
INSERT INTO public.sources VALUES ('so-y-te', 'syslog', '127.0.0.1', 'web-7', 'sshd', 'linux', 'sshd', 1795377121025701, 1795377121025701, 12, 0, '645eb3c319de252f96f15952', 'so-y-te
syslog
127.0.0.1
web-7
sshd
linux
sshd', 1795374000000000, 12, 0, 0, 1795377121025701, 0, 0, 0, 0, 0, -25701, 1795377121025701);
INSERT INTO public.sources VALUES ('so-y-te', 'syslog', '127.0.0.1', 'web-8', 'sudo', 'linux', 'sudo', 1795377121025701, 1795377121025701, 1, 0, 'd0d64f9b582496b166787db1', 'so-y-te
syslog
127.0.0.1
web-8
sudo
linux
sudo', 1795374000000000, 1, 0, 0, 1795377121025701, 0, 0, 0, 0, 0, -25701, 1795377121025701);
INSERT INTO public.sources VALUES ('so-y-te', 'syslog', '127.0.0.1', 'web-8', 'sshd', 'linux', 'sshd', 1795377121025701, 1795377121025701, 12, 0, '76e47ed1962c571baea2332a', 'so-y-te
syslog
127.0.0.1
web-8
sshd
linux
sshd', 1795374000000000, 12, 0, 0, 1795377121025701, 0, 0, 0, 0, 0, -25701, 1795377121025701);
INSERT INTO public.sources VALUES ('so-y-te', 'upload', 'cu.log', 'web-7', 'sudo', 'linux', 'sudo', 1795377125085677, 1795377125085677, 1, 0, '62e66bdbd24b28b9add76243', 'so-y-te
upload
cu.log
web-7
sudo
linux
sudo', 1795374000000000, 1, 0, 0, 1795377125085677, 0, 0, 0, 0, 0, -4085677, 1795377125085677);
INSERT INTO public.sources VALUES ('so-y-te', 'upload', 'cu.log', 'web-7', 'sshd', 'linux', 'sshd', 1795377125085677, 1795377125085677, 1, 0, 'f95f33c123b1f59837be6f8c', 'so-y-te
upload
cu.log
web-7
sshd
linux
sshd', 1795374000000000, 1, 0, 0, 1795377125085677, 0, 0, 0, 0, 0, -4085677, 1795377125085677);
INSERT INTO public.tokens VALUES ('000660e2cf87927754e40ca714', 'máy chủ web', 'so-y-te', 'ingest', 'bef3fd18c98346c76a4c90a3df9312c6ca4d54e4af2ed05342c14e49fce85bf9', 1795377120907895, 2110737120907895, 0, 0, 'admin', '', '', '');
INSERT INTO public.tokens VALUES ('000660e2cf87d88f9745626f46', 'báo cáo', 'trung-tam', 'api', '25baa4a9394f7f31ff758565f023d021f279422ab1b77b8a2fa2aef6abb7e6c4', 1795377120925839, 1826913120925839, 0, 0, 'admin', 'service', '', '');
INSERT INTO public.tokens VALUES ('000660e2cf886ed1dda5e27852', 'đã mất', 'so-y-te', 'ingest', '4c299678f3807fb2e7dbf6734cbe3d5a1732837fc7eec5fa6f8f65904c1af65d', 1795377120964305, 2110737120964305, 1795377120982974, 0, 'admin', '', '', '');
INSERT INTO public.tokens VALUES ('000660e2cfd6eba613d91f5c61', 'Tường lửa', 'xa-an-phu', 'ingest', '59e660336426c07f8d50f9fd3c564fd5bfbf8ac5789a6a9cc9aa679b0709e31e', 1795377126108070, 1826913126108070, 0, 0, 'admin', '', '', '');
INSERT INTO public.totp VALUES ('000660e2ce9a8a02c468edcbf6', '9FZthBZXf9aIr2/NOqHvMIxdz2PZDPo9kP3z/8tfMNVi/JDST/Nf54xrImnPANxT', '', 59845903, 1795377109614152, 1795377109614152);
INSERT INTO public.unit_history VALUES ('000660e2cedc47c895d48993bf', 'so-y-te', 1795377109682094, 'admin', 'create', '', '[{"field":"name","from":"","to":"Sở Y tế"},{"field":"kind","from":"","to":"department"},{"field":"parent","from":"","to":"trung-tam"}]');
INSERT INTO public.unit_history VALUES ('000660e2cedc9cb71437ced97d', 'xa-an-phu', 1795377109703841, 'admin', 'create', '', '[{"field":"name","from":"","to":"Xã An Phú"},{"field":"kind","from":"","to":"rural-commune"},{"field":"parent","from":"","to":"trung-tam"}]');
INSERT INTO public.unit_tree VALUES (1, 3);
INSERT INTO public.units VALUES ('trung-tam', 'Trung tâm An ninh mạng tỉnh', 'centre', 1795377102630640, '', '', '', '', '', '', '[]', '', '{"dutyPhone":"","dutyMail":"","head":{"name":"","title":"","phone":"","mail":""},"focalPoints":null}', '', 1, 1795377102630640);
INSERT INTO public.units VALUES ('so-y-te', 'Sở Y tế', 'department', 1795377109682094, 'trung-tam', '', '', '', '', '', '[]', '', '{"dutyPhone":"","dutyMail":"","head":{"name":"","title":"","phone":"","mail":""},"focalPoints":[]}', '', 1, 1795377109682094);
INSERT INTO public.units VALUES ('xa-an-phu', 'Xã An Phú', 'rural-commune', 1795377109703841, 'trung-tam', '', '', '', '', '', '[]', '', '{"dutyPhone":"","dutyMail":"","head":{"name":"","title":"","phone":"","mail":""},"focalPoints":[]}', '', 1, 1795377109703841);
INSERT INTO public.uploads VALUES ('000660e2cfc6f6eee97b9e0e17', 'so-y-te', 'cu.log', 224, '2088b8ff26d50e291ed614072d29cc540556808035b06e929682ac4cb13715eb', 'lines', 'auto', 'done', '000660e2cef2817630a73e923f', 'lan', 1795377125062386, 1795377125079687, 1795377126002754, 224, 2, 2, 1, 0, '[]', '', '', 'deleted', 0, 0);
INSERT INTO public.users VALUES ('000660e2ce9a8a02c468edcbf6', 'admin', 'Quản trị viên', 'administrator', 'trung-tam', '$argon2id$v=19$m=65536,t=3,p=4$HfIfbTKJYIitNdp2bWoHYQ$6pKXgyy/Flxkkk03Mun/o08gCnnU5tfCXkzqVgiPCLE', false, false, 1795377105373703, 1795377106419091, '', 0, 0, 0, '127.0.0.1');
INSERT INTO public.users VALUES ('000660e2cef2817630a73e923f', 'lan', 'Lan', 'analyst', 'trung-tam', '$argon2id$v=19$m=65536,t=3,p=4$sizmGkHOUxtUPL7Kw5prSg$SZz7Z59TPqbY4l07CrUJ9pWEyrMmRmI3u9mQDGFudpM', false, false, 1795377111138685, 1795377112098875, '', 0, 0, 0, '127.0.0.1');
INSERT INTO public.users VALUES ('000660e2cf29f39b6b96d88dda', 'minh', 'Minh', 'analyst', 'so-y-te', '$argon2id$v=19$m=65536,t=3,p=4$5b4EzafO5uIDtMpm6kGs6Q$0JdKomOpvvRUp3W7JWYtr+N2jB6+ucxdje8xiO/LGRI', false, false, 1795377114772383, 1795377115641709, '', 0, 0, 0, '127.0.0.1');
INSERT INTO public.users VALUES ('000660e2cf58519f438f65d2cb', 'nghi', 'Nghi', 'analyst', 'xa-an-phu', '$argon2id$v=19$m=65536,t=3,p=4$235u0jMFyrvehIY2yApesA$qX8jxnu75SB0ifCkX5tJ5yrWsHZOR3G3uSi+9OMpdyg', false, true, 1795377117811109, 1795377118755173, '', 0, 0, 0, '127.0.0.1');
SELECT pg_catalog.setval('public.goose_alert_id_seq', 6, true);
SELECT pg_catalog.setval('public.goose_audit_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_dashboard_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_enrol_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_evidence_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_exclusion_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_identity_id_seq', 6, true);
SELECT pg_catalog.setval('public.goose_lake_id_seq', 3, true);
SELECT pg_catalog.setval('public.goose_module_id_seq', 3, true);
SELECT pg_catalog.setval('public.goose_notification_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_pipeline_id_seq', 3, true);
SELECT pg_catalog.setval('public.goose_relay_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_rule_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_savedsearch_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_search_id_seq', 2, true);
SELECT pg_catalog.setval('public.goose_source_id_seq', 3, true);
SELECT pg_catalog.setval('public.goose_unit_id_seq', 3, true);
SELECT pg_catalog.setval('public.goose_upload_id_seq', 2, true);
ALTER TABLE ONLY public.alert_history
    ADD CONSTRAINT alert_history_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_forward
    ADD CONSTRAINT audit_forward_pkey PRIMARY KEY (target);
ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.bundle_keys
    ADD CONSTRAINT bundle_keys_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.bundles
    ADD CONSTRAINT bundles_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.correlation_journal
    ADD CONSTRAINT correlation_journal_pkey PRIMARY KEY (seq, part);
ALTER TABLE ONLY public.dashboards
    ADD CONSTRAINT dashboards_owner_id_name_key UNIQUE (owner_id, name);
ALTER TABLE ONLY public.dashboards
    ADD CONSTRAINT dashboards_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.disk_use
    ADD CONSTRAINT disk_use_pkey PRIMARY KEY (part, day);
ALTER TABLE ONLY public.enrol_credentials
    ADD CONSTRAINT enrol_credentials_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.enrol_networks
    ADD CONSTRAINT enrol_networks_pkey PRIMARY KEY (network);
ALTER TABLE ONLY public.enrol_seen
    ADD CONSTRAINT enrol_seen_pkey PRIMARY KEY (enrolment);
ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT enrolments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.evidence_anchors
    ADD CONSTRAINT evidence_anchors_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.exclusions
    ADD CONSTRAINT exclusions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_alert
    ADD CONSTRAINT goose_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_audit
    ADD CONSTRAINT goose_audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_dashboard
    ADD CONSTRAINT goose_dashboard_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_enrol
    ADD CONSTRAINT goose_enrol_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_evidence
    ADD CONSTRAINT goose_evidence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_exclusion
    ADD CONSTRAINT goose_exclusion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_identity
    ADD CONSTRAINT goose_identity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_lake
    ADD CONSTRAINT goose_lake_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_module
    ADD CONSTRAINT goose_module_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_notification
    ADD CONSTRAINT goose_notification_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_pipeline
    ADD CONSTRAINT goose_pipeline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_relay
    ADD CONSTRAINT goose_relay_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_rule
    ADD CONSTRAINT goose_rule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_savedsearch
    ADD CONSTRAINT goose_savedsearch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_search
    ADD CONSTRAINT goose_search_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_source
    ADD CONSTRAINT goose_source_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_unit
    ADD CONSTRAINT goose_unit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.goose_upload
    ADD CONSTRAINT goose_upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.identity_settings
    ADD CONSTRAINT identity_settings_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.lake_block
    ADD CONSTRAINT lake_block_pkey PRIMARY KEY (stream, seq);
ALTER TABLE ONLY public.lake_chain_archive
    ADD CONSTRAINT lake_chain_archive_pkey PRIMARY KEY (first_seq);
ALTER TABLE ONLY public.lake_chain_head
    ADD CONSTRAINT lake_chain_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lake_chain
    ADD CONSTRAINT lake_chain_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.lake_deletion
    ADD CONSTRAINT lake_deletion_pkey PRIMARY KEY (segment_id);
ALTER TABLE ONLY public.lake_hold
    ADD CONSTRAINT lake_hold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lake_segment_block
    ADD CONSTRAINT lake_segment_block_pkey PRIMARY KEY (segment_id, stream, seq);
ALTER TABLE ONLY public.lake_segment
    ADD CONSTRAINT lake_segment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lake_verification
    ADD CONSTRAINT lake_verification_pkey PRIMARY KEY (at);
ALTER TABLE ONLY public.notification_buckets
    ADD CONSTRAINT notification_buckets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notification_escalations
    ADD CONSTRAINT notification_escalations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notification_inbox
    ADD CONSTRAINT notification_inbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_sort_unit_name_key UNIQUE (sort, unit, name);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_key UNIQUE (credential);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.relay_gaps
    ADD CONSTRAINT relay_gaps_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.relayed_blocks
    ADD CONSTRAINT relayed_blocks_pkey PRIMARY KEY (unit, run, first);
ALTER TABLE ONLY public.relayed_skipped
    ADD CONSTRAINT relayed_skipped_pkey PRIMARY KEY (stream, seq, part);
ALTER TABLE ONLY public.relays
    ADD CONSTRAINT relays_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.retention_rules
    ADD CONSTRAINT retention_rules_pkey PRIMARY KEY (unit, format, input);
ALTER TABLE ONLY public.rule_switches
    ADD CONSTRAINT rule_switches_pkey PRIMARY KEY (rule_id, unit);
ALTER TABLE ONLY public.rule_versions
    ADD CONSTRAINT rule_versions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_owner_id_name_key UNIQUE (owner_id, name);
ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.search_exports
    ADD CONSTRAINT search_exports_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.search_history
    ADD CONSTRAINT search_history_pkey PRIMARY KEY (user_id, id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.source_health
    ADD CONSTRAINT source_health_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.source_signals
    ADD CONSTRAINT source_signals_pkey PRIMARY KEY (kind, unit, about);
ALTER TABLE ONLY public.source_watch
    ADD CONSTRAINT source_watch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (unit, input, peer, host, format);
ALTER TABLE ONLY public.sso_links
    ADD CONSTRAINT sso_links_pkey PRIMARY KEY (issuer, subject);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.unit_history
    ADD CONSTRAINT unit_history_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.unit_reorganisations
    ADD CONSTRAINT unit_reorganisations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.unit_tree
    ADD CONSTRAINT unit_tree_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.units
    ADD CONSTRAINT units_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.unparsed
    ADD CONSTRAINT unparsed_pkey PRIMARY KEY (unit, input, peer, host, bucket);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_username_key UNIQUE (username);
CREATE INDEX alert_history_alert ON public.alert_history USING btree (alert_id, id);
CREATE INDEX alerts_closed_rule ON public.alerts USING btree (rule_id, updated_at) WHERE (status = 'closed'::text);
CREATE INDEX alerts_entity ON public.alerts USING btree (lower(entity_value), last_seen);
CREATE INDEX alerts_last_seen ON public.alerts USING btree (last_seen, id);
CREATE INDEX alerts_open ON public.alerts USING btree (group_key) WHERE (status <> 'closed'::text);
CREATE INDEX alerts_rule ON public.alerts USING btree (rule_id, created_at);
CREATE INDEX alerts_signal ON public.alerts USING btree (group_key, created_at, id) WHERE (signal <> ''::text);
CREATE INDEX alerts_unit ON public.alerts USING btree (unit, last_seen, id);
CREATE INDEX audit_log_action ON public.audit_log USING btree (action, seq);
CREATE INDEX audit_log_actor ON public.audit_log USING btree (actor, seq);
CREATE INDEX audit_log_at ON public.audit_log USING btree (at);
CREATE INDEX audit_log_object ON public.audit_log USING btree (object, seq);
CREATE INDEX dashboards_visible ON public.dashboards USING btree (visibility, unit);
CREATE INDEX enrol_credentials_enrolment ON public.enrol_credentials USING btree (enrolment);
CREATE INDEX enrolments_unit ON public.enrolments USING btree (unit);
CREATE INDEX exclusions_state ON public.exclusions USING btree (state, expires_at);
CREATE INDEX exclusions_unit ON public.exclusions USING btree (unit, proposed_at);
CREATE INDEX facts_waiting ON public.facts USING btree (id) WHERE (delivered = 0);
CREATE INDEX lake_segment_block_seq ON public.lake_segment_block USING btree (stream, seq);
CREATE INDEX notification_buckets_due ON public.notification_buckets USING btree (due_at);
CREATE INDEX notification_deliveries_bucket ON public.notification_deliveries USING btree (bucket, created_at);
CREATE INDEX notification_deliveries_created ON public.notification_deliveries USING btree (created_at);
CREATE INDEX notification_deliveries_next ON public.notification_deliveries USING btree (next_at) WHERE (state = 'waiting'::text);
CREATE INDEX notification_escalations_alert ON public.notification_escalations USING btree (alert);
CREATE INDEX notification_escalations_due ON public.notification_escalations USING btree (due_at) WHERE (state = 'running'::text);
CREATE INDEX notification_inbox_unread ON public.notification_inbox USING btree (user_id, group_key) WHERE (read_at = 0);
CREATE INDEX notification_inbox_user ON public.notification_inbox USING btree (user_id, id);
CREATE INDEX passkeys_user ON public.passkeys USING btree (user_id);
CREATE INDEX recovery_codes_user ON public.recovery_codes USING btree (user_id);
CREATE INDEX relay_gaps_relay ON public.relay_gaps USING btree (relay, noted_at);
CREATE INDEX rule_versions_rule ON public.rule_versions USING btree (rule_id, id);
CREATE INDEX saved_searches_visible ON public.saved_searches USING btree (visibility, unit);
CREATE INDEX search_exports_owner ON public.search_exports USING btree (owner_id, created_at);
CREATE INDEX search_history_newest ON public.search_history USING btree (user_id, asked_at);
CREATE UNIQUE INDEX sessions_id ON public.sessions USING btree (id);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id);
CREATE INDEX source_health_score ON public.source_health USING btree (score);
CREATE UNIQUE INDEX sources_id ON public.sources USING btree (id) WHERE (id <> ''::text);
CREATE INDEX sources_last_seen ON public.sources USING btree (last_seen);
CREATE INDEX sso_links_user ON public.sso_links USING btree (user_id);
CREATE INDEX unit_history_unit ON public.unit_history USING btree (unit, id);
CREATE INDEX unparsed_bucket ON public.unparsed USING btree (bucket);
CREATE INDEX uploads_sha256 ON public.uploads USING btree (sha256, unit);
CREATE INDEX uploads_status ON public.uploads USING btree (status, id);
CREATE INDEX uploads_unit ON public.uploads USING btree (unit, id);
CREATE TRIGGER audit_log_no_change BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.audit_log_append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.audit_log_append_only();
ALTER TABLE ONLY public.alert_history
    ADD CONSTRAINT alert_history_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.alerts(id);
ALTER TABLE ONLY public.enrol_credentials
    ADD CONSTRAINT enrol_credentials_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES public.enrolments(id);
ALTER TABLE ONLY public.enrol_networks
    ADD CONSTRAINT enrol_networks_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES public.enrolments(id);
ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sso_links
    ADD CONSTRAINT sso_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
