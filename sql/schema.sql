-- The schema that migrations/ and sql/triggers/ make, as pg_dump of PostgreSQL 18 sees it. Written by `make schema`; do
-- not edit. Functions are in sql/functions/ and sql/triggers/, the views of operators in sql/ops/.
-- The log's days (events_YYYYMMDD) come and go, and so are not here.

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TYPE public.board_member_shape AS (
	board_id bigint,
	user_id bigint,
	username text,
	fullname text,
	avatar text,
	status text,
	custom_status json,
	role text,
	invited_by bigint,
	joined_at timestamp with time zone
);

CREATE TYPE public.chat_member_shape AS (
	chat_id bigint,
	user_id bigint,
	username text,
	fullname text,
	avatar text,
	status text,
	custom_status json,
	role text,
	silenced_until timestamp with time zone,
	joined_at timestamp with time zone,
	last_read_seq bigint
);

CREATE TYPE public.chat_shared AS (
	members text,
	messages text,
	pinned_message_ids text
);

CREATE TYPE public.dlp_part AS (
	begins bigint,
	ends bigint,
	arcs bigint,
	may_be_empty boolean
);

CREATE TYPE public.dlp_verdict AS (
	action text,
	rule_id bigint,
	rule_name text,
	content text
);

CREATE TYPE public.message_reactions_shape AS (
	chat_id bigint,
	message_id bigint,
	reactions jsonb
);

CREATE TYPE public.message_shape AS (
	id bigint,
	chat_id bigint,
	seq bigint,
	sender_id bigint,
	type text,
	content text,
	metadata jsonb,
	reply_to bigint,
	thread_id bigint,
	thread_seq bigint,
	thread jsonb,
	mentions bigint[],
	mentions_everyone text,
	forwarded_from jsonb,
	files json,
	links jsonb,
	reactions jsonb,
	created_at timestamp with time zone,
	updated_at timestamp with time zone,
	deleted_at timestamp with time zone,
	deleted_by bigint
);

CREATE TYPE public.page_member_shape AS (
	page_id bigint,
	user_id bigint,
	username text,
	fullname text,
	avatar text,
	status text,
	custom_status json,
	role text,
	invited_by bigint,
	joined_at timestamp with time zone
);

CREATE TYPE public.reaction_event_shape AS (
	chat_id bigint,
	message_id bigint,
	user_id bigint,
	emoji text,
	reactions jsonb
);

CREATE TYPE public.read_marker_shape AS (
	chat_id bigint,
	last_read_seq bigint,
	unread bigint
);

CREATE TABLE public.messages (
    id bigint NOT NULL,
    chat_id bigint NOT NULL,
    seq bigint NOT NULL,
    sender_id bigint NOT NULL,
    content text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone,
    type text DEFAULT 'text'::text NOT NULL,
    metadata jsonb,
    reply_to bigint,
    thread_id bigint,
    forwarded_from jsonb,
    deleted_at timestamp with time zone,
    deleted_by bigint,
    reactions jsonb,
    thread_seq bigint,
    thread jsonb,
    mentions bigint[],
    mentions_everyone text,
    files bigint[],
    links jsonb,
    delegate_id bigint,
    CONSTRAINT messages_content_length CHECK (((length(content) <= 10000) AND ((btrim(content, ' 	
'::text) <> ''::text) OR (deleted_at IS NOT NULL) OR (files IS NOT NULL)))),
    CONSTRAINT messages_delegate_is_another CHECK ((delegate_id <> sender_id)),
    CONSTRAINT messages_deleted_is_empty CHECK ((((deleted_at IS NULL) AND (deleted_by IS NULL)) OR ((deleted_at IS NOT NULL) AND (content = ''::text) AND (num_nonnulls(metadata, forwarded_from, files) = 0)))),
    CONSTRAINT messages_files_amount CHECK ((((cardinality(files) >= 1) AND (cardinality(files) <= 10)) AND (array_position(files, NULL::bigint) IS NULL))),
    CONSTRAINT messages_forwarded_from CHECK (((forwarded_from ?& ARRAY['message_id'::text, 'chat_id'::text, 'sender_id'::text]) AND ((forwarded_from - ARRAY['message_id'::text, 'chat_id'::text, 'sender_id'::text]) = '{}'::jsonb))),
    CONSTRAINT messages_mentions_everyone_known CHECK ((mentions_everyone = ANY (ARRAY['all'::text, 'here'::text]))),
    CONSTRAINT messages_metadata_size CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 8192))),
    CONSTRAINT messages_reactions_amount CHECK ((jsonb_array_length(reactions) <= 20)),
    CONSTRAINT messages_thread CHECK ((num_nulls(reply_to, thread_id) = ANY (ARRAY[0, 2]))),
    CONSTRAINT messages_thread_seq CHECK ((num_nulls(thread_id, thread_seq) = ANY (ARRAY[0, 2]))),
    CONSTRAINT messages_type_known CHECK ((type = ANY (ARRAY['text'::text, 'image'::text, 'file'::text])))
);

CREATE TABLE public.workspaces (
    id bigint NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    retention_days integer,
    show_emails boolean DEFAULT true NOT NULL,
    icon_file_id bigint,
    may_demand boolean DEFAULT false NOT NULL,
    link_previews boolean DEFAULT true NOT NULL,
    public_publishing boolean DEFAULT true NOT NULL,
    organization_id bigint,
    may_export_cases boolean DEFAULT false NOT NULL,
    CONSTRAINT workspaces_description_length CHECK ((length(description) <= 1000)),
    CONSTRAINT workspaces_name_length CHECK (((length(name) <= 80) AND (btrim(name) <> ''::text))),
    CONSTRAINT workspaces_retention_days_range CHECK (((retention_days >= 1) AND (retention_days <= 36500)))
);

CREATE TABLE public.announcements (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    author_id bigint,
    title text NOT NULL,
    content text NOT NULL,
    acknowledgement_required boolean DEFAULT false NOT NULL,
    department_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    group_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT announcements_audience_amount CHECK (((cardinality(department_ids) <= 100) AND (cardinality(group_ids) <= 100))),
    CONSTRAINT announcements_content_length CHECK (((char_length(content) <= 10000) AND (content ~ '\S'::text))),
    CONSTRAINT announcements_title_length CHECK (((char_length(title) <= 200) AND (title ~ '\S'::text)))
);

CREATE TABLE public.private_answers (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    bot_id bigint NOT NULL,
    content text NOT NULL,
    metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT private_answers_content_length CHECK (((length(content) >= 1) AND (length(content) <= 10000))),
    CONSTRAINT private_answers_metadata_size CHECK ((octet_length((metadata)::text) <= 4096))
);

CREATE TABLE public.apps (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    owner_id bigint,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    redirect_uris text[] NOT NULL,
    scopes text[] NOT NULL,
    secret_hash bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT apps_description_length CHECK ((length(description) <= 500)),
    CONSTRAINT apps_name_length CHECK (((length(name) <= 80) AND (btrim(name) <> ''::text))),
    CONSTRAINT apps_redirect_uris_amount CHECK (((cardinality(redirect_uris) >= 1) AND (cardinality(redirect_uris) <= 10))),
    CONSTRAINT apps_scopes_size CHECK (((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 32))),
    CONSTRAINT apps_secret_hash_length CHECK ((octet_length(secret_hash) = 32))
);

CREATE TABLE public.appointments (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    department_id bigint NOT NULL,
    user_id bigint NOT NULL,
    position_id bigint,
    is_head boolean DEFAULT false NOT NULL,
    is_primary boolean DEFAULT false NOT NULL,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    is_current boolean DEFAULT true NOT NULL,
    source text DEFAULT 'person'::text NOT NULL,
    CONSTRAINT appointments_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80))),
    CONSTRAINT appointments_times_in_order CHECK ((starts_at < ends_at))
);

CREATE TABLE public.cases (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    reason text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    approved boolean,
    expires_at timestamp with time zone,
    exported_at timestamp with time zone,
    records bigint,
    sha256 bytea,
    CONSTRAINT cases_approval_ends CHECK (((approved IS TRUE) = (expires_at IS NOT NULL))),
    CONSTRAINT cases_decided_whole CHECK ((num_nulls(decided_by, decided_at, approved) = ANY (ARRAY[0, 3]))),
    CONSTRAINT cases_exported_whole CHECK ((num_nulls(exported_at, records, sha256) = ANY (ARRAY[0, 3]))),
    CONSTRAINT cases_reason_length CHECK (((length(reason) <= 1000) AND (btrim(reason) <> ''::text))),
    CONSTRAINT cases_two_people CHECK (((NOT approved) OR (asked_by <> decided_by)))
);

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    workspace_id bigint,
    chat_id bigint,
    actor_id bigint,
    database_role text DEFAULT SESSION_USER NOT NULL,
    address text,
    action text NOT NULL,
    target_type text,
    target_id bigint,
    before jsonb,
    after jsonb,
    document_id bigint,
    document_kind text,
    delegate_id bigint,
    organization_id bigint,
    CONSTRAINT audit_log_action_format CHECK ((action ~ '^[a-z_]{1,64}$'::text)),
    CONSTRAINT audit_log_document CHECK ((num_nulls(document_id, document_kind) = ANY (ARRAY[0, 2]))),
    CONSTRAINT audit_log_target CHECK ((num_nulls(target_type, target_id) = ANY (ARRAY[0, 2])))
);

CREATE TABLE public.person_deletions (
    user_id bigint NOT NULL,
    begun_at timestamp with time zone DEFAULT now() NOT NULL,
    left_at timestamp with time zone,
    words text[],
    message_id bigint DEFAULT 0 NOT NULL,
    log_position bigint DEFAULT 0 NOT NULL,
    audit_id bigint DEFAULT 0 NOT NULL,
    finished_at timestamp with time zone,
    workspaces bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    organizations bigint[] DEFAULT '{}'::bigint[] NOT NULL
);

CREATE TABLE public.uploads (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    file_id bigint,
    finished_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT uploads_finished_whole CHECK (((finished_at IS NULL) OR (received = size))),
    CONSTRAINT uploads_received_range CHECK (((received >= 0) AND (received <= size)))
);

CREATE TABLE public.role_bindings (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    role_id bigint NOT NULL,
    user_id bigint,
    group_id bigint,
    department_id bigint,
    with_below boolean DEFAULT true NOT NULL,
    workspace_id bigint,
    scope_department_id bigint,
    chat_id bigint,
    document_id bigint,
    ends_at timestamp with time zone,
    source text DEFAULT 'person'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT role_bindings_one_scope CHECK ((num_nonnulls(workspace_id, scope_department_id, chat_id, document_id) <= 1)),
    CONSTRAINT role_bindings_one_subject CHECK ((num_nonnulls(user_id, group_id, department_id) = 1)),
    CONSTRAINT role_bindings_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

CREATE TABLE public.board_quarantine (
    board_id bigint NOT NULL,
    seq bigint NOT NULL,
    user_id bigint,
    origin text NOT NULL,
    data bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    quarantined_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT board_quarantine_reason_length CHECK ((length(reason) <= 1000))
);

CREATE TABLE public.bots (
    user_id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    owner_id bigint,
    description text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT bots_description_length CHECK (((length(description) <= 500) AND (btrim(description) <> ''::text)))
);

CREATE TABLE public.subscriptions (
    id bigint NOT NULL,
    bot_id bigint NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    kinds text[],
    chat_ids bigint[],
    ordered boolean DEFAULT true NOT NULL,
    epoch text NOT NULL,
    "position" bigint NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    delivered_at timestamp with time zone,
    failing_since timestamp with time zone,
    disabled_at timestamp with time zone,
    disabled_because text,
    CONSTRAINT subscriptions_address_form CHECK (((length(address) <= 2048) AND (address ~ '^https?://.'::text))),
    CONSTRAINT subscriptions_chats_amount CHECK (((cardinality(chat_ids) >= 1) AND (cardinality(chat_ids) <= 100))),
    CONSTRAINT subscriptions_disabled_because_known CHECK ((disabled_because = ANY (ARRAY['failing'::text, 'gone'::text, 'owner'::text]))),
    CONSTRAINT subscriptions_disabled_has_cause CHECK (((disabled_at IS NULL) = (disabled_because IS NULL))),
    CONSTRAINT subscriptions_kinds_amount CHECK (((cardinality(kinds) >= 1) AND (cardinality(kinds) <= 100))),
    CONSTRAINT subscriptions_name_length CHECK (((length(name) <= 80) AND (btrim(name) <> ''::text))),
    CONSTRAINT subscriptions_position_positive CHECK (("position" >= 0))
);

CREATE TABLE public.chats (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    type text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    member_count integer DEFAULT 0 NOT NULL,
    pair bigint[],
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    password_hash text,
    archived_at timestamp with time zone,
    retention_days integer,
    first_seq bigint DEFAULT 1 NOT NULL,
    first_message_id bigint DEFAULT 1 NOT NULL,
    CONSTRAINT chats_archived_at_range CHECK (isfinite(archived_at)),
    CONSTRAINT chats_description_length CHECK ((length(description) <= 1000)),
    CONSTRAINT chats_first_seq_range CHECK (((first_seq >= 1) AND (first_seq <= (last_seq + 1)))),
    CONSTRAINT chats_name_length CHECK (((length(name) <= 80) AND ((btrim(name) <> ''::text) OR (type = ANY (ARRAY['Single'::text, 'Group'::text]))))),
    CONSTRAINT chats_password_hash_length CHECK (((length(password_hash) >= 1) AND (length(password_hash) <= 255))),
    CONSTRAINT chats_password_of_private CHECK (((password_hash IS NULL) OR (type = 'PrivateChannel'::text))),
    CONSTRAINT chats_retention_days_range CHECK (((retention_days >= 1) AND (retention_days <= 36500))),
    CONSTRAINT chats_type_known CHECK ((type = ANY (ARRAY['Single'::text, 'Group'::text, 'PrivateChannel'::text, 'PublicChannel'::text])))
);

CREATE TABLE public.chat_bans (
    chat_id bigint NOT NULL,
    user_id bigint NOT NULL,
    banned_by bigint,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT chat_bans_expires_later CHECK (((expires_at > created_at) AND isfinite(expires_at))),
    CONSTRAINT chat_bans_reason_length CHECK ((length(reason) <= 500))
);

CREATE TABLE public.chat_members (
    chat_id bigint NOT NULL,
    user_id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    last_read_seq bigint NOT NULL,
    joined_at timestamp with time zone DEFAULT now() NOT NULL,
    read_at timestamp with time zone,
    notification_level text DEFAULT 'all'::text NOT NULL,
    muted_until timestamp with time zone,
    silenced_until timestamp with time zone,
    late_mentions bigint[],
    by_department boolean DEFAULT false NOT NULL,
    guest_of bigint,
    home_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (guest_of IS NULL) THEN workspace_id
    ELSE NULL::bigint
END) STORED,
    by_role boolean DEFAULT false NOT NULL,
    CONSTRAINT chat_members_last_read_seq_range CHECK ((last_read_seq >= 0)),
    CONSTRAINT chat_members_muted_until_range CHECK (((muted_until >= '1970-01-01 00:00:00+00'::timestamp with time zone) AND (muted_until < '10000-01-01 00:00:00+00'::timestamp with time zone))),
    CONSTRAINT chat_members_notification_level_known CHECK ((notification_level = ANY (ARRAY['all'::text, 'mentions'::text, 'none'::text]))),
    CONSTRAINT chat_members_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
    CONSTRAINT chat_members_silenced_until_range CHECK (isfinite(silenced_until))
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    email text NOT NULL,
    fullname text NOT NULL,
    password_hash text NOT NULL,
    avatar text,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    username text NOT NULL COLLATE pg_catalog."C",
    presence_mode text DEFAULT 'auto'::text NOT NULL,
    status_text text,
    status_emoji text,
    status_until timestamp with time zone,
    avatar_file_id bigint,
    email_verified_at timestamp with time zone,
    deleted_at timestamp with time zone,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    hidden_until timestamp with time zone,
    kind text DEFAULT 'person'::text NOT NULL,
    CONSTRAINT users_avatar_length CHECK (((length(avatar) >= 1) AND (length(avatar) <= 2048))),
    CONSTRAINT users_bot_without_password CHECK (((kind = 'person'::text) OR (password_hash = ''::text))),
    CONSTRAINT users_email_format CHECK (((length(email) <= 254) AND (email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'::text))),
    CONSTRAINT users_fullname_length CHECK (((length(fullname) <= 64) AND (btrim(fullname) <> ''::text))),
    CONSTRAINT users_kind_known CHECK ((kind = ANY (ARRAY['person'::text, 'bot'::text]))),
    CONSTRAINT users_presence_mode_known CHECK ((presence_mode = ANY (ARRAY['auto'::text, 'away'::text, 'dnd'::text, 'invisible'::text]))),
    CONSTRAINT users_status_emoji_length CHECK (((length(status_emoji) <= 64) AND (btrim(status_emoji) <> ''::text))),
    CONSTRAINT users_status_known CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'suspended'::text]))),
    CONSTRAINT users_status_text_length CHECK (((length(status_text) <= 100) AND (btrim(status_text) <> ''::text))),
    CONSTRAINT users_status_until_of_something CHECK (((status_until IS NULL) OR (status_text IS NOT NULL) OR (status_emoji IS NOT NULL))),
    CONSTRAINT users_time_zone_length CHECK (((length(time_zone) >= 1) AND (length(time_zone) <= 64))),
    CONSTRAINT users_username_format CHECK ((username ~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,30}[A-Za-z0-9_])?$'::text)),
    CONSTRAINT users_username_reserved CHECK ((lower(username) <> ALL (ARRAY['here'::text, 'all'::text, 'everyone'::text, 'channel'::text])))
);

CREATE TABLE public.bot_events (
    bot_id bigint NOT NULL,
    message_id bigint NOT NULL,
    kind text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_until timestamp with time zone,
    CONSTRAINT bot_events_kind_known CHECK ((kind = ANY (ARRAY['app_mention'::text, 'message'::text]))),
    CONSTRAINT bot_events_tries_counted CHECK ((tries >= 0))
);

CREATE TABLE public.commands (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    bot_id bigint NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    usage text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT commands_description_length CHECK (((length(description) <= 200) AND (btrim(description) <> ''::text))),
    CONSTRAINT commands_name_form CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,31}$'::text)),
    CONSTRAINT commands_usage_length CHECK ((length(usage) <= 200))
);

CREATE TABLE public.delegations (
    id bigint NOT NULL,
    principal_id bigint NOT NULL,
    delegate_id bigint NOT NULL,
    permissions text[] NOT NULL,
    workspace_id bigint,
    chat_id bigint,
    document_id bigint,
    starts_at timestamp with time zone DEFAULT now() NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT delegations_end_after_start CHECK ((ends_at > starts_at)),
    CONSTRAINT delegations_length CHECK ((ends_at <= (starts_at + '4320:00:00'::interval))),
    CONSTRAINT delegations_one_place CHECK ((num_nonnulls(workspace_id, chat_id, document_id) <= 1)),
    CONSTRAINT delegations_permissions_amount CHECK (((cardinality(permissions) >= 1) AND (cardinality(permissions) <= 64))),
    CONSTRAINT delegations_reason_length CHECK ((char_length(reason) <= 500)),
    CONSTRAINT delegations_start_soon CHECK ((starts_at <= (created_at + '8784:00:00'::interval))),
    CONSTRAINT delegations_to_another CHECK ((principal_id <> delegate_id))
);

CREATE TABLE public.delivery_attempts (
    id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    "position" bigint NOT NULL,
    kind text NOT NULL,
    attempted_at timestamp with time zone DEFAULT now() NOT NULL,
    milliseconds integer NOT NULL,
    status integer,
    error text,
    CONSTRAINT delivery_attempts_milliseconds_positive CHECK ((milliseconds >= 0))
);

CREATE TABLE public.deliveries (
    subscription_id bigint NOT NULL,
    "position" bigint NOT NULL,
    kind text NOT NULL,
    attempts integer NOT NULL,
    failed_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone,
    error text NOT NULL,
    CONSTRAINT deliveries_attempts_counted CHECK ((attempts >= 0))
);

CREATE TABLE public.department_chats (
    chat_id bigint NOT NULL,
    department_id bigint NOT NULL,
    with_below boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.departments (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    parent_id bigint,
    name text NOT NULL,
    place integer DEFAULT 0 NOT NULL,
    hidden boolean DEFAULT false NOT NULL,
    source text DEFAULT 'person'::text NOT NULL,
    external_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT departments_external_id_length CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT departments_name_length CHECK (((char_length(name) <= 80) AND (name ~ '\S'::text))),
    CONSTRAINT departments_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

CREATE TABLE public.dialogs (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    bot_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    view jsonb NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT dialogs_view_size CHECK ((octet_length((view)::text) <= 65536))
);

CREATE TABLE public.organization_members (
    organization_id bigint NOT NULL,
    user_id bigint NOT NULL,
    kind text DEFAULT 'member'::text NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    source text DEFAULT 'person'::text NOT NULL,
    external_id text,
    manager_id bigint,
    joined_at timestamp with time zone DEFAULT now() NOT NULL,
    account_kept boolean DEFAULT false NOT NULL,
    CONSTRAINT organization_members_external_id_length CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT organization_members_kind_known CHECK ((kind = ANY (ARRAY['member'::text, 'guest'::text, 'bot'::text]))),
    CONSTRAINT organization_members_manager_is_another CHECK ((manager_id <> user_id)),
    CONSTRAINT organization_members_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
    CONSTRAINT organization_members_role_of_members CHECK (((role = 'member'::text) OR (kind = 'member'::text))),
    CONSTRAINT organization_members_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

CREATE TABLE public.dlp_rules (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    words text[],
    pattern text,
    expression text,
    action text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT dlp_rules_action_known CHECK ((action = ANY (ARRAY['block'::text, 'redact'::text, 'flag'::text]))),
    CONSTRAINT dlp_rules_kind_known CHECK ((kind = ANY (ARRAY['words'::text, 'pattern'::text, 'card_number'::text, 'resident_id'::text]))),
    CONSTRAINT dlp_rules_name_length CHECK (((length(name) <= 100) AND (btrim(name) <> ''::text))),
    CONSTRAINT dlp_rules_of_kind CHECK ((((kind = 'words'::text) = (words IS NOT NULL)) AND ((kind = 'pattern'::text) = (pattern IS NOT NULL)))),
    CONSTRAINT dlp_rules_pattern_length CHECK (((length(pattern) >= 1) AND (length(pattern) <= 200))),
    CONSTRAINT dlp_rules_words_size CHECK ((((cardinality(words) >= 1) AND (cardinality(words) <= 20)) AND (array_position(words, NULL::text) IS NULL) AND (length(array_to_string(words, ''::text)) <= 1000)))
);

CREATE TABLE public.dlp_screens (
    workspace_id bigint NOT NULL,
    words text[] NOT NULL,
    pattern text
);

CREATE TABLE public.documents (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    name text NOT NULL,
    member_count integer DEFAULT 0 NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    last_seq bigint DEFAULT 0 NOT NULL,
    stored_bytes bigint DEFAULT 0 NOT NULL,
    charged_bytes bigint DEFAULT 1024 NOT NULL,
    kind text NOT NULL,
    CONSTRAINT document_members_amount CHECK ((member_count <= 1000)),
    CONSTRAINT documents_deleted_at_range CHECK (isfinite(deleted_at)),
    CONSTRAINT documents_kind_known CHECK ((kind = ANY (ARRAY['board'::text, 'page'::text]))),
    CONSTRAINT documents_name_length CHECK (((length(name) <= 80) AND (btrim(name) <> ''::text))),
    CONSTRAINT documents_stored_bytes_range CHECK ((stored_bytes >= 0))
);

CREATE TABLE public.document_members (
    document_id bigint NOT NULL,
    user_id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    role text NOT NULL,
    invited_by bigint,
    joined_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL,
    by_role boolean DEFAULT false NOT NULL,
    CONSTRAINT document_members_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'viewer'::text])))
);

CREATE TABLE public.document_thumbnails (
    document_id bigint NOT NULL,
    data bytea NOT NULL,
    media_type text GENERATED ALWAYS AS (
CASE
    WHEN (substr(data, 1, 8) = '\x89504e470d0a1a0a'::bytea) THEN 'image/png'::text
    WHEN (substr(data, 1, 3) = '\xffd8ff'::bytea) THEN 'image/jpeg'::text
    WHEN ((substr(data, 1, 4) = '\x52494646'::bytea) AND (substr(data, 9, 4) = '\x57454250'::bytea)) THEN 'image/webp'::text
    ELSE NULL::text
END) STORED,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_thumbnails_media_type_known CHECK ((media_type IS NOT NULL)),
    CONSTRAINT document_thumbnails_size CHECK ((length(data) <= 262144))
);
ALTER TABLE ONLY public.document_thumbnails ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE public.document_versions (
    id bigint NOT NULL,
    document_id bigint NOT NULL,
    name text NOT NULL,
    seq bigint NOT NULL,
    state bytea NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_versions_name_length CHECK (((length(name) <= 80) AND (btrim(name) <> ''::text))),
    CONSTRAINT document_versions_seq_range CHECK ((seq >= 0)),
    CONSTRAINT document_versions_state_length CHECK (((length(state) >= 2) AND (length(state) <= 268435456)))
);

CREATE TABLE public.drafts (
    chat_id bigint NOT NULL,
    user_id bigint NOT NULL,
    content text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT drafts_content_length CHECK (((length(content) <= 10000) AND (btrim(content, ' 	
'::text) <> ''::text)))
);

CREATE TABLE public.custom_emoji (
    workspace_id bigint NOT NULL,
    name text NOT NULL,
    file_id bigint NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT custom_emoji_name_form CHECK ((name ~ '^[a-z0-9_+-]{1,50}$'::text))
);

CREATE TABLE public.events (
    "position" bigint NOT NULL,
    kind text NOT NULL,
    audience text NOT NULL,
    chat_id bigint,
    user_id bigint,
    workspace_ids bigint[],
    payload json NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    message_id bigint,
    document_id bigint,
    effect text,
    CONSTRAINT events_audience_known CHECK (
CASE audience
    WHEN 'chat'::text THEN (chat_id IS NOT NULL)
    WHEN 'document'::text THEN (document_id IS NOT NULL)
    WHEN 'workspaces'::text THEN (workspace_ids IS NOT NULL)
    WHEN 'contacts'::text THEN ((user_id IS NOT NULL) AND (workspace_ids IS NOT NULL))
    WHEN 'admins'::text THEN (num_nonnulls(chat_id, document_id, workspace_ids) = 1)
    WHEN 'user'::text THEN (user_id IS NOT NULL)
    ELSE false
END),
    CONSTRAINT events_effect_known CHECK (((effect IS NULL) OR ((effect = ANY (ARRAY['grant'::text, 'grant_admin'::text, 'promote'::text, 'demote'::text, 'revoke'::text])) AND (user_id IS NOT NULL) AND (num_nonnulls(chat_id, document_id, workspace_ids) = 1))))
)
PARTITION BY RANGE (created_at);

CREATE TABLE public.files (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    uploader_id bigint,
    sha256 bytea,
    size bigint NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    width integer,
    height integer,
    duration double precision,
    placeholder text,
    state text DEFAULT 'ready'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    animated boolean DEFAULT false NOT NULL,
    pages integer,
    waveform smallint[],
    no_preview text,
    refusal text,
    held_at timestamp with time zone,
    CONSTRAINT files_duration_range CHECK ((duration >= (0)::double precision)),
    CONSTRAINT files_have_bytes CHECK (((sha256 IS NOT NULL) OR (state = 'refused'::text))),
    CONSTRAINT files_name_has_no_path CHECK (((name !~ '[/\\]'::text) AND (name <> ALL (ARRAY['.'::text, '..'::text])))),
    CONSTRAINT files_name_length CHECK (((octet_length(name) >= 1) AND (octet_length(name) <= 255))),
    CONSTRAINT files_no_preview_length CHECK ((length(no_preview) <= 500)),
    CONSTRAINT files_pages_range CHECK ((pages > 0)),
    CONSTRAINT files_pixels_range CHECK (((width > 0) AND (height > 0) AND (num_nulls(width, height) = ANY (ARRAY[0, 2])))),
    CONSTRAINT files_placeholder_length CHECK ((length(placeholder) <= 64)),
    CONSTRAINT files_refusal_length CHECK ((length(refusal) <= 500)),
    CONSTRAINT files_size_range CHECK ((size >= 0)),
    CONSTRAINT files_state_known CHECK ((state = ANY (ARRAY['scanning'::text, 'pending'::text, 'ready'::text, 'refused'::text]))),
    CONSTRAINT files_type_form CHECK (((type ~ '^[a-z]+/[a-z0-9.+-]+$'::text) AND (length(type) <= 100))),
    CONSTRAINT files_waveform_length CHECK ((cardinality(waveform) <= 64))
);

CREATE TABLE public.thread_followers (
    thread_id bigint NOT NULL,
    user_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    last_read_seq bigint NOT NULL,
    followed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT thread_followers_last_read_seq_range CHECK ((last_read_seq >= 0))
);

CREATE TABLE public.groups (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    source text DEFAULT 'person'::text NOT NULL,
    external_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT groups_description_length CHECK ((char_length(description) <= 1000)),
    CONSTRAINT groups_external_id_length CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT groups_name_format CHECK (((name ~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,30}[A-Za-z0-9])?$'::text) AND (lower(name) <> ALL (ARRAY['here'::text, 'all'::text, 'everyone'::text, 'channel'::text])))),
    CONSTRAINT groups_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

CREATE TABLE public.held_messages (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    sender_id bigint NOT NULL,
    message_id bigint,
    rule_id bigint,
    rule_name text NOT NULL,
    action text NOT NULL,
    type text,
    content text,
    metadata jsonb,
    reply_to bigint,
    files bigint[],
    status text DEFAULT 'open'::text NOT NULL,
    handled_by bigint,
    handled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT held_messages_action_known CHECK ((action = ANY (ARRAY['block'::text, 'flag'::text]))),
    CONSTRAINT held_messages_flagged_is_posted CHECK (((action = 'block'::text) OR (message_id IS NOT NULL))),
    CONSTRAINT held_messages_status_known CHECK ((status = ANY (ARRAY['open'::text, 'released'::text, 'dismissed'::text])))
);

CREATE TABLE public.holds (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    name text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    user_id bigint,
    chat_id bigint,
    since timestamp with time zone,
    until timestamp with time zone,
    placed_by bigint,
    placed_at timestamp with time zone DEFAULT now() NOT NULL,
    released_by bigint,
    released_at timestamp with time zone,
    release_reason text,
    let_go_at timestamp with time zone,
    CONSTRAINT holds_cover_something CHECK ((num_nonnulls(user_id, chat_id, since, until) > 0)),
    CONSTRAINT holds_name_length CHECK (((length(name) <= 100) AND (btrim(name) <> ''::text))),
    CONSTRAINT holds_range CHECK ((since < until)),
    CONSTRAINT holds_reason_length CHECK ((length(reason) <= 1000)),
    CONSTRAINT holds_release_reason_length CHECK ((length(release_reason) <= 1000))
);

CREATE TABLE public.identities (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    email_verified boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    directory_fullname text,
    directory_email text,
    CONSTRAINT identities_email_length CHECK ((length(email) <= 254)),
    CONSTRAINT identities_issuer_length CHECK (((length(issuer) >= 1) AND (length(issuer) <= 1024))),
    CONSTRAINT identities_provider_format CHECK (((provider ~ '^[a-z][a-z0-9_-]{0,31}$'::text) AND (provider <> 'password'::text))),
    CONSTRAINT identities_subject_length CHECK (((length(subject) >= 1) AND (length(subject) <= 1024)))
);

CREATE UNLOGGED TABLE public.import_people (
    n integer NOT NULL,
    external_id text NOT NULL,
    fullname text NOT NULL,
    username text,
    email text,
    bot boolean NOT NULL,
    active boolean NOT NULL,
    role text,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    time_zone text,
    avatar integer,
    user_id bigint,
    outcome text
);

CREATE UNLOGGED TABLE public.import_chats (
    n integer NOT NULL,
    external_id text NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    archived_at timestamp with time zone,
    chat_id bigint
);

CREATE TABLE public.imports (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    source text NOT NULL,
    origin text NOT NULL,
    makes_workspace boolean NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT imports_origin_length CHECK (((length(origin) >= 1) AND (length(origin) <= 200))),
    CONSTRAINT imports_source_form CHECK ((source ~ '^[a-z0-9_-]{1,32}$'::text))
);

CREATE TABLE public.incoming_webhooks (
    id bigint NOT NULL,
    bot_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT incoming_webhooks_name_length CHECK (((length(name) <= 80) AND (btrim(name) <> ''::text)))
);

CREATE TABLE public.invitation_blocks (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    workspace_id bigint,
    inviter_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT invitation_blocks_one CHECK ((num_nonnulls(workspace_id, inviter_id) = 1))
);

CREATE TABLE public.invites (
    id bigint NOT NULL,
    chat_id bigint,
    document_id bigint,
    token_hash bytea NOT NULL,
    role text NOT NULL,
    created_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    max_uses integer,
    uses integer DEFAULT 0 NOT NULL,
    CONSTRAINT invites_expires_later CHECK (((expires_at > created_at) AND isfinite(expires_at))),
    CONSTRAINT invites_lead_to_one CHECK ((num_nonnulls(chat_id, document_id) = 1)),
    CONSTRAINT invites_max_uses_range CHECK ((max_uses > 0)),
    CONSTRAINT invites_role_known CHECK ((((role = 'owner'::text) OR (role =
CASE
    WHEN (document_id IS NULL) THEN 'admin'::text
    ELSE 'editor'::text
END)) OR (role =
CASE
    WHEN (document_id IS NULL) THEN 'member'::text
    ELSE 'viewer'::text
END))),
    CONSTRAINT invites_token_hash_length CHECK ((length(token_hash) = 32)),
    CONSTRAINT invites_uses_range CHECK (((uses >= 0) AND (uses <= COALESCE(max_uses, uses))))
);

CREATE UNLOGGED TABLE public.log_pending (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    place bigint NOT NULL,
    first boolean NOT NULL,
    source name,
    kind text,
    audience text,
    chat_id bigint,
    document_id bigint,
    user_id bigint,
    workspace_ids bigint[],
    message_id bigint,
    about bigint,
    payload json,
    tombstone json,
    effect text,
    batch bigint,
    opens_batch boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_insert_threshold='-1');

CREATE TABLE public.message_edits (
    message_id bigint NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    content text NOT NULL,
    metadata jsonb,
    written_at timestamp with time zone NOT NULL,
    files bigint[]
);

CREATE TABLE public.notification_settings (
    user_id bigint NOT NULL,
    push text NOT NULL,
    push_content text NOT NULL,
    push_while_active boolean NOT NULL,
    quiet_from time without time zone,
    quiet_until time without time zone,
    email text DEFAULT 'at_once'::text NOT NULL,
    language text,
    CONSTRAINT notification_settings_email_known CHECK ((email = ANY (ARRAY['off'::text, 'at_once'::text, 'daily'::text, 'weekly'::text]))),
    CONSTRAINT notification_settings_language_known CHECK ((language = ANY (ARRAY['en'::text, 'zh'::text]))),
    CONSTRAINT notification_settings_push_content_known CHECK ((push_content = ANY (ARRAY['message'::text, 'sender'::text, 'none'::text]))),
    CONSTRAINT notification_settings_push_known CHECK ((push = ANY (ARRAY['all'::text, 'personal'::text, 'none'::text]))),
    CONSTRAINT notification_settings_quiet_hours CHECK (((num_nulls(quiet_from, quiet_until) = ANY (ARRAY[0, 2])) AND ((quiet_from <> quiet_until) IS NOT FALSE)))
);

CREATE TABLE public.sessions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason text,
    device_hash bytea,
    provider text DEFAULT 'password'::text NOT NULL,
    provider_sid text,
    identity_id bigint,
    amr text[] DEFAULT '{pwd}'::text[] NOT NULL,
    auth_time timestamp with time zone DEFAULT now() NOT NULL,
    device_name text,
    address inet,
    last_seen_at timestamp with time zone,
    new_device boolean DEFAULT false NOT NULL,
    token_hash bytea,
    token_name text,
    scopes text[],
    second_factor text,
    name_id jsonb,
    workspace_id bigint,
    app_id bigint,
    CONSTRAINT sessions_amr_size CHECK (((cardinality(amr) >= 1) AND (cardinality(amr) <= 16))),
    CONSTRAINT sessions_app_complete CHECK ((((provider = 'app'::text) = (app_id IS NOT NULL)) AND ((app_id IS NULL) OR (scopes IS NOT NULL)))),
    CONSTRAINT sessions_device_name_length CHECK (((length(device_name) >= 1) AND (length(device_name) <= 200))),
    CONSTRAINT sessions_name_id_format CHECK (((jsonb_typeof((name_id -> 'value'::text)) = 'string'::text) AND (octet_length((name_id)::text) <= 2048))),
    CONSTRAINT sessions_provider_format CHECK ((provider ~ '^[a-z][a-z0-9_-]{0,31}$'::text)),
    CONSTRAINT sessions_provider_sid_length CHECK (((length(provider_sid) >= 1) AND (length(provider_sid) <= 1024))),
    CONSTRAINT sessions_revoked_reason CHECK (((num_nulls(revoked_at, revoked_reason) = ANY (ARRAY[0, 2])) AND (revoked_reason ~ '^[a-z][a-z_]{0,31}$'::text))),
    CONSTRAINT sessions_scopes_size CHECK (((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 32))),
    CONSTRAINT sessions_second_factor_known CHECK ((second_factor = ANY (ARRAY['totp'::text, 'recovery_code'::text, 'passkey'::text, 'provider'::text]))),
    CONSTRAINT sessions_token_complete CHECK ((num_nulls(token_hash, token_name, scopes) =
CASE provider
    WHEN 'token'::text THEN 0
    WHEN 'app'::text THEN 2
    ELSE 3
END)),
    CONSTRAINT sessions_token_expires CHECK (((token_hash IS NULL) OR (expires_at <= (created_at + '8784:00:00'::interval)))),
    CONSTRAINT sessions_token_hash_length CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT sessions_token_name_length CHECK (((length(token_name) <= 80) AND (btrim(token_name) <> ''::text))),
    CONSTRAINT sessions_workspace_of_tokens CHECK (((workspace_id IS NULL) OR (provider = ANY (ARRAY['token'::text, 'app'::text]))))
);

CREATE TABLE public.reports (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    message_id bigint NOT NULL,
    message json,
    reporter_id bigint NOT NULL,
    reason text NOT NULL,
    comment text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    handled_by bigint,
    handled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT reports_comment_length CHECK ((length(comment) <= 1000)),
    CONSTRAINT reports_note_length CHECK ((length(note) <= 1000)),
    CONSTRAINT reports_reason_known CHECK ((reason = ANY (ARRAY['spam'::text, 'harassment'::text, 'hate'::text, 'violence'::text, 'sexual'::text, 'illegal'::text, 'other'::text]))),
    CONSTRAINT reports_status_known CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text, 'dismissed'::text])))
);

CREATE TABLE public.organizations (
    id bigint NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    keeps_accounts boolean DEFAULT false NOT NULL,
    CONSTRAINT organizations_name_length CHECK (((char_length(name) <= 80) AND (name ~ '\S'::text)))
);

CREATE TABLE public.page_comments (
    id bigint NOT NULL,
    page_id bigint NOT NULL,
    component_id text NOT NULL,
    version bigint NOT NULL,
    reply_to bigint,
    author_id bigint,
    content text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone,
    resolved_at timestamp with time zone,
    resolved_by bigint,
    CONSTRAINT page_comments_component_id_length CHECK (((length(component_id) >= 1) AND (length(component_id) <= 128))),
    CONSTRAINT page_comments_content_length CHECK ((((length(content) >= 1) AND (length(content) <= 4000)) AND (content ~ '\S'::text))),
    CONSTRAINT page_comments_replies_follow CHECK (((reply_to IS NULL) OR (resolved_at IS NULL))),
    CONSTRAINT page_comments_resolution CHECK (((resolved_at IS NOT NULL) OR (resolved_by IS NULL)))
);

CREATE TABLE public.page_publications (
    id bigint NOT NULL,
    page_id bigint NOT NULL,
    audience text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    schema text NOT NULL,
    content text NOT NULL,
    published_by bigint,
    published_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT page_publications_audience_known CHECK ((audience = ANY (ARRAY['public'::text, 'members'::text]))),
    CONSTRAINT page_publications_content_length CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 67108864))),
    CONSTRAINT page_publications_schema_known CHECK ((schema = ANY (ARRAY['page'::text, 'free'::text]))),
    CONSTRAINT page_publications_slug_plain CHECK (((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND ((length(slug) >= 3) AND (length(slug) <= 80))))
);

CREATE TABLE public.passkeys (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    transports text[] DEFAULT '{}'::text[] NOT NULL,
    synced boolean NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT passkeys_credential_size CHECK (((length(credential_id) >= 1) AND (length(credential_id) <= 1023))),
    CONSTRAINT passkeys_name_length CHECK (((length(name) >= 1) AND (length(name) <= 64))),
    CONSTRAINT passkeys_public_key_size CHECK (((length(public_key) >= 1) AND (length(public_key) <= 2048))),
    CONSTRAINT passkeys_sign_count_range CHECK (((sign_count >= 0) AND (sign_count <= '4294967295'::bigint))),
    CONSTRAINT passkeys_transports_amount CHECK ((cardinality(transports) <= 10))
);

CREATE TABLE public.message_pins (
    message_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    id bigint NOT NULL,
    pinned_by bigint NOT NULL,
    pinned_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.positions (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    name text NOT NULL,
    CONSTRAINT positions_name_length CHECK (((char_length(name) <= 80) AND (name ~ '\S'::text)))
);

CREATE TABLE public.push_subscriptions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    session_id bigint NOT NULL,
    endpoint text NOT NULL,
    public_key bytea NOT NULL,
    secret bytea NOT NULL,
    language text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    pushed_at timestamp with time zone,
    failing_since timestamp with time zone,
    error text,
    CONSTRAINT push_subscriptions_endpoint_form CHECK (((length(endpoint) <= 2048) AND (endpoint ~ '^https?://.'::text))),
    CONSTRAINT push_subscriptions_keys_length CHECK (((length(public_key) = 65) AND (length(secret) = 16))),
    CONSTRAINT push_subscriptions_language_known CHECK ((language = ANY (ARRAY['en'::text, 'zh'::text])))
);

CREATE TABLE public.message_reactions (
    message_id bigint NOT NULL,
    user_id bigint NOT NULL,
    emoji text NOT NULL,
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.required_providers (
    workspace_id bigint NOT NULL,
    provider text NOT NULL,
    break_glass_owner bigint NOT NULL,
    required_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT required_providers_format CHECK (((provider ~ '^[a-z][a-z0-9_-]{0,31}$'::text) AND (provider <> 'password'::text)))
);

CREATE TABLE public.required_second_factors (
    workspace_id bigint NOT NULL,
    required_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.roles (
    id bigint NOT NULL,
    organization_id bigint,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    permissions text[] DEFAULT '{}'::text[] NOT NULL,
    source text DEFAULT 'person'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT roles_description_length CHECK ((char_length(description) <= 1000)),
    CONSTRAINT roles_name_built_in CHECK (((organization_id IS NULL) = (lower(name) = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'editor'::text, 'viewer'::text, 'guest'::text])))),
    CONSTRAINT roles_name_length CHECK (((char_length(name) <= 80) AND (name ~ '\S'::text))),
    CONSTRAINT roles_permissions_of_own CHECK (((organization_id IS NOT NULL) OR (permissions = '{}'::text[]))),
    CONSTRAINT roles_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

CREATE TABLE public.visibility_rules (
    id bigint NOT NULL,
    organization_id bigint NOT NULL,
    department_id bigint,
    confined boolean DEFAULT false NOT NULL,
    hidden_fields text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT visibility_rules_fields_known CHECK ((hidden_fields <@ '{position,manager,custom_status}'::text[])),
    CONSTRAINT visibility_rules_narrow CHECK ((confined OR (hidden_fields <> '{}'::text[])))
);

CREATE TABLE public.scim_groups (
    id bigint NOT NULL,
    directory text NOT NULL,
    display_name text NOT NULL,
    external_id text,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT scim_groups_directory_format CHECK ((directory ~ '^[a-z][a-z0-9_-]{0,31}$'::text)),
    CONSTRAINT scim_groups_display_name_length CHECK (((length(display_name) >= 1) AND (length(display_name) <= 320))),
    CONSTRAINT scim_groups_external_id_length CHECK ((length(external_id) <= 320))
);

CREATE TABLE public.scim_users (
    id bigint NOT NULL,
    directory text NOT NULL,
    user_id bigint NOT NULL,
    identity_id bigint,
    active boolean DEFAULT true NOT NULL,
    email text,
    fullname text NOT NULL,
    resource jsonb NOT NULL,
    user_name text GENERATED ALWAYS AS (lower((resource ->> 'userName'::text))) STORED NOT NULL,
    external_id text GENERATED ALWAYS AS ((resource ->> 'externalId'::text)) STORED,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT scim_users_directory_format CHECK ((directory ~ '^[a-z][a-z0-9_-]{0,31}$'::text)),
    CONSTRAINT scim_users_email_length CHECK ((length(email) <= 254)),
    CONSTRAINT scim_users_external_id_length CHECK ((length(external_id) <= 320)),
    CONSTRAINT scim_users_fullname_length CHECK (((length(fullname) >= 1) AND (length(fullname) <= 64))),
    CONSTRAINT scim_users_resource_size CHECK (((jsonb_typeof(resource) = 'object'::text) AND (octet_length((resource)::text) <= 32768))),
    CONSTRAINT scim_users_user_name_length CHECK (((length(user_name) >= 1) AND (length(user_name) <= 320)))
);

CREATE TABLE public.push_outbox (
    subscription_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    first_message_id bigint NOT NULL,
    message_id bigint NOT NULL,
    queued_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    claim bigint,
    CONSTRAINT push_outbox_attempts_counted CHECK ((attempts >= 0))
);

CREATE TABLE public.placements (
    source text NOT NULL,
    user_id bigint NOT NULL,
    group_id bigint,
    department_id bigint,
    CONSTRAINT placements_name_one CHECK ((num_nonnulls(group_id, department_id) = 1)),
    CONSTRAINT placements_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

CREATE TABLE public.thread_drafts (
    thread_id bigint NOT NULL,
    user_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    content text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT thread_drafts_content_length CHECK (((length(content) <= 10000) AND (btrim(content, ' 	
'::text) <> ''::text)))
);

CREATE TABLE public.mails (
    id bigint NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    user_id bigint,
    language text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    seed uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    failed_at timestamp with time zone,
    error text,
    used_at timestamp with time zone,
    CONSTRAINT mails_details_object CHECK ((jsonb_typeof(details) = 'object'::text)),
    CONSTRAINT mails_ended_once CHECK ((num_nonnulls(sent_at, failed_at) <= 1)),
    CONSTRAINT mails_error_length CHECK ((length(error) <= 300)),
    CONSTRAINT mails_kind_known CHECK ((kind = ANY (ARRAY['password_reset'::text, 'verify_address'::text, 'new_address'::text, 'old_address'::text, 'new_device'::text, 'subscription_disabled'::text, 'notification'::text, 'digest'::text]))),
    CONSTRAINT mails_language_known CHECK ((language = ANY (ARRAY['en'::text, 'zh'::text]))),
    CONSTRAINT mails_recipient_length CHECK (((length(recipient) >= 3) AND (length(recipient) <= 254))),
    CONSTRAINT mails_user CHECK (((user_id IS NOT NULL) OR (kind = 'password_reset'::text)))
);

CREATE TABLE public.workspace_invitations (
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    invited_by bigint NOT NULL,
    workspace_name text NOT NULL,
    inviter_name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT workspace_invitations_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
);

CREATE TABLE public.workspace_members (
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    joined_at timestamp with time zone DEFAULT now() NOT NULL,
    granted boolean DEFAULT false NOT NULL,
    CONSTRAINT workspace_members_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
);

CREATE TABLE public.blob_deletions (
    key uuid NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    tried_at timestamp with time zone,
    error text
);

CREATE TABLE public.board_updates (
    board_id bigint NOT NULL,
    seq bigint NOT NULL,
    user_id bigint,
    origin text NOT NULL,
    data bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT board_updates_data_length CHECK ((length(data) >= 2)),
    CONSTRAINT board_updates_seq_range CHECK ((seq > 0))
);

CREATE TABLE public.board_snapshots (
    board_id bigint NOT NULL,
    seq bigint NOT NULL,
    state bytea NOT NULL,
    vector bytea NOT NULL,
    deletions bytea NOT NULL,
    pending boolean NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT board_snapshots_seq_range CHECK ((seq > 0))
);

CREATE TABLE public.boot_limit (
    singleton boolean DEFAULT true NOT NULL,
    per_second integer NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT boot_limit_per_second_range CHECK (((per_second >= 1) AND (per_second <= 1000000))),
    CONSTRAINT boot_limit_singleton_check CHECK (singleton)
);

CREATE UNLOGGED TABLE public.rate_limits (
    bucket text NOT NULL,
    hits integer NOT NULL,
    window_ends timestamp with time zone NOT NULL,
    CONSTRAINT rate_limits_bucket_length CHECK ((length(bucket) <= 200))
);

CREATE TABLE public.mail_bounces (
    user_id bigint NOT NULL,
    address text NOT NULL,
    bounced_at timestamp with time zone DEFAULT now() NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT mail_bounces_address_length CHECK (((length(address) >= 3) AND (length(address) <= 254))),
    CONSTRAINT mail_bounces_reason_length CHECK ((length(reason) <= 300)),
    CONSTRAINT mail_bounces_status_length CHECK ((length(status) <= 20))
);

CREATE TABLE public.delivery_nodes (
    node text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.delivery_shards (
    shard integer NOT NULL,
    node text,
    generation bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.file_looks (
    file_id bigint NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    error text
);

CREATE TABLE public.blobs (
    workspace_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    size bigint NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    store text DEFAULT 'directory'::text NOT NULL,
    sealed_key bytea,
    lost_at timestamp with time zone,
    CONSTRAINT blobs_sealed_key_length CHECK ((length(sealed_key) = 68)),
    CONSTRAINT blobs_sha256_length CHECK ((length(sha256) = 32)),
    CONSTRAINT blobs_size_range CHECK ((size >= 0)),
    CONSTRAINT blobs_store_known CHECK ((store = ANY (ARRAY['directory'::text, 's3'::text])))
);

CREATE TABLE public.file_uses (
    file_id bigint NOT NULL,
    message_id bigint,
    chat_id bigint,
    user_id bigint,
    workspace_id bigint,
    document_id bigint,
    emoji text,
    CONSTRAINT file_uses_emoji_in_workspace CHECK (((emoji IS NULL) OR (workspace_id IS NOT NULL))),
    CONSTRAINT file_uses_one_place CHECK (((num_nonnulls(message_id, user_id, workspace_id, document_id) = 1) AND (num_nulls(message_id, chat_id) = ANY (ARRAY[0, 2]))))
);

CREATE TABLE public.held_content (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    kind text NOT NULL,
    chat_id bigint,
    message_id bigint,
    version integer,
    seq bigint,
    user_id bigint NOT NULL,
    posted_at timestamp with time zone,
    written_at timestamp with time zone,
    content jsonb NOT NULL,
    lost text NOT NULL,
    lost_at timestamp with time zone DEFAULT now() NOT NULL,
    lost_by bigint,
    database_role text DEFAULT SESSION_USER NOT NULL,
    hold_ids bigint[] NOT NULL,
    CONSTRAINT held_content_kind_known CHECK ((kind = ANY (ARRAY['message'::text, 'profile'::text]))),
    CONSTRAINT held_content_lost_known CHECK ((lost = ANY (ARRAY['edited'::text, 'deleted'::text]))),
    CONSTRAINT held_content_of_message CHECK ((num_nulls(chat_id, message_id, version, seq, posted_at, written_at) =
CASE kind
    WHEN 'message'::text THEN 0
    ELSE 6
END))
);

CREATE TABLE public.log_state (
    singleton boolean DEFAULT true NOT NULL,
    epoch text NOT NULL,
    floor bigint DEFAULT 0 NOT NULL,
    cluster text NOT NULL,
    moved_at timestamp with time zone DEFAULT now() NOT NULL,
    channel text DEFAULT ('fechatter_log_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)) NOT NULL,
    epoch_no bigint DEFAULT 1 NOT NULL,
    CONSTRAINT log_state_singleton_check CHECK (singleton)
);

CREATE UNLOGGED TABLE public.notify_nodes (
    node text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '00:00:30'::interval) NOT NULL,
    stops boolean DEFAULT false NOT NULL,
    hears boolean DEFAULT false NOT NULL,
    waiting integer DEFAULT 0 NOT NULL
);

CREATE UNLOGGED TABLE public.streams (
    node text NOT NULL,
    stream bigint NOT NULL,
    user_id bigint NOT NULL,
    session_id bigint NOT NULL,
    address text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    transport text DEFAULT 'sse'::text NOT NULL,
    settled_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT streams_transport_known CHECK ((transport = ANY (ARRAY['sse'::text, 'websocket'::text, 'yjs'::text, 'hocuspocus'::text, 'json'::text, 'page'::text, 'pages'::text])))
);

CREATE TABLE public.online_days (
    user_id bigint NOT NULL,
    day date NOT NULL,
    shown tstzmultirange DEFAULT '{}'::tstzmultirange NOT NULL,
    hidden tstzmultirange DEFAULT '{}'::tstzmultirange NOT NULL
);

CREATE TABLE public.page_ops (
    page_id bigint NOT NULL,
    version bigint NOT NULL,
    op_id text DEFAULT (gen_random_uuid())::text NOT NULL,
    digest bytea,
    base bigint,
    user_id bigint,
    client_id text,
    origin text DEFAULT 'psql'::text NOT NULL,
    patch text NOT NULL,
    inverse text,
    effects text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT page_ops_base_range CHECK (((base >= 0) AND (base <= (version - 1)))),
    CONSTRAINT page_ops_client_id_length CHECK (((length(client_id) >= 1) AND (length(client_id) <= 64))),
    CONSTRAINT page_ops_digest_length CHECK ((length(digest) = 16)),
    CONSTRAINT page_ops_op_id_length CHECK (((length(op_id) >= 1) AND (length(op_id) <= 64))),
    CONSTRAINT page_ops_origin_plain CHECK ((origin ~ '^[^ ]{1,64}$'::text)),
    CONSTRAINT page_ops_patch_is_array CHECK (((octet_length(patch) <= 67108864) AND (json_typeof((patch)::json) = 'array'::text)))
);
ALTER TABLE ONLY public.page_ops ALTER COLUMN patch SET STORAGE MAIN;
ALTER TABLE ONLY public.page_ops ALTER COLUMN inverse SET STORAGE MAIN;

CREATE TABLE public.page_snapshots (
    page_id bigint NOT NULL,
    version bigint NOT NULL,
    content text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT page_snapshots_content_length CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 67108864))),
    CONSTRAINT page_snapshots_version_range CHECK ((version >= 0))
);

CREATE TABLE public.pages (
    page_id bigint NOT NULL,
    schema text DEFAULT 'page'::text NOT NULL,
    is_template boolean DEFAULT false NOT NULL,
    CONSTRAINT pages_schema_known CHECK ((schema = ANY (ARRAY['page'::text, 'free'::text])))
);

CREATE UNLOGGED TABLE public.idle_sessions (
    session_id bigint NOT NULL
);

CREATE UNLOGGED TABLE public.presences (
    user_id bigint NOT NULL,
    presence text DEFAULT 'offline'::text NOT NULL,
    leaves_at timestamp with time zone,
    seen_at timestamp with time zone,
    told_at timestamp with time zone,
    CONSTRAINT presences_presence_known CHECK ((presence = ANY (ARRAY['online'::text, 'away'::text, 'dnd'::text, 'offline'::text])))
);

CREATE TABLE public.scim_members (
    directory text NOT NULL,
    group_id bigint NOT NULL,
    scim_user_id bigint NOT NULL
);

CREATE TABLE public.sinks (
    name text NOT NULL,
    epoch text NOT NULL,
    "position" bigint NOT NULL,
    sent bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    failing_since timestamp with time zone,
    error text,
    node text,
    generation bigint DEFAULT 0 NOT NULL,
    held_until timestamp with time zone,
    CONSTRAINT sinks_failing_has_cause CHECK (((failing_since IS NULL) = (error IS NULL))),
    CONSTRAINT sinks_held_for_a_time CHECK (((node IS NULL) = (held_until IS NULL))),
    CONSTRAINT sinks_name_form CHECK ((name ~ '^[a-z][a-z0-9_-]{0,31}$'::text)),
    CONSTRAINT sinks_position_positive CHECK (("position" >= 0))
);

CREATE TABLE public.storage_usage (
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    kind text NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT storage_usage_bytes_range CHECK ((bytes >= 0)),
    CONSTRAINT storage_usage_kind_known CHECK ((kind = ANY (ARRAY['boards'::text, 'pages'::text, 'versions'::text, 'thumbnails'::text, 'files'::text, 'uploads'::text])))
);

CREATE TABLE public.previews (
    workspace_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    name text NOT NULL,
    key uuid NOT NULL,
    size bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    store text DEFAULT 'directory'::text NOT NULL,
    sealed_key bytea,
    lost_at timestamp with time zone,
    CONSTRAINT previews_name_known CHECK ((name = ANY (ARRAY['thumbnail'::text, 'preview'::text]))),
    CONSTRAINT previews_sealed_key_length CHECK ((length(sealed_key) = 68)),
    CONSTRAINT previews_size_range CHECK (((size > 0) AND (width > 0) AND (height > 0))),
    CONSTRAINT previews_store_known CHECK ((store = ANY (ARRAY['directory'::text, 's3'::text])))
);

CREATE TABLE public.suspensions (
    user_id bigint NOT NULL,
    source text NOT NULL,
    suspended_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT suspensions_source_format CHECK ((source ~ '^[a-z][a-z0-9_-]{0,31}$'::text))
);

CREATE TABLE public.synchronisations (
    source text NOT NULL,
    synchronised_at timestamp with time zone,
    stopped_at timestamp with time zone,
    let_go boolean DEFAULT false NOT NULL,
    had bigint DEFAULT 0 NOT NULL,
    going bigint DEFAULT 0 NOT NULL,
    CONSTRAINT synchronisations_going_range CHECK ((going >= 0)),
    CONSTRAINT synchronisations_had_range CHECK ((had >= 0)),
    CONSTRAINT synchronisations_source_format CHECK ((source ~ '^[a-z][a-z0-9_-]{0,31}$'::text))
);

CREATE TABLE public.address_changes (
    user_id bigint NOT NULL,
    old_email text NOT NULL,
    new_email text NOT NULL,
    old_confirmed_at timestamp with time zone,
    new_confirmed_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT address_changes_email_length CHECK (((length(new_email) >= 3) AND (length(new_email) <= 254)))
);

CREATE TABLE public.announcement_recipients (
    announcement_id bigint NOT NULL,
    user_id bigint NOT NULL,
    organization_id bigint NOT NULL,
    acknowledged_at timestamp with time zone
);

ALTER TABLE public.announcements ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.announcements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.app_codes (
    hash bytea NOT NULL,
    app_id bigint NOT NULL,
    maker_id bigint NOT NULL,
    workspace_id bigint,
    scopes text[] NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '00:01:00'::interval) NOT NULL,
    used_at timestamp with time zone,
    session_id bigint,
    CONSTRAINT app_codes_challenge_form CHECK ((challenge ~ '^[A-Za-z0-9_-]{43}$'::text)),
    CONSTRAINT app_codes_hash_length CHECK ((octet_length(hash) = 32)),
    CONSTRAINT app_codes_scopes_size CHECK (((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 32)))
);

CREATE TABLE public.app_tokens (
    hash bytea NOT NULL,
    session_id bigint NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT app_tokens_hash_length CHECK ((octet_length(hash) = 32)),
    CONSTRAINT app_tokens_scopes_size CHECK (((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 32)))
);

ALTER TABLE public.appointments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.appointments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.apps ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.apps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.blob_words (
    workspace_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    tsv tsvector NOT NULL
);

CREATE TABLE public.bot_endpoints (
    bot_id bigint NOT NULL,
    url text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    events text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT bot_endpoints_events_known CHECK ((events <@ '{app_mention,message}'::text[])),
    CONSTRAINT bot_endpoints_secret_length CHECK ((length(secret) = 32)),
    CONSTRAINT bot_endpoints_url_form CHECK (((length(url) <= 2048) AND (url ~ '^https?://.'::text)))
);

CREATE TABLE public.bot_event_state (
    singleton boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT bot_event_state_singleton CHECK (singleton)
);

ALTER TABLE public.cases ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.cases_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chat_silences (
    chat_id bigint NOT NULL,
    user_id bigint NOT NULL,
    until timestamp with time zone NOT NULL
);

ALTER TABLE public.chats ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chats_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.clerk_objects (
    kind text NOT NULL,
    id text NOT NULL,
    member text DEFAULT ''::text NOT NULL,
    gone boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    learned_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT clerk_objects_id_length CHECK (((length(id) >= 1) AND (length(id) <= 255))),
    CONSTRAINT clerk_objects_kind CHECK ((kind = ANY (ARRAY['user'::text, 'session'::text, 'organization'::text, 'membership'::text]))),
    CONSTRAINT clerk_objects_member_length CHECK (((length(member) <= 255) AND ((member <> ''::text) = (kind = 'membership'::text))))
);

ALTER TABLE public.commands ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.commands_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.delegations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delegations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.delivery_attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delivery_attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.department_tree (
    ancestor_id bigint NOT NULL,
    department_id bigint NOT NULL,
    depth smallint NOT NULL,
    CONSTRAINT department_tree_depth CHECK (((depth >= 0) AND (depth <= 14)))
);

ALTER TABLE public.departments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.departments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.devices (
    user_id bigint NOT NULL,
    hash bytea NOT NULL,
    signed_in_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT devices_hash_length CHECK ((length(hash) = 32))
);

ALTER TABLE public.dialogs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.dialogs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.dlp_rules ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.dlp_rules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE SEQUENCE public.document_openings
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE UNLOGGED TABLE public.document_presence (
    document_id bigint NOT NULL,
    node text NOT NULL,
    client_id bigint NOT NULL,
    user_id bigint NOT NULL,
    session_id bigint NOT NULL,
    clock bigint NOT NULL,
    state text NOT NULL,
    opening bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE public.document_versions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.document_versions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.documents ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.documents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events_default (
    "position" bigint CONSTRAINT events_position_not_null NOT NULL,
    kind text CONSTRAINT events_kind_not_null NOT NULL,
    audience text CONSTRAINT events_audience_not_null NOT NULL,
    chat_id bigint,
    user_id bigint,
    workspace_ids bigint[],
    payload json CONSTRAINT events_payload_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT events_created_at_not_null NOT NULL,
    message_id bigint,
    document_id bigint,
    effect text,
    CONSTRAINT events_audience_known CHECK (
CASE audience
    WHEN 'chat'::text THEN (chat_id IS NOT NULL)
    WHEN 'document'::text THEN (document_id IS NOT NULL)
    WHEN 'workspaces'::text THEN (workspace_ids IS NOT NULL)
    WHEN 'contacts'::text THEN ((user_id IS NOT NULL) AND (workspace_ids IS NOT NULL))
    WHEN 'admins'::text THEN (num_nonnulls(chat_id, document_id, workspace_ids) = 1)
    WHEN 'user'::text THEN (user_id IS NOT NULL)
    ELSE false
END),
    CONSTRAINT events_effect_known CHECK (((effect IS NULL) OR ((effect = ANY (ARRAY['grant'::text, 'grant_admin'::text, 'promote'::text, 'demote'::text, 'revoke'::text])) AND (user_id IS NOT NULL) AND (num_nonnulls(chat_id, document_id, workspace_ids) = 1))))
);

CREATE SEQUENCE public.events_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.features (
    name text NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT features_name_known CHECK ((name = ANY (ARRAY['enable_organizations'::text, 'enable_user_roles'::text, 'enable_proxy_system'::text, 'enable_bot_messages'::text, 'enable_online_statistics'::text, 'enable_advanced_admin'::text])))
);

ALTER TABLE public.files ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.files_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.group_members (
    group_id bigint NOT NULL,
    user_id bigint NOT NULL,
    organization_id bigint NOT NULL,
    source text DEFAULT 'person'::text NOT NULL,
    CONSTRAINT group_members_source_length CHECK (((char_length(source) >= 1) AND (char_length(source) <= 80)))
);

ALTER TABLE public.groups ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.held_chats (
    hold_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    until timestamp with time zone NOT NULL
);

ALTER TABLE public.held_content ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.held_content_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.held_files (
    content_id bigint NOT NULL,
    file_id bigint NOT NULL
);

ALTER TABLE public.held_messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.held_messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.hold_changes (
    singleton boolean DEFAULT true NOT NULL,
    placed bigint DEFAULT 0 NOT NULL,
    CONSTRAINT hold_changes_singleton CHECK (singleton)
);

ALTER TABLE public.holds ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.holds_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.idempotency_keys (
    user_id bigint NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    message_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    answer text,
    CONSTRAINT idempotency_keys_answer_length CHECK ((octet_length(answer) <= 262144)),
    CONSTRAINT idempotency_keys_key_length CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT idempotency_keys_one_outcome CHECK ((num_nonnulls(message_id, answer) = 1))
);

ALTER TABLE public.identities ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.identities_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE UNLOGGED TABLE public.import_emoji (
    name text NOT NULL,
    file integer NOT NULL,
    creator integer,
    created_at timestamp with time zone
);

CREATE UNLOGGED TABLE public.import_files (
    n integer NOT NULL,
    external_id text NOT NULL,
    path text NOT NULL,
    name text NOT NULL,
    uploader integer,
    sha256 bytea,
    created_at timestamp with time zone,
    file_id bigint,
    seen boolean DEFAULT false NOT NULL
);

CREATE UNLOGGED TABLE public.import_followers (
    root_id bigint NOT NULL,
    user_id bigint NOT NULL,
    chat integer NOT NULL,
    last_read_seq bigint NOT NULL,
    followed_at timestamp with time zone,
    told boolean NOT NULL
);

CREATE UNLOGGED TABLE public.import_follows (
    line bigint NOT NULL,
    message text NOT NULL COLLATE pg_catalog."C",
    person integer NOT NULL,
    read text COLLATE pg_catalog."C",
    followed_at timestamp with time zone
);

CREATE UNLOGGED TABLE public.import_members (
    line bigint NOT NULL,
    chat integer NOT NULL,
    person integer NOT NULL,
    role text NOT NULL,
    joined_at timestamp with time zone,
    read text,
    notifications text NOT NULL,
    muted_until timestamp with time zone
);

CREATE UNLOGGED TABLE public.import_messages (
    line bigint NOT NULL,
    external_id text NOT NULL COLLATE pg_catalog."C",
    chat integer NOT NULL,
    sender integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone,
    type text NOT NULL,
    content text NOT NULL,
    metadata jsonb,
    mentions integer[],
    everyone text,
    reply_to text COLLATE pg_catalog."C",
    files integer[],
    forwarded_from jsonb,
    edits jsonb,
    reactions jsonb,
    pinned boolean NOT NULL,
    pinned_by integer,
    pinned_at timestamp with time zone,
    deleted_at timestamp with time zone,
    deleted_by integer
);

CREATE UNLOGGED TABLE public.import_placed (
    line bigint NOT NULL,
    external_id text NOT NULL COLLATE pg_catalog."C",
    chat integer NOT NULL,
    message_id bigint NOT NULL,
    fresh boolean NOT NULL
);

CREATE UNLOGGED TABLE public.import_reactions (
    message_id bigint NOT NULL,
    user_id bigint NOT NULL,
    emoji text NOT NULL,
    place bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.import_refs (
    import_id bigint NOT NULL,
    kind text NOT NULL,
    external_id text NOT NULL COLLATE pg_catalog."C",
    local_id bigint NOT NULL,
    made boolean DEFAULT true NOT NULL,
    CONSTRAINT import_refs_external_id_length CHECK (((length(external_id) >= 1) AND (length(external_id) <= 200))),
    CONSTRAINT import_refs_kind_known CHECK ((kind = ANY (ARRAY['person'::text, 'file'::text, 'chat'::text, 'message'::text])))
);

CREATE UNLOGGED TABLE public.import_replies (
    message_id bigint NOT NULL,
    chat integer NOT NULL,
    sender_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deleted boolean NOT NULL,
    parent_id bigint NOT NULL,
    up_id bigint NOT NULL,
    root_id bigint,
    thread_seq bigint
);

ALTER TABLE public.imports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.imports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.incoming_webhooks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.incoming_webhooks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.invitation_blocks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.invitation_blocks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.invites ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.invites_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.link_lookups (
    message_id bigint NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.link_previews (
    id bigint NOT NULL,
    url_sha256 bytea NOT NULL,
    shown jsonb,
    expires_at timestamp with time zone NOT NULL,
    key uuid,
    store text,
    sealed_key bytea,
    size bigint,
    CONSTRAINT link_previews_picture_is_whole CHECK (((num_nulls(key, store, size) = ANY (ARRAY[0, 3])) AND ((sealed_key IS NULL) OR (key IS NOT NULL)))),
    CONSTRAINT link_previews_sealed_key_length CHECK ((length(sealed_key) = 68)),
    CONSTRAINT link_previews_shown_size CHECK (((jsonb_typeof(shown) = 'object'::text) AND (octet_length((shown)::text) <= 16384))),
    CONSTRAINT link_previews_size_range CHECK ((size > 0)),
    CONSTRAINT link_previews_store_known CHECK ((store = ANY (ARRAY['directory'::text, 's3'::text]))),
    CONSTRAINT link_previews_url_sha256_length CHECK ((length(url_sha256) = 32))
);

ALTER TABLE public.link_previews ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.link_previews_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.link_state (
    singleton boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT link_state_singleton CHECK (singleton)
);

CREATE TABLE public.link_uses (
    message_id bigint NOT NULL,
    link_preview_id bigint NOT NULL
);

CREATE TABLE public.log_epochs (
    no bigint NOT NULL,
    epoch text NOT NULL,
    timeline text NOT NULL,
    last_position bigint NOT NULL,
    ended_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.log_pending ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.log_pending_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mail_notice_state (
    singleton boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT mail_notice_state_singleton CHECK (singleton)
);

CREATE TABLE public.mail_notices (
    user_id bigint NOT NULL,
    message_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone
);

ALTER TABLE public.mails ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.mails_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.membership_grants (
    source text NOT NULL,
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT membership_grants_source_format CHECK ((source ~ '^[a-z][a-z0-9_-]{0,31}$'::text))
);

CREATE TABLE public.mentions (
    message_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    seq bigint NOT NULL,
    user_id bigint
);

CREATE SEQUENCE public.message_pins_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.message_pins_id_seq OWNED BY public.message_pins.id;

ALTER TABLE public.message_reactions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.message_reactions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.message_traces (
    message_id bigint NOT NULL,
    traceparent text NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT message_traces_traceparent_form CHECK ((traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-01$'::text))
);

CREATE SEQUENCE public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.messages_id_seq OWNED BY public.messages.id;

CREATE TABLE public.moved_workspaces (
    workspace_id bigint NOT NULL,
    moved_to text NOT NULL,
    moved_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT moved_workspaces_to_address CHECK (((octet_length(moved_to) <= 2048) AND (moved_to ~ '^https?://[^[:space:]]+$'::text)))
);

CREATE TABLE public.operators (
    user_id bigint NOT NULL,
    appointed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.organization_features (
    organization_id bigint NOT NULL,
    name text NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT organization_features_name_known CHECK ((name = ANY (ARRAY['enable_organizations'::text, 'enable_user_roles'::text, 'enable_proxy_system'::text, 'enable_bot_messages'::text, 'enable_online_statistics'::text, 'enable_advanced_admin'::text])))
);

ALTER TABLE public.organizations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.organizations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.page_comments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.page_comments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.page_publications ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.page_publications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.page_refusals (
    page_id bigint NOT NULL,
    op_id text NOT NULL,
    digest bytea,
    user_id bigint,
    code text NOT NULL,
    refused_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT page_refusals_code_plain CHECK ((code ~ '^[A-Z_]{1,64}$'::text)),
    CONSTRAINT page_refusals_digest_length CHECK ((length(digest) = 16)),
    CONSTRAINT page_refusals_op_id_length CHECK (((length(op_id) >= 1) AND (length(op_id) <= 64)))
);

CREATE TABLE public.passkey_holders (
    user_id bigint NOT NULL,
    handle uuid DEFAULT gen_random_uuid() NOT NULL
);

ALTER TABLE public.passkeys ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.passkeys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.password_resets (
    user_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT password_resets_token_hash_length CHECK ((length(token_hash) = 32))
);

CREATE TABLE public.pending_sign_ins (
    hash bytea NOT NULL,
    user_id bigint NOT NULL,
    verified_hash text,
    provider text NOT NULL,
    amr text[] NOT NULL,
    auth_time timestamp with time zone,
    provider_sid text,
    identity_id bigint,
    name_id jsonb,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE public.positions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.positions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.private_answers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.private_answers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE SEQUENCE public.push_claims
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.push_cursor (
    singleton boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT push_cursor_singleton CHECK (singleton)
);

CREATE TABLE public.push_keys (
    singleton boolean DEFAULT true NOT NULL,
    private_key bytea NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT push_keys_length CHECK (((length(private_key) = 32) AND (length(public_key) = 65))),
    CONSTRAINT push_keys_singleton CHECK (singleton)
);

ALTER TABLE public.push_subscriptions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.push_subscriptions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.received_mails (
    digest bytea NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT received_mails_digest_length CHECK ((length(digest) = 32))
);

CREATE TABLE public.recovery_codes (
    user_id bigint NOT NULL,
    hashes bytea[] NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT recovery_codes_amount CHECK ((cardinality(hashes) <= 10))
);

CREATE TABLE public.refresh_tokens (
    hash bytea NOT NULL,
    session_id bigint NOT NULL,
    used_at timestamp with time zone
);

CREATE SEQUENCE public.relay_terms
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.reports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.role_bindings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.role_bindings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.roles ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.roles_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.scim_groups ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.scim_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.scim_users ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.scim_users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.search_documents (
    message_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    sender_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    tsv tsvector NOT NULL
);

CREATE TABLE public.search_pages (
    page_id bigint NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    tsv tsvector,
    due_at timestamp with time zone
);

CREATE TABLE public.search_state (
    singleton boolean DEFAULT true NOT NULL,
    analyser integer DEFAULT 0 NOT NULL,
    epoch text DEFAULT ''::text NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    made_at timestamp with time zone,
    remaining bigint,
    complete boolean DEFAULT false NOT NULL,
    CONSTRAINT search_state_singleton CHECK (singleton)
);

CREATE TABLE public.search_tokens (
    token text NOT NULL COLLATE pg_catalog."C",
    documents bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.steady_clock (
    singleton boolean DEFAULT true NOT NULL,
    reached_at timestamp with time zone DEFAULT now() NOT NULL,
    looked_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT steady_clock_singleton_check CHECK (singleton)
);

CREATE TABLE public.storage_exceptions (
    workspace_id bigint,
    user_id bigint,
    bytes bigint NOT NULL,
    CONSTRAINT storage_exceptions_of_one CHECK ((num_nonnulls(workspace_id, user_id) = 1)),
    CONSTRAINT storage_exceptions_range CHECK ((bytes >= 0))
);

CREATE TABLE public.storage_quotas (
    singleton boolean DEFAULT true NOT NULL,
    workspace_bytes bigint DEFAULT '10737418240'::bigint NOT NULL,
    user_bytes bigint DEFAULT 536870912 NOT NULL,
    CONSTRAINT storage_quotas_range CHECK (((workspace_bytes >= 0) AND (user_bytes >= 0))),
    CONSTRAINT storage_quotas_singleton CHECK (singleton)
);

CREATE TABLE public.subscription_secrets (
    subscription_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    scheme text NOT NULL,
    secret bytea NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT subscription_secrets_length CHECK ((length(secret) = 32)),
    CONSTRAINT subscription_secrets_scheme_known CHECK ((scheme = ANY (ARRAY['v1'::text, 'v1a'::text])))
);

ALTER TABLE public.subscriptions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.subscriptions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE UNLOGGED TABLE public.tickets (
    hash bytea NOT NULL,
    session_id bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    token_expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.totp_factors (
    user_id bigint NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL,
    sealed_by text,
    CONSTRAINT totp_factors_last_step_range CHECK ((last_step >= 0)),
    CONSTRAINT totp_factors_sealed_by_kid CHECK ((length(sealed_by) = 43)),
    CONSTRAINT totp_factors_secret_size CHECK (((length(secret) >= 20) AND (length(secret) <= 64)))
);

CREATE TABLE public.used_once (
    hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.visibility_rules ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.visibility_rules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.workspace_departures (
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.workspaces ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.workspaces_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_default DEFAULT;

ALTER TABLE ONLY public.address_changes
    ADD CONSTRAINT address_changes_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.announcement_recipients
    ADD CONSTRAINT announcement_recipients_pkey PRIMARY KEY (announcement_id, user_id);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_id_organization_id_key UNIQUE (id, organization_id);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT app_codes_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT app_tokens_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_key UNIQUE NULLS NOT DISTINCT (department_id, user_id, position_id);

ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.apps
    ADD CONSTRAINT apps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.blob_deletions
    ADD CONSTRAINT blob_deletions_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.blob_words
    ADD CONSTRAINT blob_words_pkey PRIMARY KEY (workspace_id, sha256);

ALTER TABLE ONLY public.blobs
    ADD CONSTRAINT blobs_pkey PRIMARY KEY (workspace_id, sha256);

ALTER TABLE ONLY public.board_quarantine
    ADD CONSTRAINT board_quarantine_pkey PRIMARY KEY (board_id, seq);

ALTER TABLE ONLY public.board_snapshots
    ADD CONSTRAINT board_snapshots_pkey PRIMARY KEY (board_id);

ALTER TABLE ONLY public.board_updates
    ADD CONSTRAINT board_updates_pkey PRIMARY KEY (board_id, seq);

ALTER TABLE ONLY public.boot_limit
    ADD CONSTRAINT boot_limit_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.bot_endpoints
    ADD CONSTRAINT bot_endpoints_pkey PRIMARY KEY (bot_id);

ALTER TABLE ONLY public.bot_event_state
    ADD CONSTRAINT bot_event_state_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.bot_events
    ADD CONSTRAINT bot_events_pkey PRIMARY KEY (bot_id, message_id, kind);

ALTER TABLE ONLY public.bots
    ADD CONSTRAINT bots_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_pkey PRIMARY KEY (chat_id, user_id);

ALTER TABLE ONLY public.chat_members
    ADD CONSTRAINT chat_members_pkey PRIMARY KEY (chat_id, user_id);

ALTER TABLE ONLY public.chat_silences
    ADD CONSTRAINT chat_silences_pkey PRIMARY KEY (chat_id, user_id);

ALTER TABLE ONLY public.chats
    ADD CONSTRAINT chats_id_workspace_id_key UNIQUE (id, workspace_id);

ALTER TABLE ONLY public.chats
    ADD CONSTRAINT chats_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.clerk_objects
    ADD CONSTRAINT clerk_objects_pkey PRIMARY KEY (kind, id, member);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_name_key UNIQUE (workspace_id, name);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.custom_emoji
    ADD CONSTRAINT custom_emoji_pkey PRIMARY KEY (workspace_id, name);

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (subscription_id, "position");

ALTER TABLE ONLY public.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_nodes
    ADD CONSTRAINT delivery_nodes_pkey PRIMARY KEY (node);

ALTER TABLE ONLY public.delivery_shards
    ADD CONSTRAINT delivery_shards_pkey PRIMARY KEY (shard);

ALTER TABLE ONLY public.department_chats
    ADD CONSTRAINT department_chats_pkey PRIMARY KEY (chat_id);

ALTER TABLE ONLY public.department_tree
    ADD CONSTRAINT department_tree_pkey PRIMARY KEY (ancestor_id, department_id);

ALTER TABLE ONLY public.departments
    ADD CONSTRAINT departments_external_id_key UNIQUE (organization_id, source, external_id);

ALTER TABLE ONLY public.departments
    ADD CONSTRAINT departments_id_organization_id_key UNIQUE (id, organization_id);

ALTER TABLE ONLY public.departments
    ADD CONSTRAINT departments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (user_id, hash);

ALTER TABLE ONLY public.dialogs
    ADD CONSTRAINT dialogs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dlp_rules
    ADD CONSTRAINT dlp_rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dlp_screens
    ADD CONSTRAINT dlp_screens_pkey PRIMARY KEY (workspace_id);

ALTER TABLE ONLY public.document_members
    ADD CONSTRAINT document_members_pkey PRIMARY KEY (document_id, user_id);

ALTER TABLE ONLY public.document_presence
    ADD CONSTRAINT document_presence_pkey PRIMARY KEY (document_id, node, client_id);

ALTER TABLE ONLY public.document_thumbnails
    ADD CONSTRAINT document_thumbnails_pkey PRIMARY KEY (document_id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_id_kind_workspace_id_key UNIQUE (id, kind, workspace_id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (chat_id, user_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position", created_at);

ALTER TABLE ONLY public.events_default
    ADD CONSTRAINT events_default_pkey PRIMARY KEY ("position", created_at);

ALTER TABLE ONLY public.features
    ADD CONSTRAINT features_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.file_looks
    ADD CONSTRAINT file_looks_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT file_uses_once UNIQUE NULLS NOT DISTINCT (file_id, message_id, user_id, workspace_id, document_id, emoji);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.group_members
    ADD CONSTRAINT group_members_pkey PRIMARY KEY (group_id, user_id);

ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_external_id_key UNIQUE (organization_id, source, external_id);

ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_id_organization_id_key UNIQUE (id, organization_id);

ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.held_chats
    ADD CONSTRAINT held_chats_pkey PRIMARY KEY (hold_id, chat_id);

ALTER TABLE ONLY public.held_content
    ADD CONSTRAINT held_content_once UNIQUE (message_id, version);

ALTER TABLE ONLY public.held_content
    ADD CONSTRAINT held_content_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.held_files
    ADD CONSTRAINT held_files_pkey PRIMARY KEY (content_id, file_id);

ALTER TABLE ONLY public.held_messages
    ADD CONSTRAINT held_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hold_changes
    ADD CONSTRAINT hold_changes_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_provider_issuer_subject_key UNIQUE (provider, issuer, subject);

ALTER TABLE ONLY public.idle_sessions
    ADD CONSTRAINT idle_sessions_pkey PRIMARY KEY (session_id);

ALTER TABLE ONLY public.import_chats
    ADD CONSTRAINT import_chats_pkey PRIMARY KEY (n);

ALTER TABLE ONLY public.import_emoji
    ADD CONSTRAINT import_emoji_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.import_files
    ADD CONSTRAINT import_files_pkey PRIMARY KEY (n);

ALTER TABLE ONLY public.import_followers
    ADD CONSTRAINT import_followers_pkey PRIMARY KEY (root_id, user_id);

ALTER TABLE ONLY public.import_messages
    ADD CONSTRAINT import_messages_pkey PRIMARY KEY (line);

ALTER TABLE ONLY public.import_people
    ADD CONSTRAINT import_people_pkey PRIMARY KEY (n);

ALTER TABLE ONLY public.import_placed
    ADD CONSTRAINT import_placed_pkey PRIMARY KEY (line);

ALTER TABLE ONLY public.import_reactions
    ADD CONSTRAINT import_reactions_pkey PRIMARY KEY (message_id, emoji, user_id);

ALTER TABLE ONLY public.import_refs
    ADD CONSTRAINT import_refs_pkey PRIMARY KEY (import_id, kind, external_id);

ALTER TABLE ONLY public.import_replies
    ADD CONSTRAINT import_replies_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_origin_key UNIQUE (workspace_id, source, origin);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incoming_webhooks
    ADD CONSTRAINT incoming_webhooks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incoming_webhooks
    ADD CONSTRAINT incoming_webhooks_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE ONLY public.invitation_blocks
    ADD CONSTRAINT invitation_blocks_key UNIQUE NULLS NOT DISTINCT (user_id, workspace_id, inviter_id);

ALTER TABLE ONLY public.invitation_blocks
    ADD CONSTRAINT invitation_blocks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.link_lookups
    ADD CONSTRAINT link_lookups_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.link_previews
    ADD CONSTRAINT link_previews_key_key UNIQUE (key);

ALTER TABLE ONLY public.link_previews
    ADD CONSTRAINT link_previews_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.link_state
    ADD CONSTRAINT link_state_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.link_uses
    ADD CONSTRAINT link_uses_pkey PRIMARY KEY (message_id, link_preview_id);

ALTER TABLE ONLY public.log_epochs
    ADD CONSTRAINT log_epochs_epoch_key UNIQUE (epoch);

ALTER TABLE ONLY public.log_epochs
    ADD CONSTRAINT log_epochs_pkey PRIMARY KEY (no);

ALTER TABLE ONLY public.log_pending
    ADD CONSTRAINT log_pending_pkey PRIMARY KEY (xid, place);

ALTER TABLE ONLY public.log_state
    ADD CONSTRAINT log_state_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.mail_bounces
    ADD CONSTRAINT mail_bounces_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.mail_notice_state
    ADD CONSTRAINT mail_notice_state_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.mail_notices
    ADD CONSTRAINT mail_notices_pkey PRIMARY KEY (user_id, message_id);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_seed_key UNIQUE (seed);

ALTER TABLE ONLY public.membership_grants
    ADD CONSTRAINT membership_grants_pkey PRIMARY KEY (source, workspace_id, user_id);

ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT mentions_message_user_key UNIQUE NULLS NOT DISTINCT (message_id, user_id);

ALTER TABLE ONLY public.message_edits
    ADD CONSTRAINT message_edits_pkey PRIMARY KEY (message_id, version);

ALTER TABLE ONLY public.message_pins
    ADD CONSTRAINT message_pins_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT message_reactions_pkey PRIMARY KEY (message_id, user_id, emoji);

ALTER TABLE ONLY public.message_traces
    ADD CONSTRAINT message_traces_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_chat_seq_key UNIQUE (chat_id, seq);

ALTER TABLE public.messages
    ADD CONSTRAINT messages_deleted_has_no_links CHECK (((links IS NULL) OR (deleted_at IS NULL))) NOT VALID;

ALTER TABLE public.messages
    ADD CONSTRAINT messages_links_amount CHECK (((jsonb_typeof(links) = 'array'::text) AND (jsonb_array_length(links) <= 5))) NOT VALID;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.moved_workspaces
    ADD CONSTRAINT moved_workspaces_pkey PRIMARY KEY (workspace_id);

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.notify_nodes
    ADD CONSTRAINT notify_nodes_pkey PRIMARY KEY (node);

ALTER TABLE ONLY public.online_days
    ADD CONSTRAINT online_days_pkey PRIMARY KEY (user_id, day);

ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.organization_features
    ADD CONSTRAINT organization_features_pkey PRIMARY KEY (organization_id, name);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_external_id_key UNIQUE (organization_id, source, external_id);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_pkey PRIMARY KEY (organization_id, user_id);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.page_comments
    ADD CONSTRAINT page_comments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.page_ops
    ADD CONSTRAINT page_ops_op_id_key UNIQUE (page_id, op_id);

ALTER TABLE ONLY public.page_ops
    ADD CONSTRAINT page_ops_pkey PRIMARY KEY (page_id, version);

ALTER TABLE ONLY public.page_publications
    ADD CONSTRAINT page_publications_page_id_key UNIQUE (page_id);

ALTER TABLE ONLY public.page_publications
    ADD CONSTRAINT page_publications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.page_publications
    ADD CONSTRAINT page_publications_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.page_refusals
    ADD CONSTRAINT page_refusals_pkey PRIMARY KEY (page_id, op_id);

ALTER TABLE ONLY public.page_snapshots
    ADD CONSTRAINT page_snapshots_pkey PRIMARY KEY (page_id);

ALTER TABLE ONLY public.pages
    ADD CONSTRAINT pages_pkey PRIMARY KEY (page_id);

ALTER TABLE ONLY public.passkey_holders
    ADD CONSTRAINT passkey_holders_handle_key UNIQUE (handle);

ALTER TABLE ONLY public.passkey_holders
    ADD CONSTRAINT passkey_holders_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_key UNIQUE (credential_id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT password_resets_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT password_resets_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.person_deletions
    ADD CONSTRAINT person_deletions_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.placements
    ADD CONSTRAINT placements_key UNIQUE NULLS NOT DISTINCT (user_id, source, group_id, department_id);

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_id_organization_id_key UNIQUE (id, organization_id);

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_name_key UNIQUE (organization_id, name);

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.presences
    ADD CONSTRAINT presences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.previews
    ADD CONSTRAINT previews_pkey PRIMARY KEY (workspace_id, sha256, name);

ALTER TABLE ONLY public.private_answers
    ADD CONSTRAINT private_answers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.push_cursor
    ADD CONSTRAINT push_cursor_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.push_keys
    ADD CONSTRAINT push_keys_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.push_outbox
    ADD CONSTRAINT push_outbox_pkey PRIMARY KEY (subscription_id, chat_id);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_endpoint_key UNIQUE (endpoint);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_session_key UNIQUE (session_id);

ALTER TABLE ONLY public.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (bucket);

ALTER TABLE ONLY public.received_mails
    ADD CONSTRAINT received_mails_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_reporter_message_key UNIQUE (reporter_id, message_id);

ALTER TABLE ONLY public.required_providers
    ADD CONSTRAINT required_providers_pkey PRIMARY KEY (workspace_id);

ALTER TABLE ONLY public.required_second_factors
    ADD CONSTRAINT required_second_factors_pkey PRIMARY KEY (workspace_id);

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_key UNIQUE NULLS NOT DISTINCT (role_id, user_id, group_id, department_id, workspace_id, scope_department_id, chat_id, document_id);

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_id_organization_id_key UNIQUE (id, organization_id);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.scim_groups
    ADD CONSTRAINT scim_groups_directory_id_key UNIQUE (directory, id);

ALTER TABLE ONLY public.scim_groups
    ADD CONSTRAINT scim_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scim_members
    ADD CONSTRAINT scim_members_pkey PRIMARY KEY (group_id, scim_user_id);

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_directory_id_key UNIQUE (directory, id);

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_user_key UNIQUE (user_id, directory);

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_user_name_key UNIQUE (directory, user_name);

ALTER TABLE ONLY public.search_documents
    ADD CONSTRAINT search_documents_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.search_pages
    ADD CONSTRAINT search_pages_pkey PRIMARY KEY (page_id);

ALTER TABLE ONLY public.search_state
    ADD CONSTRAINT search_state_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.search_tokens
    ADD CONSTRAINT search_tokens_pkey PRIMARY KEY (token);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sinks
    ADD CONSTRAINT sinks_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.steady_clock
    ADD CONSTRAINT steady_clock_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.storage_exceptions
    ADD CONSTRAINT storage_exceptions_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY public.storage_exceptions
    ADD CONSTRAINT storage_exceptions_workspace_id_key UNIQUE (workspace_id);

ALTER TABLE ONLY public.storage_quotas
    ADD CONSTRAINT storage_quotas_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.storage_usage
    ADD CONSTRAINT storage_usage_pkey PRIMARY KEY (workspace_id, user_id, kind);

ALTER TABLE ONLY public.streams
    ADD CONSTRAINT streams_pkey PRIMARY KEY (node, stream);

ALTER TABLE ONLY public.subscription_secrets
    ADD CONSTRAINT subscription_secrets_pkey PRIMARY KEY (subscription_id, created_at);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.suspensions
    ADD CONSTRAINT suspensions_pkey PRIMARY KEY (user_id, source);

ALTER TABLE ONLY public.synchronisations
    ADD CONSTRAINT synchronisations_pkey PRIMARY KEY (source);

ALTER TABLE ONLY public.thread_drafts
    ADD CONSTRAINT thread_drafts_pkey PRIMARY KEY (thread_id, user_id);

ALTER TABLE ONLY public.thread_followers
    ADD CONSTRAINT thread_followers_pkey PRIMARY KEY (thread_id, user_id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.totp_factors
    ADD CONSTRAINT totp_factors_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.used_once
    ADD CONSTRAINT used_once_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.visibility_rules
    ADD CONSTRAINT visibility_rules_key UNIQUE NULLS NOT DISTINCT (organization_id, department_id);

ALTER TABLE ONLY public.visibility_rules
    ADD CONSTRAINT visibility_rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspace_departures
    ADD CONSTRAINT workspace_departures_pkey PRIMARY KEY (workspace_id, user_id);

ALTER TABLE ONLY public.workspace_invitations
    ADD CONSTRAINT workspace_invitations_pkey PRIMARY KEY (user_id, workspace_id);

ALTER TABLE ONLY public.workspace_members
    ADD CONSTRAINT workspace_members_pkey PRIMARY KEY (workspace_id, user_id);

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_pkey PRIMARY KEY (id);

CREATE INDEX address_changes_expires_at_idx ON public.address_changes USING btree (expires_at);

CREATE INDEX announcement_recipients_open_idx ON public.announcement_recipients USING btree (announcement_id, user_id) WHERE (acknowledged_at IS NULL);

CREATE INDEX announcement_recipients_user_idx ON public.announcement_recipients USING btree (user_id, announcement_id);

CREATE INDEX announcements_author_idx ON public.announcements USING btree (author_id);

CREATE INDEX announcements_organization_idx ON public.announcements USING btree (organization_id, id);

CREATE INDEX app_codes_app_idx ON public.app_codes USING btree (app_id);

CREATE INDEX app_codes_expires_idx ON public.app_codes USING btree (expires_at);

CREATE INDEX app_codes_maker_idx ON public.app_codes USING btree (maker_id);

CREATE INDEX app_codes_session_idx ON public.app_codes USING btree (session_id);

CREATE INDEX app_codes_workspace_idx ON public.app_codes USING btree (workspace_id);

CREATE INDEX app_tokens_expires_idx ON public.app_tokens USING btree (expires_at);

CREATE INDEX app_tokens_session_idx ON public.app_tokens USING btree (session_id);

CREATE INDEX appointments_position_idx ON public.appointments USING btree (position_id, organization_id) WHERE (position_id IS NOT NULL);

CREATE UNIQUE INDEX appointments_primary_key ON public.appointments USING btree (organization_id, user_id) WHERE is_primary;

CREATE INDEX appointments_source_idx ON public.appointments USING btree (source, user_id) WHERE (source <> 'person'::text);

CREATE INDEX appointments_times_idx ON public.appointments USING btree (LEAST(starts_at, ends_at)) WHERE ((starts_at IS NOT NULL) OR (ends_at IS NOT NULL));

CREATE INDEX appointments_user_idx ON public.appointments USING btree (organization_id, user_id);

CREATE INDEX apps_owner_idx ON public.apps USING btree (owner_id);

CREATE INDEX apps_workspace_idx ON public.apps USING btree (workspace_id, id);

CREATE INDEX audit_log_organization_idx ON public.audit_log USING btree (organization_id, id) WHERE (organization_id IS NOT NULL);

CREATE INDEX audit_log_workspace_idx ON public.audit_log USING btree (workspace_id, id);

CREATE INDEX blob_deletions_order_idx ON public.blob_deletions USING btree (tried_at NULLS FIRST, since);

CREATE INDEX blobs_key_idx ON public.blobs USING btree (key);

CREATE INDEX blobs_lost_idx ON public.blobs USING btree (lost_at) WHERE (lost_at IS NOT NULL);

CREATE INDEX board_quarantine_user_idx ON public.board_quarantine USING btree (user_id);

CREATE INDEX board_updates_user_idx ON public.board_updates USING btree (user_id, created_at);

CREATE INDEX bot_events_claimed_idx ON public.bot_events USING btree (claimed_until) WHERE (claimed_until IS NOT NULL);

CREATE INDEX bot_events_due_idx ON public.bot_events USING btree (due_at);

CREATE INDEX bot_events_message_idx ON public.bot_events USING btree (message_id);

CREATE INDEX bots_owner_idx ON public.bots USING btree (owner_id);

CREATE INDEX bots_workspace_idx ON public.bots USING btree (workspace_id, user_id);

CREATE INDEX cases_hold_idx ON public.cases USING btree (hold_id);

CREATE INDEX cases_of_workspace_idx ON public.cases USING btree (workspace_id, id);

CREATE INDEX chat_bans_banned_by_idx ON public.chat_bans USING btree (banned_by);

CREATE INDEX chat_bans_expires_idx ON public.chat_bans USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX chat_bans_newest_idx ON public.chat_bans USING btree (chat_id, created_at, user_id);

CREATE INDEX chat_bans_user_idx ON public.chat_bans USING btree (user_id);

CREATE INDEX chat_members_guest_idx ON public.chat_members USING btree (user_id, chat_id) WHERE (guest_of IS NOT NULL);

CREATE INDEX chat_members_guests_idx ON public.chat_members USING btree (chat_id, user_id) WHERE (guest_of IS NOT NULL);

CREATE INDEX chat_members_silenced_idx ON public.chat_members USING btree (silenced_until) WHERE (silenced_until IS NOT NULL);

CREATE INDEX chat_members_user_idx ON public.chat_members USING btree (user_id, workspace_id);

CREATE INDEX chat_silences_until_idx ON public.chat_silences USING btree (until);

CREATE INDEX chat_silences_user_idx ON public.chat_silences USING btree (user_id);

CREATE INDEX chats_joinable_idx ON public.chats USING btree (workspace_id, id) WHERE (((type = 'PublicChannel'::text) OR (password_hash IS NOT NULL)) AND (archived_at IS NULL));

CREATE INDEX chats_joinable_name_idx ON public.chats USING gin (public.fold_name(name) public.gin_trgm_ops) WHERE (((type = 'PublicChannel'::text) OR (password_hash IS NOT NULL)) AND (archived_at IS NULL));

CREATE UNIQUE INDEX chats_public_name_key ON public.chats USING btree (workspace_id, public.fold_name(name)) WHERE (type = 'PublicChannel'::text);

CREATE UNIQUE INDEX chats_single_pair_key ON public.chats USING btree (workspace_id, pair) WHERE (cardinality(pair) = 2);

CREATE INDEX chats_workspace_idx ON public.chats USING btree (workspace_id);

CREATE INDEX clerk_objects_learned_at_idx ON public.clerk_objects USING btree (learned_at);

CREATE INDEX clerk_objects_member_idx ON public.clerk_objects USING btree (member) WHERE (kind = 'membership'::text);

CREATE INDEX commands_bot_idx ON public.commands USING btree (bot_id, id);

CREATE INDEX custom_emoji_created_by_idx ON public.custom_emoji USING btree (created_by);

CREATE INDEX custom_emoji_file_idx ON public.custom_emoji USING btree (file_id);

CREATE INDEX delegations_chat_idx ON public.delegations USING btree (chat_id) WHERE (chat_id IS NOT NULL);

CREATE INDEX delegations_delegate_idx ON public.delegations USING btree (delegate_id, principal_id) WHERE (revoked_at IS NULL);

CREATE INDEX delegations_document_idx ON public.delegations USING btree (document_id) WHERE (document_id IS NOT NULL);

CREATE INDEX delegations_principal_idx ON public.delegations USING btree (principal_id, id) WHERE (revoked_at IS NULL);

CREATE INDEX delegations_workspace_idx ON public.delegations USING btree (workspace_id) WHERE (workspace_id IS NOT NULL);

CREATE INDEX deliveries_due_idx ON public.deliveries USING btree (subscription_id, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX delivery_attempts_subscription_idx ON public.delivery_attempts USING btree (subscription_id, id);

CREATE INDEX department_chats_department_idx ON public.department_chats USING btree (department_id);

CREATE INDEX department_tree_department_idx ON public.department_tree USING btree (department_id);

CREATE UNIQUE INDEX departments_name_key ON public.departments USING btree (organization_id, COALESCE(parent_id, (0)::bigint), name);

CREATE INDEX departments_parent_idx ON public.departments USING btree (parent_id, organization_id);

CREATE INDEX devices_hash_idx ON public.devices USING btree (hash);

CREATE INDEX devices_signed_in_at_idx ON public.devices USING btree (signed_in_at);

CREATE INDEX dialogs_bot_idx ON public.dialogs USING btree (bot_id);

CREATE INDEX dialogs_chat_idx ON public.dialogs USING btree (chat_id);

CREATE INDEX dialogs_created_idx ON public.dialogs USING btree (created_at);

CREATE UNIQUE INDEX dialogs_external_id_key ON public.dialogs USING btree (bot_id, ((view ->> 'external_id'::text))) WHERE ((view ->> 'external_id'::text) <> ''::text);

CREATE INDEX dialogs_user_idx ON public.dialogs USING btree (user_id, id);

CREATE INDEX dlp_rules_of_workspace_idx ON public.dlp_rules USING btree (workspace_id, id);

CREATE INDEX document_members_invited_by_idx ON public.document_members USING btree (invited_by);

CREATE INDEX document_members_user_idx ON public.document_members USING btree (user_id, workspace_id);

CREATE INDEX document_presence_node_idx ON public.document_presence USING btree (node);

CREATE INDEX document_versions_created_by_idx ON public.document_versions USING btree (created_by);

CREATE INDEX document_versions_document_idx ON public.document_versions USING btree (document_id, id);

CREATE INDEX documents_created_by_idx ON public.documents USING btree (created_by);

CREATE INDEX documents_workspace_idx ON public.documents USING btree (workspace_id);

CREATE INDEX events_new_chat_idx ON ONLY public.events USING btree (chat_id, created_at) WHERE (kind = 'NewChat'::text);

CREATE INDEX events_default_chat_id_created_at_idx ON public.events_default USING btree (chat_id, created_at) WHERE (kind = 'NewChat'::text);

CREATE INDEX events_drafts_idx ON ONLY public.events USING btree (chat_id, user_id) WHERE (kind = 'DraftChanged'::text);

CREATE INDEX events_default_chat_id_user_id_idx ON public.events_default USING btree (chat_id, user_id) WHERE (kind = 'DraftChanged'::text);

CREATE INDEX events_message_idx ON ONLY public.events USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX events_default_message_id_idx ON public.events_default USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX events_effect_idx ON ONLY public.events USING btree (user_id, "position") WHERE (effect IS NOT NULL);

CREATE INDEX events_default_user_id_position_idx ON public.events_default USING btree (user_id, "position") WHERE (effect IS NOT NULL);

CREATE INDEX file_looks_due_idx ON public.file_looks USING btree (due_at);

CREATE INDEX file_uses_chat_idx ON public.file_uses USING btree (chat_id, file_id);

CREATE INDEX file_uses_document_idx ON public.file_uses USING btree (document_id, file_id) WHERE (document_id IS NOT NULL);

CREATE INDEX file_uses_message_idx ON public.file_uses USING btree (message_id);

CREATE INDEX file_uses_user_idx ON public.file_uses USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX file_uses_workspace_idx ON public.file_uses USING btree (workspace_id) WHERE (workspace_id IS NOT NULL);

CREATE INDEX files_blob_idx ON public.files USING btree (workspace_id, sha256);

CREATE INDEX files_uploader_idx ON public.files USING btree (uploader_id, id);

CREATE INDEX group_members_source_idx ON public.group_members USING btree (source, user_id) WHERE (source <> 'person'::text);

CREATE INDEX group_members_user_idx ON public.group_members USING btree (organization_id, user_id);

CREATE UNIQUE INDEX groups_name_key ON public.groups USING btree (organization_id, lower(name));

CREATE INDEX held_content_of_workspace_idx ON public.held_content USING btree (workspace_id, id);

CREATE INDEX held_content_user_idx ON public.held_content USING btree (user_id, workspace_id);

CREATE INDEX held_files_file_idx ON public.held_files USING btree (file_id);

CREATE INDEX held_messages_chat_idx ON public.held_messages USING btree (chat_id);

CREATE INDEX held_messages_message_idx ON public.held_messages USING btree (message_id);

CREATE INDEX held_messages_of_workspace_idx ON public.held_messages USING btree (workspace_id, id);

CREATE INDEX held_messages_sender_idx ON public.held_messages USING btree (sender_id);

CREATE INDEX holds_in_force_idx ON public.holds USING btree (workspace_id) WHERE (released_at IS NULL);

CREATE INDEX holds_of_workspace_idx ON public.holds USING btree (workspace_id, id);

CREATE INDEX holds_to_let_go_idx ON public.holds USING btree (released_at) WHERE ((released_at IS NOT NULL) AND (let_go_at IS NULL));

CREATE INDEX holds_user_idx ON public.holds USING btree (user_id);

CREATE INDEX idempotency_keys_created_idx ON public.idempotency_keys USING btree (created_at);

CREATE INDEX idempotency_keys_message_idx ON public.idempotency_keys USING btree (message_id);

CREATE INDEX identities_user_id_idx ON public.identities USING btree (user_id);

CREATE INDEX import_followers_chat_idx ON public.import_followers USING btree (chat);

CREATE INDEX import_members_chat_idx ON public.import_members USING btree (chat, person);

CREATE INDEX import_placed_chat_idx ON public.import_placed USING btree (chat, message_id);

CREATE INDEX import_placed_id_idx ON public.import_placed USING btree (external_id);

CREATE INDEX import_replies_root_idx ON public.import_replies USING btree (root_id, thread_seq);

CREATE UNIQUE INDEX imports_made_key ON public.imports USING btree (source, origin) WHERE makes_workspace;

CREATE INDEX incoming_webhooks_bot_idx ON public.incoming_webhooks USING btree (bot_id, id);

CREATE INDEX incoming_webhooks_chat_idx ON public.incoming_webhooks USING btree (chat_id);

CREATE INDEX incoming_webhooks_created_by_idx ON public.incoming_webhooks USING btree (created_by);

CREATE INDEX invitation_blocks_inviter_idx ON public.invitation_blocks USING btree (inviter_id) WHERE (inviter_id IS NOT NULL);

CREATE INDEX invitation_blocks_workspace_idx ON public.invitation_blocks USING btree (workspace_id) WHERE (workspace_id IS NOT NULL);

CREATE INDEX invites_chat_idx ON public.invites USING btree (chat_id, id);

CREATE INDEX invites_created_by_idx ON public.invites USING btree (created_by);

CREATE INDEX invites_document_idx ON public.invites USING btree (document_id, id);

CREATE INDEX invites_expires_idx ON public.invites USING btree (expires_at);

CREATE UNIQUE INDEX invites_token_hash_key ON public.invites USING btree (token_hash);

CREATE INDEX link_lookups_due_idx ON public.link_lookups USING btree (due_at);

CREATE INDEX link_previews_url_idx ON public.link_previews USING btree (url_sha256, expires_at);

CREATE INDEX link_uses_preview_idx ON public.link_uses USING btree (link_preview_id);

CREATE INDEX log_pending_first_idx ON public.log_pending USING btree (xid) WHERE first;

CREATE INDEX log_pending_memberships_idx ON public.log_pending USING btree ((ARRAY[user_id, chat_id, document_id, workspace_ids[1]])) WHERE (effect = ANY (ARRAY['grant'::text, 'grant_admin'::text, 'revoke'::text]));

CREATE INDEX log_pending_tombstones_idx ON public.log_pending USING btree (message_id) WHERE (tombstone IS NOT NULL);

CREATE INDEX mail_notices_created_at_idx ON public.mail_notices USING btree (created_at);

CREATE INDEX mail_notices_due_at_idx ON public.mail_notices USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX mails_expires_at_idx ON public.mails USING btree (expires_at);

CREATE INDEX mails_user_id_idx ON public.mails USING btree (user_id);

CREATE INDEX mails_waiting_idx ON public.mails USING btree (((kind = ANY (ARRAY['notification'::text, 'digest'::text]))), due_at) WHERE ((sent_at IS NULL) AND (failed_at IS NULL) AND (used_at IS NULL));

CREATE INDEX membership_grants_user_idx ON public.membership_grants USING btree (user_id, workspace_id);

CREATE INDEX membership_grants_workspace_idx ON public.membership_grants USING btree (workspace_id);

CREATE INDEX mentions_newest_idx ON public.mentions USING btree (chat_id, user_id, message_id);

CREATE INDEX mentions_unread_idx ON public.mentions USING btree (chat_id, user_id, seq);

CREATE INDEX message_pins_chat_idx ON public.message_pins USING btree (chat_id, id);

CREATE INDEX message_pins_user_idx ON public.message_pins USING btree (pinned_by);

CREATE INDEX message_reactions_emoji_idx ON public.message_reactions USING btree (message_id, emoji, id);

CREATE INDEX message_reactions_user_idx ON public.message_reactions USING btree (user_id);

CREATE INDEX message_traces_noted_at_idx ON public.message_traces USING btree (noted_at);

CREATE INDEX messages_created_idx ON public.messages USING brin (created_at) WITH (pages_per_range='32');

CREATE INDEX messages_deleted_by_idx ON public.messages USING btree (deleted_by) WHERE (deleted_by IS NOT NULL);

CREATE INDEX messages_sender_idx ON public.messages USING btree (sender_id);

CREATE INDEX messages_thread_idx ON public.messages USING btree (thread_id, seq) WHERE (thread_id IS NOT NULL);

CREATE INDEX messages_thread_sender_idx ON public.messages USING btree (thread_id, sender_id, thread_seq) WHERE (thread_id IS NOT NULL);

CREATE INDEX online_days_day_idx ON public.online_days USING btree (day);

CREATE INDEX organization_members_manager_idx ON public.organization_members USING btree (organization_id, manager_id) WHERE (manager_id IS NOT NULL);

CREATE INDEX organization_members_user_idx ON public.organization_members USING btree (user_id);

CREATE INDEX page_comments_author_idx ON public.page_comments USING btree (author_id);

CREATE INDEX page_comments_page_idx ON public.page_comments USING btree (page_id, id);

CREATE INDEX page_comments_reply_to_idx ON public.page_comments USING btree (reply_to) WHERE (reply_to IS NOT NULL);

CREATE INDEX page_comments_resolved_by_idx ON public.page_comments USING btree (resolved_by) WHERE (resolved_by IS NOT NULL);

CREATE INDEX page_ops_user_idx ON public.page_ops USING btree (user_id);

CREATE INDEX page_publications_published_by_idx ON public.page_publications USING btree (published_by);

CREATE INDEX page_refusals_refused_at_idx ON public.page_refusals USING btree (refused_at);

CREATE INDEX page_refusals_user_idx ON public.page_refusals USING btree (user_id, page_id, refused_at);

CREATE INDEX passkeys_user_id_idx ON public.passkeys USING btree (user_id);

CREATE INDEX password_resets_expires_at_idx ON public.password_resets USING btree (expires_at);

CREATE INDEX pending_sign_ins_expires_at_idx ON public.pending_sign_ins USING btree (expires_at);

CREATE INDEX pending_sign_ins_identity_id_idx ON public.pending_sign_ins USING btree (identity_id) WHERE (identity_id IS NOT NULL);

CREATE INDEX pending_sign_ins_user_id_idx ON public.pending_sign_ins USING btree (user_id);

CREATE INDEX person_deletions_organizations_idx ON public.person_deletions USING gin (organizations);

CREATE INDEX person_deletions_unfinished_idx ON public.person_deletions USING btree (user_id) WHERE (finished_at IS NULL);

CREATE INDEX placements_department_idx ON public.placements USING btree (department_id) WHERE (department_id IS NOT NULL);

CREATE INDEX placements_group_idx ON public.placements USING btree (group_id) WHERE (group_id IS NOT NULL);

CREATE INDEX placements_source_idx ON public.placements USING btree (source, user_id);

CREATE INDEX presences_leaves_idx ON public.presences USING btree (leaves_at) WHERE (leaves_at IS NOT NULL);

CREATE INDEX previews_key_idx ON public.previews USING btree (key);

CREATE INDEX previews_lost_idx ON public.previews USING btree (lost_at) WHERE (lost_at IS NOT NULL);

CREATE INDEX private_answers_bot_idx ON public.private_answers USING btree (bot_id);

CREATE INDEX private_answers_chat_idx ON public.private_answers USING btree (chat_id);

CREATE INDEX private_answers_created_idx ON public.private_answers USING btree (created_at);

CREATE INDEX private_answers_user_idx ON public.private_answers USING btree (user_id, id);

CREATE INDEX push_outbox_chat_idx ON public.push_outbox USING btree (chat_id);

CREATE INDEX push_outbox_due_idx ON public.push_outbox USING btree (due_at);

CREATE INDEX push_subscriptions_user_idx ON public.push_subscriptions USING btree (user_id, seen_at);

CREATE INDEX rate_limits_window_idx ON public.rate_limits USING btree (window_ends);

CREATE INDEX received_mails_received_at_idx ON public.received_mails USING btree (received_at);

CREATE INDEX refresh_tokens_session_idx ON public.refresh_tokens USING btree (session_id);

CREATE INDEX reports_chat_idx ON public.reports USING btree (chat_id);

CREATE INDEX reports_open_idx ON public.reports USING btree (workspace_id, id) WHERE (status = 'open'::text);

CREATE INDEX reports_workspace_idx ON public.reports USING btree (workspace_id, id);

CREATE INDEX role_bindings_chat_idx ON public.role_bindings USING btree (chat_id) WHERE (chat_id IS NOT NULL);

CREATE INDEX role_bindings_department_idx ON public.role_bindings USING btree (department_id, organization_id) WHERE (department_id IS NOT NULL);

CREATE INDEX role_bindings_document_idx ON public.role_bindings USING btree (document_id) WHERE (document_id IS NOT NULL);

CREATE INDEX role_bindings_ends_at_idx ON public.role_bindings USING btree (ends_at) WHERE (ends_at IS NOT NULL);

CREATE INDEX role_bindings_group_idx ON public.role_bindings USING btree (group_id, organization_id) WHERE (group_id IS NOT NULL);

CREATE INDEX role_bindings_organization_idx ON public.role_bindings USING btree (organization_id, id);

CREATE INDEX role_bindings_scope_department_idx ON public.role_bindings USING btree (scope_department_id, organization_id) WHERE (scope_department_id IS NOT NULL);

CREATE INDEX role_bindings_user_idx ON public.role_bindings USING btree (organization_id, user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX role_bindings_workspace_idx ON public.role_bindings USING btree (workspace_id) WHERE (workspace_id IS NOT NULL);

CREATE UNIQUE INDEX roles_name_key ON public.roles USING btree (COALESCE(organization_id, (0)::bigint), lower(name));

CREATE INDEX scim_groups_display_name_idx ON public.scim_groups USING btree (directory, lower(display_name));

CREATE INDEX scim_groups_external_id_idx ON public.scim_groups USING btree (directory, external_id) WHERE (external_id IS NOT NULL);

CREATE INDEX scim_members_user_idx ON public.scim_members USING btree (scim_user_id);

CREATE INDEX scim_users_external_id_idx ON public.scim_users USING btree (directory, external_id) WHERE (external_id IS NOT NULL);

CREATE INDEX scim_users_identity_id_idx ON public.scim_users USING btree (identity_id) WHERE (identity_id IS NOT NULL);

CREATE INDEX search_documents_chat_idx ON public.search_documents USING btree (chat_id, message_id);

CREATE INDEX search_documents_tokens_idx ON public.search_documents USING gin (chat_id, tsv);

CREATE INDEX search_pages_due_idx ON public.search_pages USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX search_pages_tokens_idx ON public.search_pages USING gin (tsv) WITH (fastupdate=off);

CREATE INDEX search_tokens_similar_idx ON public.search_tokens USING gin (token public.gin_trgm_ops) WHERE (length(token) >= 4);

CREATE INDEX sessions_app_idx ON public.sessions USING btree (app_id, user_id) WHERE (app_id IS NOT NULL);

CREATE INDEX sessions_expires_idx ON public.sessions USING btree (expires_at);

CREATE INDEX sessions_identity_id_idx ON public.sessions USING btree (identity_id) WHERE (identity_id IS NOT NULL);

CREATE INDEX sessions_name_id_idx ON public.sessions USING btree (provider, ((name_id ->> 'value'::text))) WHERE ((revoked_at IS NULL) AND (name_id IS NOT NULL));

CREATE INDEX sessions_provider_sid_idx ON public.sessions USING btree (provider, provider_sid) WHERE ((provider_sid IS NOT NULL) AND (revoked_at IS NULL));

CREATE UNIQUE INDEX sessions_token_hash_key ON public.sessions USING btree (token_hash) WHERE (token_hash IS NOT NULL);

CREATE INDEX sessions_user_idx ON public.sessions USING btree (user_id) WHERE (revoked_at IS NULL);

CREATE INDEX sessions_workspace_idx ON public.sessions USING btree (workspace_id) WHERE (workspace_id IS NOT NULL);

CREATE INDEX storage_usage_user_idx ON public.storage_usage USING btree (user_id) INCLUDE (bytes);

CREATE INDEX streams_user_idx ON public.streams USING btree (user_id);

CREATE INDEX subscriptions_bot_idx ON public.subscriptions USING btree (bot_id, id);

CREATE INDEX subscriptions_created_by_idx ON public.subscriptions USING btree (created_by);

CREATE INDEX thread_drafts_user_idx ON public.thread_drafts USING btree (user_id, chat_id);

CREATE INDEX thread_followers_user_idx ON public.thread_followers USING btree (user_id, chat_id);

CREATE INDEX tickets_expires_idx ON public.tickets USING btree (expires_at);

CREATE INDEX tickets_session_idx ON public.tickets USING btree (session_id);

CREATE INDEX uploads_expires_idx ON public.uploads USING btree (expires_at);

CREATE INDEX uploads_file_idx ON public.uploads USING btree (file_id) WHERE (file_id IS NOT NULL);

CREATE INDEX uploads_user_idx ON public.uploads USING btree (user_id);

CREATE INDEX uploads_workspace_idx ON public.uploads USING btree (workspace_id);

CREATE INDEX used_once_expires_at_idx ON public.used_once USING btree (expires_at);

CREATE INDEX users_avatar_file_idx ON public.users USING btree (avatar_file_id) WHERE (avatar_file_id IS NOT NULL);

CREATE INDEX users_bare_names_idx ON public.users USING gin (public.bare_name(fullname) public.gin_trgm_ops, public.bare_name(username) public.gin_trgm_ops);

CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower(email));

CREATE INDEX users_names_idx ON public.users USING gin (public.fold_name(fullname) public.gin_trgm_ops, public.fold_name(username) public.gin_trgm_ops);

CREATE INDEX users_status_until_idx ON public.users USING btree (status_until) WHERE (status_until IS NOT NULL);

CREATE UNIQUE INDEX users_username_key ON public.users USING btree (lower(username));

CREATE INDEX visibility_rules_department_idx ON public.visibility_rules USING btree (department_id, organization_id) WHERE (department_id IS NOT NULL);

CREATE INDEX workspace_departures_user_idx ON public.workspace_departures USING btree (user_id);

CREATE INDEX workspace_invitations_invited_by_idx ON public.workspace_invitations USING btree (invited_by);

CREATE INDEX workspace_invitations_workspace_idx ON public.workspace_invitations USING btree (workspace_id, user_id);

CREATE INDEX workspace_members_user_idx ON public.workspace_members USING btree (user_id);

CREATE INDEX workspaces_icon_file_idx ON public.workspaces USING btree (icon_file_id) WHERE (icon_file_id IS NOT NULL);

CREATE INDEX workspaces_organization_idx ON public.workspaces USING btree (organization_id) WHERE (organization_id IS NOT NULL);

ALTER INDEX public.events_new_chat_idx ATTACH PARTITION public.events_default_chat_id_created_at_idx;

ALTER INDEX public.events_drafts_idx ATTACH PARTITION public.events_default_chat_id_user_id_idx;

ALTER INDEX public.events_message_idx ATTACH PARTITION public.events_default_message_id_idx;

ALTER INDEX public.events_pkey ATTACH PARTITION public.events_default_pkey;

ALTER INDEX public.events_effect_idx ATTACH PARTITION public.events_default_user_id_position_idx;

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE OR UPDATE ON public.appointments FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON public.chat_members FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON public.document_members FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON public.group_members FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE OR UPDATE ON public.organization_members FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE OR UPDATE ON public.role_bindings FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE OR UPDATE ON public.roles FOR EACH STATEMENT EXECUTE FUNCTION public.defer_log();

CREATE TRIGGER p10_hold BEFORE DELETE ON public.chats FOR EACH ROW EXECUTE FUNCTION public.hold_before_chat();

CREATE TRIGGER p10_hold BEFORE DELETE OR UPDATE ON public.message_edits FOR EACH ROW EXECUTE FUNCTION public.hold_before_edit_loss();

CREATE TRIGGER p10_hold BEFORE DELETE ON public.messages FOR EACH ROW WHEN ((old.deleted_at IS NULL)) EXECUTE FUNCTION public.hold_before_loss();

CREATE TRIGGER p10_hold_changed BEFORE UPDATE OF type, content, metadata, files, deleted_at ON public.messages FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (((((old.type IS DISTINCT FROM new.type) OR (old.content IS DISTINCT FROM new.content)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.files IS DISTINCT FROM new.files)) OR ((new.deleted_at IS NULL) IS DISTINCT FROM true)))) EXECUTE FUNCTION public.hold_before_loss();

CREATE TRIGGER p10_lock BEFORE DELETE OR UPDATE ON public.announcement_recipients FOR EACH ROW EXECUTE FUNCTION public.lock_announcement();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.announcements FOR EACH ROW EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.departments FOR EACH ROW EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.groups FOR EACH ROW EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock BEFORE DELETE OR UPDATE OF content, resolved_at ON public.page_comments FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.hold_page_of_comment();

CREATE TRIGGER p10_lock BEFORE UPDATE OF is_template ON public.pages FOR EACH ROW WHEN ((old.is_template <> new.is_template)) EXECUTE FUNCTION public.hold_document_of_page();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.positions FOR EACH ROW EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.required_second_factors FOR EACH ROW EXECUTE FUNCTION public.lock_required_second_factor();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.role_bindings FOR EACH ROW EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock BEFORE INSERT ON public.roles FOR EACH ROW EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock_demote BEFORE UPDATE OF role ON public.chat_members FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.lock_place('chat');

CREATE TRIGGER p10_lock_demote BEFORE UPDATE ON public.organization_members FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.lock_place('organization');

CREATE TRIGGER p10_lock_demote BEFORE UPDATE ON public.workspace_members FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.lock_place('workspace');

CREATE TRIGGER p10_lock_leave BEFORE DELETE ON public.organization_members FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.lock_place('organization');

CREATE TRIGGER p10_lock_leave BEFORE DELETE ON public.workspace_members FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.lock_place('workspace');

CREATE TRIGGER p10_lock_move BEFORE UPDATE ON public.departments FOR EACH ROW WHEN ((old.parent_id IS DISTINCT FROM new.parent_id)) EXECUTE FUNCTION public.lock_organization();

CREATE TRIGGER p10_lock_role BEFORE UPDATE ON public.document_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.lock_place('document');

CREATE TRIGGER p10_online_time BEFORE INSERT OR DELETE OR UPDATE ON public.features FOR EACH STATEMENT EXECUTE FUNCTION public.settle_before_switch();

CREATE TRIGGER p10_online_time BEFORE INSERT OR DELETE OR UPDATE ON public.organization_features FOR EACH STATEMENT EXECUTE FUNCTION public.settle_before_switch();

CREATE TRIGGER p20_avatar BEFORE UPDATE ON public.users FOR EACH ROW WHEN (((old.avatar IS DISTINCT FROM new.avatar) OR (old.avatar_file_id IS DISTINCT FROM new.avatar_file_id))) EXECUTE FUNCTION public.set_avatar();

CREATE TRIGGER p20_bring_files BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.files IS NOT NULL) AND (new.forwarded_from IS NOT NULL) AND (NOT public.importing()))) EXECUTE FUNCTION public.bring_forwarded_files();

CREATE TRIGGER p20_bury BEFORE UPDATE OF deleted_at ON public.messages FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION public.bury_message();

CREATE TRIGGER p20_change_judged BEFORE UPDATE OF content, metadata ON public.messages FOR EACH ROW WHEN (((new.deleted_at IS NULL) AND ((old.content IS DISTINCT FROM new.content) OR (old.metadata IS DISTINCT FROM new.metadata)))) EXECUTE FUNCTION public.judge_message();

CREATE TRIGGER p20_date BEFORE INSERT OR UPDATE OF audience, slug, name, version, schema, content ON public.page_publications FOR EACH ROW EXECUTE FUNCTION public.date_publication();

CREATE TRIGGER p20_decide BEFORE UPDATE ON public.cases FOR EACH ROW WHEN (((((old.approved IS DISTINCT FROM new.approved) OR (old.decided_by IS DISTINCT FROM new.decided_by)) OR (old.decided_at IS DISTINCT FROM new.decided_at)) OR (old.expires_at IS DISTINCT FROM new.expires_at))) EXECUTE FUNCTION public.fill_decision();

CREATE TRIGGER p20_edit BEFORE UPDATE OF type, content, metadata, files ON public.messages FOR EACH ROW WHEN (((new.deleted_at IS NULL) AND ((((old.type IS DISTINCT FROM new.type) OR (old.content IS DISTINCT FROM new.content)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.files IS DISTINCT FROM new.files)))) EXECUTE FUNCTION public.edit_message();

CREATE TRIGGER p20_fill BEFORE INSERT OR UPDATE ON public.appointments FOR EACH ROW EXECUTE FUNCTION public.fill_appointment();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.cases FOR EACH ROW EXECUTE FUNCTION public.fill_case();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.chat_members FOR EACH ROW EXECUTE FUNCTION public.fill_chat_member();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.delegations FOR EACH ROW EXECUTE FUNCTION public.fill_delegation();

CREATE TRIGGER p20_fill BEFORE INSERT OR UPDATE ON public.dlp_rules FOR EACH ROW EXECUTE FUNCTION public.fill_dlp_rule();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.document_members FOR EACH ROW EXECUTE FUNCTION public.fill_document_member();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.documents FOR EACH ROW WHEN ((new.kind = 'page'::text)) EXECUTE FUNCTION public.number_page();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.group_members FOR EACH ROW EXECUTE FUNCTION public.fill_group_member();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.holds FOR EACH ROW EXECUTE FUNCTION public.fill_hold();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.reports FOR EACH ROW EXECUTE FUNCTION public.fill_report();

CREATE TRIGGER p20_fill BEFORE INSERT OR UPDATE ON public.roles FOR EACH ROW EXECUTE FUNCTION public.fill_role();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.thread_drafts FOR EACH ROW EXECUTE FUNCTION public.fill_thread_draft();

CREATE TRIGGER p20_fill BEFORE INSERT ON public.thread_followers FOR EACH ROW WHEN (((new.chat_id IS NULL) OR (NOT public.importing()))) EXECUTE FUNCTION public.fill_thread_follower();

CREATE TRIGGER p20_handle BEFORE UPDATE ON public.reports FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION public.handle_report();

CREATE TRIGGER p20_hidden BEFORE UPDATE OF presence_mode ON public.users FOR EACH ROW WHEN (((old.presence_mode = 'invisible'::text) AND (new.presence_mode <> 'invisible'::text))) EXECUTE FUNCTION public.note_hidden();

CREATE TRIGGER p20_judged BEFORE INSERT OR UPDATE OF name, description ON public.chats FOR EACH ROW EXECUTE FUNCTION public.judge_names('name', 'description');

CREATE TRIGGER p20_judged BEFORE INSERT OR UPDATE OF name ON public.documents FOR EACH ROW EXECUTE FUNCTION public.judge_names('name');

CREATE TRIGGER p20_judged BEFORE UPDATE OF fullname, status_text ON public.users FOR EACH ROW EXECUTE FUNCTION public.judge_names('fullname', 'status_text');

CREATE TRIGGER p20_judged BEFORE INSERT OR UPDATE OF name, description ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.judge_names('name', 'description');

CREATE TRIGGER p20_keep_links BEFORE UPDATE OF content, metadata ON public.messages FOR EACH ROW WHEN (((old.links IS NOT NULL) AND (new.links IS NOT NULL) AND (new.deleted_at IS NULL) AND ((old.content IS DISTINCT FROM new.content) OR (old.metadata IS DISTINCT FROM new.metadata)))) EXECUTE FUNCTION public.keep_links();

CREATE TRIGGER p20_kind BEFORE INSERT OR UPDATE OF kind ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.fill_kind();

CREATE TRIGGER p20_make BEFORE INSERT ON public.workspace_invitations FOR EACH ROW EXECUTE FUNCTION public.make_workspace_invitation();

CREATE TRIGGER p20_mention BEFORE UPDATE OF content, metadata, deleted_at, mentions, mentions_everyone ON public.messages FOR EACH ROW WHEN ((((old.content IS DISTINCT FROM new.content) OR (old.mentions IS DISTINCT FROM new.mentions)) OR (old.mentions_everyone IS DISTINCT FROM new.mentions_everyone))) EXECUTE FUNCTION public.fill_mentions();

CREATE TRIGGER p20_name BEFORE INSERT ON public.users FOR EACH ROW WHEN ((new.username IS NULL)) EXECUTE FUNCTION public.name_user();

CREATE TRIGGER p20_new_avatar BEFORE INSERT ON public.users FOR EACH ROW WHEN ((new.avatar_file_id IS NOT NULL)) EXECUTE FUNCTION public.set_avatar();

CREATE TRIGGER p20_not_stored BEFORE INSERT ON public.page_refusals FOR EACH ROW EXECUTE FUNCTION public.refuse_stored_page_op();

CREATE TRIGGER p20_pair BEFORE UPDATE OF type, member_count ON public.chats FOR EACH ROW WHEN (((old.type IS DISTINCT FROM new.type) OR (old.member_count IS DISTINCT FROM new.member_count))) EXECUTE FUNCTION public.pair_chat();

CREATE TRIGGER p20_place BEFORE INSERT ON public.document_versions FOR EACH ROW EXECUTE FUNCTION public.place_document_version();

CREATE TRIGGER p20_place BEFORE INSERT ON public.message_pins FOR EACH ROW WHEN ((NOT public.importing())) EXECUTE FUNCTION public.place_pin();

CREATE TRIGGER p20_place BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.seq IS NULL) OR (current_setting('fechatter.numbered'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION public.place_message();

CREATE TRIGGER p20_place BEFORE INSERT ON public.page_comments FOR EACH ROW EXECUTE FUNCTION public.place_page_comment();

CREATE TRIGGER p20_place BEFORE INSERT ON public.page_ops FOR EACH ROW WHEN ((new.version IS NULL)) EXECUTE FUNCTION public.place_page_op();

CREATE TRIGGER p20_place BEFORE INSERT OR UPDATE OF audience, slug, name, version, schema, content ON public.page_publications FOR EACH ROW EXECUTE FUNCTION public.place_page_publication();

CREATE TRIGGER p20_place BEFORE INSERT ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION public.place_subscription();

CREATE TRIGGER p20_place_judged BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((current_setting('fechatter.unjudged'::text, true) IS DISTINCT FROM 'on'::text) OR (new.seq IS NULL))) EXECUTE FUNCTION public.judge_message();

CREATE TRIGGER p20_place_mentions BEFORE INSERT ON public.messages FOR EACH ROW WHEN ((((strpos(new.content, '@'::text) > 0) OR (new.mentions IS NOT NULL) OR (new.mentions_everyone IS NOT NULL)) AND (NOT public.importing()))) EXECUTE FUNCTION public.fill_mentions();

CREATE TRIGGER p20_place_reply BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.reply_to IS NOT NULL) AND (NOT public.importing()))) EXECUTE FUNCTION public.place_reply();

CREATE TRIGGER p20_qualify BEFORE INSERT ON public.message_reactions FOR EACH ROW WHEN ((NOT public.importing())) EXECUTE FUNCTION public.qualify_reaction();

CREATE TRIGGER p20_raise BEFORE UPDATE OF first_seq ON public.chats FOR EACH ROW WHEN ((old.first_seq <> new.first_seq)) EXECUTE FUNCTION public.raise_first_seq();

CREATE TRIGGER p20_release BEFORE UPDATE ON public.holds FOR EACH ROW WHEN (((old.released_at IS NULL) AND (new.released_at IS NOT NULL))) EXECUTE FUNCTION public.fill_release();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.announcements FOR EACH ROW WHEN (((old.title IS DISTINCT FROM new.title) OR (old.content IS DISTINCT FROM new.content))) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE OF type, name, description, password_hash, archived_at, retention_days, first_seq ON public.chats FOR EACH ROW WHEN ((((((((old.type IS DISTINCT FROM new.type) OR (old.name IS DISTINCT FROM new.name)) OR (old.description IS DISTINCT FROM new.description)) OR ((old.password_hash IS NULL) IS DISTINCT FROM (new.password_hash IS NULL))) OR (old.archived_at IS DISTINCT FROM new.archived_at)) OR (old.retention_days IS DISTINCT FROM new.retention_days)) OR (old.first_seq IS DISTINCT FROM new.first_seq))) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.departments FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.document_thumbnails FOR EACH ROW WHEN ((old.data <> new.data)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.documents FOR EACH ROW WHEN ((((old.name IS DISTINCT FROM new.name) OR (old.created_by IS DISTINCT FROM new.created_by)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.drafts FOR EACH ROW WHEN ((old.content <> new.content)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.groups FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.organizations FOR EACH ROW WHEN ((old.name <> new.name)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE OF content ON public.page_comments FOR EACH ROW WHEN ((old.content <> new.content)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.reports FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) OR (old.note IS DISTINCT FROM new.note))) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.roles FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.thread_drafts FOR EACH ROW WHEN ((old.content <> new.content)) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.users FOR EACH ROW WHEN (((((((((old.username IS DISTINCT FROM new.username) OR (old.email IS DISTINCT FROM new.email)) OR (old.fullname IS DISTINCT FROM new.fullname)) OR (old.avatar IS DISTINCT FROM new.avatar)) OR (old.status IS DISTINCT FROM new.status)) OR (old.status_text IS DISTINCT FROM new.status_text)) OR (old.status_emoji IS DISTINCT FROM new.status_emoji)) OR (old.status_until IS DISTINCT FROM new.status_until))) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch BEFORE UPDATE ON public.workspaces FOR EACH ROW WHEN ((((((((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description)) OR (old.retention_days IS DISTINCT FROM new.retention_days)) OR (old.show_emails IS DISTINCT FROM new.show_emails)) OR (old.link_previews IS DISTINCT FROM new.link_previews)) OR (old.public_publishing IS DISTINCT FROM new.public_publishing)) OR (old.icon_file_id IS DISTINCT FROM new.icon_file_id))) EXECUTE FUNCTION public.touch_updated_at();

CREATE TRIGGER p20_touch_read BEFORE UPDATE OF last_read_seq ON public.chat_members FOR EACH ROW WHEN (((old.last_read_seq <> new.last_read_seq) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION public.touch_read_at();

CREATE TRIGGER p20_unverify BEFORE UPDATE OF email ON public.users FOR EACH ROW WHEN (((lower(old.email) <> lower(new.email)) AND (NOT (old.email_verified_at IS DISTINCT FROM new.email_verified_at)))) EXECUTE FUNCTION public.forget_verification();

CREATE TRIGGER p20_version BEFORE UPDATE ON public.scim_groups FOR EACH ROW EXECUTE FUNCTION public.next_scim_version();

CREATE TRIGGER p20_version BEFORE UPDATE ON public.scim_users FOR EACH ROW EXECUTE FUNCTION public.next_scim_version();

CREATE TRIGGER p30_amount BEFORE INSERT ON public.organization_members FOR EACH ROW WHEN ((new.role = 'owner'::text)) EXECUTE FUNCTION public.refuse_many_organizations();

CREATE TRIGGER p30_amount_promoted BEFORE UPDATE ON public.organization_members FOR EACH ROW WHEN (((new.role = 'owner'::text) AND (old.role <> 'owner'::text))) EXECUTE FUNCTION public.refuse_many_organizations();

CREATE TRIGGER p30_append_only BEFORE DELETE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();

ALTER TABLE public.audit_log ENABLE ALWAYS TRIGGER p30_append_only;

CREATE TRIGGER p30_attached BEFORE INSERT ON public.file_uses FOR EACH ROW WHEN ((new.document_id IS NOT NULL)) EXECUTE FUNCTION public.check_attached();

CREATE TRIGGER p30_bot BEFORE INSERT OR UPDATE OF role ON public.chat_members FOR EACH ROW WHEN ((new.role = 'owner'::text)) EXECUTE FUNCTION public.bound_bot();

CREATE TRIGGER p30_bot BEFORE INSERT OR UPDATE OF role ON public.document_members FOR EACH ROW WHEN ((new.role = 'owner'::text)) EXECUTE FUNCTION public.bound_bot();

CREATE TRIGGER p30_bot BEFORE INSERT OR UPDATE OF role ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.bound_bot();

CREATE TRIGGER p30_break_glass_demote BEFORE UPDATE ON public.workspace_members FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.keep_break_glass_owner();

CREATE TRIGGER p30_break_glass_leave BEFORE DELETE ON public.workspace_members FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.keep_break_glass_owner();

CREATE TRIGGER p30_built_in BEFORE DELETE ON public.roles FOR EACH ROW WHEN ((old.organization_id IS NULL)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_check BEFORE INSERT ON public.announcements FOR EACH ROW EXECUTE FUNCTION public.check_announcement();

CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE OF owner_id, redirect_uris ON public.apps FOR EACH ROW EXECUTE FUNCTION public.check_app();

CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE OF owner_id ON public.bots FOR EACH ROW EXECUTE FUNCTION public.check_bot();

CREATE TRIGGER p30_check BEFORE INSERT ON public.commands FOR EACH ROW EXECUTE FUNCTION public.check_command();

CREATE TRIGGER p30_check BEFORE INSERT ON public.delegations FOR EACH ROW EXECUTE FUNCTION public.check_delegation();

CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON public.department_chats FOR EACH ROW EXECUTE FUNCTION public.check_department_chat();

CREATE TRIGGER p30_check BEFORE INSERT ON public.incoming_webhooks FOR EACH ROW EXECUTE FUNCTION public.check_incoming_webhook();

CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON public.required_providers FOR EACH ROW EXECUTE FUNCTION public.check_required_provider();

CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON public.role_bindings FOR EACH ROW EXECUTE FUNCTION public.check_role_binding();

CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON public.roles FOR EACH ROW WHEN ((new.organization_id IS NOT NULL)) EXECUTE FUNCTION public.check_role();

CREATE TRIGGER p30_check_deleted BEFORE DELETE ON public.roles FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.check_role();

CREATE TRIGGER p30_clerk BEFORE INSERT ON public.sessions FOR EACH ROW WHEN ((new.provider = 'clerk'::text)) EXECUTE FUNCTION public.clerk_session_is_open();

CREATE TRIGGER p30_consent BEFORE INSERT ON public.workspace_members FOR EACH ROW WHEN ((public.acting_user() <> new.user_id)) EXECUTE FUNCTION public.require_consent();

CREATE TRIGGER p30_delegate BEFORE INSERT ON public.messages FOR EACH ROW WHEN ((new.delegate_id IS NOT NULL)) EXECUTE FUNCTION public.check_delegate_of_message();

CREATE TRIGGER p30_delegate_anew BEFORE UPDATE OF type, content, metadata, files, deleted_at, delegate_id ON public.messages FOR EACH ROW WHEN (((old.delegate_id IS DISTINCT FROM new.delegate_id) AND (new.delegate_id IS NOT NULL))) EXECUTE FUNCTION public.check_delegate_of_message();

CREATE TRIGGER p30_empty BEFORE DELETE ON public.departments FOR EACH ROW EXECUTE FUNCTION public.refuse_full_department();

CREATE TRIGGER p30_files BEFORE INSERT ON public.messages FOR EACH ROW WHEN (((new.files IS NOT NULL) AND (NOT public.importing()))) EXECUTE FUNCTION public.refuse_foreign_files();

CREATE TRIGGER p30_files_anew BEFORE UPDATE OF files ON public.messages FOR EACH ROW WHEN (((new.files IS NOT NULL) AND (old.files IS DISTINCT FROM new.files) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION public.refuse_foreign_files();

CREATE TRIGGER p30_final BEFORE UPDATE ON public.delegations FOR EACH ROW WHEN (((((((((((((old.id IS DISTINCT FROM new.id) OR (old.principal_id IS DISTINCT FROM new.principal_id)) OR (old.delegate_id IS DISTINCT FROM new.delegate_id)) OR (old.permissions IS DISTINCT FROM new.permissions)) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id)) OR (old.document_id IS DISTINCT FROM new.document_id)) OR (old.starts_at IS DISTINCT FROM new.starts_at)) OR (old.ends_at IS DISTINCT FROM new.ends_at)) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR ((old.accepted_at IS NOT NULL) AND (old.accepted_at IS DISTINCT FROM new.accepted_at)) OR ((old.revoked_at IS NOT NULL) AND ((old.revoked_at IS DISTINCT FROM new.revoked_at) OR (old.accepted_at IS DISTINCT FROM new.accepted_at))))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final BEFORE UPDATE ON public.role_bindings FOR EACH ROW WHEN ((((((((((((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.role_id IS DISTINCT FROM new.role_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.group_id IS DISTINCT FROM new.group_id)) OR (old.department_id IS DISTINCT FROM new.department_id)) OR (old.with_below IS DISTINCT FROM new.with_below)) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.scope_department_id IS DISTINCT FROM new.scope_department_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id)) OR (old.document_id IS DISTINCT FROM new.document_id)) OR (old.source IS DISTINCT FROM new.source)) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_deletion BEFORE UPDATE ON public.users FOR EACH ROW WHEN (((old.deleted_at IS NOT NULL) AND (((((((((old.username IS DISTINCT FROM new.username) OR (old.email IS DISTINCT FROM new.email)) OR (old.email_verified_at IS DISTINCT FROM new.email_verified_at)) OR (old.fullname IS DISTINCT FROM new.fullname)) OR (old.avatar IS DISTINCT FROM new.avatar)) OR (old.status IS DISTINCT FROM new.status)) OR (old.password_hash IS DISTINCT FROM new.password_hash)) OR (old.status_text IS DISTINCT FROM new.status_text)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at)))) EXECUTE FUNCTION public.refuse_return();

CREATE TRIGGER p30_final_forward BEFORE UPDATE OF type, content, metadata, files, forwarded_from ON public.messages FOR EACH ROW WHEN (((old.forwarded_from IS NOT NULL) AND (new.deleted_at IS NULL) AND (((((old.type IS DISTINCT FROM new.type) OR (old.content IS DISTINCT FROM new.content)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.files IS DISTINCT FROM new.files)) OR (old.forwarded_from IS DISTINCT FROM new.forwarded_from)))) EXECUTE FUNCTION public.refuse_forward_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.announcement_recipients FOR EACH ROW WHEN ((((old.announcement_id IS DISTINCT FROM new.announcement_id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.organization_id IS DISTINCT FROM new.organization_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.announcements FOR EACH ROW WHEN ((((((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.acknowledgement_required IS DISTINCT FROM new.acknowledgement_required)) OR (old.department_ids IS DISTINCT FROM new.department_ids)) OR (old.group_ids IS DISTINCT FROM new.group_ids)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR ((old.withdrawn_at IS NOT NULL) AND (old.withdrawn_at IS DISTINCT FROM new.withdrawn_at)))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.appointments FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.apps FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.blobs FOR EACH ROW WHEN ((((old.workspace_id IS DISTINCT FROM new.workspace_id) OR (old.sha256 IS DISTINCT FROM new.sha256)) OR (old.size IS DISTINCT FROM new.size))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.bot_endpoints FOR EACH ROW WHEN ((old.bot_id <> new.bot_id)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.bots FOR EACH ROW WHEN (((old.user_id IS DISTINCT FROM new.user_id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.cases FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.hold_id IS DISTINCT FROM new.hold_id)) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.asked_by IS DISTINCT FROM new.asked_by)) OR (old.asked_at IS DISTINCT FROM new.asked_at))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.chat_bans FOR EACH ROW WHEN (((old.chat_id IS DISTINCT FROM new.chat_id) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE OF chat_id, user_id, workspace_id ON public.chat_members FOR EACH ROW WHEN ((((old.chat_id IS DISTINCT FROM new.chat_id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.workspace_id IS DISTINCT FROM new.workspace_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE OF id, workspace_id ON public.chats FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.commands FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.bot_id IS DISTINCT FROM new.bot_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.custom_emoji FOR EACH ROW WHEN ((((old.workspace_id IS DISTINCT FROM new.workspace_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.file_id IS DISTINCT FROM new.file_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.department_chats FOR EACH ROW WHEN ((old.chat_id <> new.chat_id)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.departments FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.dlp_rules FOR EACH ROW WHEN (((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.created_by IS DISTINCT FROM new.created_by)) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.document_members FOR EACH ROW WHEN (((((old.document_id IS DISTINCT FROM new.document_id) OR (old.kind IS DISTINCT FROM new.kind)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.workspace_id IS DISTINCT FROM new.workspace_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.document_thumbnails FOR EACH ROW WHEN ((old.document_id <> new.document_id)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.document_versions FOR EACH ROW WHEN (((((old.id IS DISTINCT FROM new.id) OR (old.document_id IS DISTINCT FROM new.document_id)) OR (old.seq IS DISTINCT FROM new.seq)) OR (old.state IS DISTINCT FROM new.state))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.documents FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.kind IS DISTINCT FROM new.kind)) OR (old.workspace_id IS DISTINCT FROM new.workspace_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.drafts FOR EACH ROW WHEN (((old.chat_id IS DISTINCT FROM new.chat_id) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.features FOR EACH ROW WHEN ((old.name <> new.name)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.file_uses FOR EACH ROW EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.files FOR EACH ROW WHEN (((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.sha256 IS DISTINCT FROM new.sha256)) OR (old.size IS DISTINCT FROM new.size))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.group_members FOR EACH ROW EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.groups FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.holds FOR EACH ROW WHEN (((((((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id)) OR (old.since IS DISTINCT FROM new.since)) OR (old.until IS DISTINCT FROM new.until)) OR (old.placed_by IS DISTINCT FROM new.placed_by)) OR (old.placed_at IS DISTINCT FROM new.placed_at))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.incoming_webhooks FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.bot_id IS DISTINCT FROM new.bot_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.invites FOR EACH ROW WHEN ((((((old.id IS DISTINCT FROM new.id) OR (old.chat_id IS DISTINCT FROM new.chat_id)) OR (old.document_id IS DISTINCT FROM new.document_id)) OR (old.token_hash IS DISTINCT FROM new.token_hash)) OR (old.created_by IS DISTINCT FROM new.created_by))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.link_previews FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.url_sha256 IS DISTINCT FROM new.url_sha256)) OR (old.size IS DISTINCT FROM new.size))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.message_pins FOR EACH ROW EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.message_reactions FOR EACH ROW EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE OF id, chat_id, seq, sender_id, reply_to, thread_id, thread_seq, created_at ON public.messages FOR EACH ROW WHEN (((((((((old.id IS DISTINCT FROM new.id) OR (old.chat_id IS DISTINCT FROM new.chat_id)) OR (old.seq IS DISTINCT FROM new.seq)) OR (old.sender_id IS DISTINCT FROM new.sender_id)) OR (old.reply_to IS DISTINCT FROM new.reply_to)) OR (old.thread_id IS DISTINCT FROM new.thread_id)) OR (old.thread_seq IS DISTINCT FROM new.thread_seq)) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.online_days FOR EACH ROW WHEN (((old.user_id IS DISTINCT FROM new.user_id) OR (old.day IS DISTINCT FROM new.day))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.operators FOR EACH ROW WHEN ((old.user_id <> new.user_id)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.organization_features FOR EACH ROW WHEN (((old.organization_id IS DISTINCT FROM new.organization_id) OR (old.name IS DISTINCT FROM new.name))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.organization_members FOR EACH ROW WHEN (((old.organization_id IS DISTINCT FROM new.organization_id) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.organizations FOR EACH ROW WHEN ((old.id <> new.id)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.page_comments FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR (old.page_id IS DISTINCT FROM new.page_id)) OR (old.component_id IS DISTINCT FROM new.component_id)) OR (old.version IS DISTINCT FROM new.version)) OR (old.reply_to IS DISTINCT FROM new.reply_to)) OR (new.author_id <> old.author_id) OR ((old.author_id IS NULL) AND (new.author_id IS NOT NULL)))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.page_ops FOR EACH ROW WHEN (((((((((((old.page_id IS DISTINCT FROM new.page_id) OR (old.version IS DISTINCT FROM new.version)) OR (old.op_id IS DISTINCT FROM new.op_id)) OR (old.patch IS DISTINCT FROM new.patch)) OR (old.digest IS DISTINCT FROM new.digest)) OR (old.base IS DISTINCT FROM new.base)) OR (old.client_id IS DISTINCT FROM new.client_id)) OR (old.origin IS DISTINCT FROM new.origin)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR (old.inverse <> new.inverse) OR (old.effects <> new.effects))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.page_publications FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.page_id IS DISTINCT FROM new.page_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.page_refusals FOR EACH ROW WHEN (((((((old.page_id IS DISTINCT FROM new.page_id) OR (old.op_id IS DISTINCT FROM new.op_id)) OR (old.digest IS DISTINCT FROM new.digest)) OR (old.code IS DISTINCT FROM new.code)) OR (old.refused_at IS DISTINCT FROM new.refused_at)) OR (new.user_id <> old.user_id) OR ((old.user_id IS NULL) AND (new.user_id IS NOT NULL)))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.pages FOR EACH ROW WHEN ((old.page_id <> new.page_id)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.person_deletions FOR EACH ROW WHEN (((old.user_id IS DISTINCT FROM new.user_id) OR (old.begun_at IS DISTINCT FROM new.begun_at))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.positions FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.previews FOR EACH ROW WHEN (((((old.workspace_id IS DISTINCT FROM new.workspace_id) OR (old.sha256 IS DISTINCT FROM new.sha256)) OR (old.name IS DISTINCT FROM new.name)) OR (old.size IS DISTINCT FROM new.size))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.reports FOR EACH ROW WHEN ((((((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id)) OR (old.message_id IS DISTINCT FROM new.message_id)) OR (old.reporter_id IS DISTINCT FROM new.reporter_id)) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.comment IS DISTINCT FROM new.comment))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.roles FOR EACH ROW WHEN (((old.organization_id IS NULL) OR ((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.subscriptions FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.bot_id IS DISTINCT FROM new.bot_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.thread_drafts FOR EACH ROW WHEN ((((old.thread_id IS DISTINCT FROM new.thread_id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.thread_followers FOR EACH ROW WHEN ((((old.thread_id IS DISTINCT FROM new.thread_id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.chat_id IS DISTINCT FROM new.chat_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.uploads FOR EACH ROW WHEN (((((old.id IS DISTINCT FROM new.id) OR (old.workspace_id IS DISTINCT FROM new.workspace_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.size IS DISTINCT FROM new.size))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.visibility_rules FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.department_id IS DISTINCT FROM new.department_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.workspace_invitations FOR EACH ROW EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON public.workspace_members FOR EACH ROW WHEN (((old.workspace_id IS DISTINCT FROM new.workspace_id) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_kind BEFORE UPDATE ON public.users FOR EACH ROW WHEN ((old.kind <> new.kind)) EXECUTE FUNCTION public.refuse_key_change();

CREATE TRIGGER p30_final_release BEFORE UPDATE ON public.holds FOR EACH ROW WHEN (((old.released_at IS NOT NULL) AND (((old.released_at IS DISTINCT FROM new.released_at) OR (old.released_by IS DISTINCT FROM new.released_by)) OR (old.release_reason IS DISTINCT FROM new.release_reason)))) EXECUTE FUNCTION public.refuse_unrelease();

CREATE TRIGGER p30_final_schema BEFORE UPDATE OF schema ON public.pages FOR EACH ROW WHEN ((old.schema <> new.schema)) EXECUTE FUNCTION public.keep_page_schema();

CREATE TRIGGER p30_final_tombstone BEFORE UPDATE OF type, content, metadata, files, forwarded_from, deleted_at, deleted_by ON public.messages FOR EACH ROW WHEN (((old.deleted_at IS NOT NULL) AND (((((((old.type IS DISTINCT FROM new.type) OR (old.content IS DISTINCT FROM new.content)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.files IS DISTINCT FROM new.files)) OR (old.forwarded_from IS DISTINCT FROM new.forwarded_from)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at)) OR (old.deleted_by IS DISTINCT FROM new.deleted_by)))) EXECUTE FUNCTION public.refuse_resurrection();

CREATE TRIGGER p30_guest BEFORE INSERT OR UPDATE OF role ON public.chat_members FOR EACH ROW EXECUTE FUNCTION public.bound_guest();

CREATE TRIGGER p30_held BEFORE DELETE ON public.files FOR EACH ROW EXECUTE FUNCTION public.refuse_held_file();

CREATE TRIGGER p30_held BEFORE DELETE ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.refuse_held_workspace();

CREATE TRIGGER p30_icon BEFORE UPDATE OF icon_file_id ON public.workspaces FOR EACH ROW WHEN (((new.icon_file_id IS NOT NULL) AND (old.icon_file_id IS DISTINCT FROM new.icon_file_id))) EXECUTE FUNCTION public.check_icon();

CREATE TRIGGER p30_in_force BEFORE DELETE ON public.holds FOR EACH ROW WHEN ((old.let_go_at IS NULL)) EXECUTE FUNCTION public.refuse_hold_deletion();

CREATE TRIGGER p30_keep BEFORE DELETE ON public.events FOR EACH ROW EXECUTE FUNCTION public.keep_the_log();

CREATE TRIGGER p30_keep BEFORE DELETE OR TRUNCATE ON public.log_state FOR EACH STATEMENT EXECUTE FUNCTION public.keep_the_log();

CREATE TRIGGER p30_keep_all BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.keep_the_log();

CREATE TRIGGER p30_known BEFORE INSERT ON public.organization_members FOR EACH ROW WHEN ((public.acting_user() <> new.user_id)) EXECUTE FUNCTION public.require_acquaintance();

CREATE TRIGGER p30_let_go BEFORE UPDATE ON public.holds FOR EACH ROW WHEN ((old.let_go_at IS DISTINCT FROM new.let_go_at)) EXECUTE FUNCTION public.check_letting_go();

CREATE TRIGGER p30_narrow BEFORE INSERT OR UPDATE ON public.organization_features FOR EACH ROW WHEN ((new.enabled AND (public.acting_user() IS NOT NULL) AND (NOT public.feature_enabled(new.name)))) EXECUTE FUNCTION public.refuse_feature();

CREATE TRIGGER p30_needed BEFORE DELETE ON public.page_ops FOR EACH ROW EXECUTE FUNCTION public.keep_page_op();

CREATE TRIGGER p30_new_icon BEFORE INSERT ON public.workspaces FOR EACH ROW WHEN ((new.icon_file_id IS NOT NULL)) EXECUTE FUNCTION public.check_icon();

CREATE TRIGGER p30_new_time_zone BEFORE INSERT ON public.users FOR EACH ROW WHEN ((new.time_zone <> 'UTC'::text)) EXECUTE FUNCTION public.refuse_unknown_zone();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.announcement_recipients FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.announcements FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.appointments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.apps FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.blob_deletions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.blobs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.boot_limit FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.bot_endpoints FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.bots FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.cases FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.chat_bans FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.chat_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.chats FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.clerk_objects FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.commands FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.custom_emoji FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.delegations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.deliveries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.delivery_attempts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.delivery_nodes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.delivery_shards FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.department_chats FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.department_tree FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.departments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.dlp_rules FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.dlp_screens FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.document_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.document_thumbnails FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.document_versions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.documents FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.drafts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.features FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.file_looks FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.file_uses FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.files FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.group_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.groups FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.held_chats FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.held_content FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.held_files FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.held_messages FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.hold_changes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.holds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.identities FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.incoming_webhooks FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.invites FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.link_lookups FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.link_previews FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.link_state FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.link_uses FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.membership_grants FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.message_pins FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.message_reactions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.messages FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.online_days FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.operators FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.organization_features FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.organization_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.organizations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.page_comments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.page_ops FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.page_publications FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.page_refusals FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.page_snapshots FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.pages FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.passkeys FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.person_deletions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.positions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.previews FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.recovery_codes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.reports FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.required_providers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.required_second_factors FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.role_bindings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.roles FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.scim_groups FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.scim_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.scim_users FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.sinks FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.subscription_secrets FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.subscriptions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.suspensions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.thread_drafts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.thread_followers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.totp_factors FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.uploads FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.visibility_rules FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.workspace_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON public.workspaces FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER p30_picture BEFORE INSERT ON public.custom_emoji FOR EACH ROW EXECUTE FUNCTION public.check_emoji();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.chats FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.departments FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.document_versions FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.documents FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.files FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.positions FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name, description ON public.roles FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name', 'description');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF fullname, status_text, status_emoji ON public.users FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('fullname', 'status_text', 'status_emoji');

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('name');

CREATE TRIGGER p30_plain_title BEFORE INSERT OR UPDATE OF title ON public.announcements FOR EACH ROW EXECUTE FUNCTION public.refuse_invisible('title');

CREATE TRIGGER p30_redacted BEFORE UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_audit_edit();

ALTER TABLE public.audit_log ENABLE ALWAYS TRIGGER p30_redacted;

CREATE TRIGGER p30_reserved_name BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION public.refuse_reserved_username();

CREATE TRIGGER p30_reserved_rename BEFORE UPDATE OF username ON public.users FOR EACH ROW WHEN ((new.username <> old.username)) EXECUTE FUNCTION public.refuse_reserved_username();

CREATE TRIGGER p30_stays BEFORE DELETE OR UPDATE ON public.held_content FOR EACH ROW EXECUTE FUNCTION public.refuse_loss_of_held();

CREATE TRIGGER p30_stays BEFORE DELETE ON public.hold_changes FOR EACH ROW EXECUTE FUNCTION public.refuse_hold_changes_loss();

CREATE TRIGGER p30_take_back BEFORE DELETE ON public.message_reactions FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.check_reaction_removal();

CREATE TRIGGER p30_time_zone BEFORE UPDATE OF time_zone ON public.users FOR EACH ROW WHEN ((old.time_zone <> new.time_zone)) EXECUTE FUNCTION public.refuse_unknown_zone();

CREATE TRIGGER p30_unpin BEFORE DELETE ON public.message_pins FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.check_unpin();

CREATE TRIGGER p40_end BEFORE DELETE ON public.apps FOR EACH ROW EXECUTE FUNCTION public.end_apps_sessions();

CREATE TRIGGER p40_forget_refused_bytes BEFORE UPDATE ON public.files FOR EACH ROW WHEN ((new.state = 'refused'::text)) EXECUTE FUNCTION public.forget_refused_bytes();

CREATE TRIGGER p40_leave_announcements BEFORE DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.leave_announcements();

CREATE TRIGGER p40_leave_chats BEFORE DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.leave_chats_as_guest();

CREATE TRIGGER p40_pass_on_chats BEFORE DELETE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.pass_on_places('chat', 'admin', 'type = ''Single''');

CREATE TRIGGER p40_pass_on_documents BEFORE DELETE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.pass_on_places('document', 'editor');

CREATE TRIGGER p40_release_storage BEFORE DELETE ON public.documents FOR EACH ROW EXECUTE FUNCTION public.release_document();

CREATE TRIGGER p40_remove BEFORE INSERT OR UPDATE ON public.chat_bans FOR EACH ROW EXECUTE FUNCTION public.remove_banned();

CREATE TRIGGER p40_sign_out BEFORE DELETE ON public.identities FOR EACH ROW EXECUTE FUNCTION public.end_sessions_of_identity();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.announcements FOR EACH ROW EXECUTE FUNCTION public.audit_announcements();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.appointments FOR EACH ROW EXECUTE FUNCTION public.audit_directory('appointment');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.apps FOR EACH ROW EXECUTE FUNCTION public.audit_apps();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.bot_endpoints FOR EACH ROW EXECUTE FUNCTION public.audit_bot_endpoints();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.bots FOR EACH ROW EXECUTE FUNCTION public.audit_bots();

CREATE TRIGGER p50_audit AFTER INSERT ON public.cases FOR EACH ROW EXECUTE FUNCTION public.audit_cases();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.chat_bans FOR EACH ROW EXECUTE FUNCTION public.audit_chat_bans();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.chats FOR EACH ROW EXECUTE FUNCTION public.audit_chats();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.commands FOR EACH ROW EXECUTE FUNCTION public.audit_commands();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.custom_emoji FOR EACH ROW EXECUTE FUNCTION public.audit_emoji();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.delegations FOR EACH ROW EXECUTE FUNCTION public.audit_delegations();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.department_chats FOR EACH ROW EXECUTE FUNCTION public.audit_department_chats();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.departments FOR EACH ROW EXECUTE FUNCTION public.audit_directory('department');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.dlp_rules FOR EACH ROW EXECUTE FUNCTION public.audit_dlp_rules();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.document_versions FOR EACH ROW EXECUTE FUNCTION public.audit_document_versions();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.documents FOR EACH ROW EXECUTE FUNCTION public.audit_documents();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.features FOR EACH ROW EXECUTE FUNCTION public.audit_features();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.group_members FOR EACH ROW EXECUTE FUNCTION public.audit_directory('group_member');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.groups FOR EACH ROW EXECUTE FUNCTION public.audit_directory('group');

CREATE TRIGGER p50_audit AFTER INSERT ON public.holds FOR EACH ROW EXECUTE FUNCTION public.audit_holds();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.identities FOR EACH ROW EXECUTE FUNCTION public.audit_identities();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.incoming_webhooks FOR EACH ROW EXECUTE FUNCTION public.audit_incoming_webhooks();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE OF role, expires_at, max_uses ON public.invites FOR EACH ROW EXECUTE FUNCTION public.audit_invites();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.membership_grants FOR EACH ROW EXECUTE FUNCTION public.audit_membership_grants();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.operators FOR EACH ROW EXECUTE FUNCTION public.audit_operators();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.organization_features FOR EACH ROW EXECUTE FUNCTION public.audit_organization_features();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.audit_directory('organization_member');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.audit_organizations();

CREATE TRIGGER p50_audit AFTER DELETE ON public.page_comments FOR EACH ROW EXECUTE FUNCTION public.audit_page_comments();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE OF audience, slug, version ON public.page_publications FOR EACH ROW EXECUTE FUNCTION public.audit_page_publications();

CREATE TRIGGER p50_audit AFTER INSERT ON public.password_resets FOR EACH ROW EXECUTE FUNCTION public.audit_password_resets();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.positions FOR EACH ROW EXECUTE FUNCTION public.audit_directory('position');

CREATE TRIGGER p50_audit AFTER UPDATE OF status, note ON public.reports FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) OR (old.note IS DISTINCT FROM new.note))) EXECUTE FUNCTION public.audit_reports();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.required_providers FOR EACH ROW EXECUTE FUNCTION public.audit_required_providers();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.required_second_factors FOR EACH ROW EXECUTE FUNCTION public.audit_required_second_factors();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.role_bindings FOR EACH ROW EXECUTE FUNCTION public.audit_role_bindings();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.roles FOR EACH ROW EXECUTE FUNCTION public.audit_directory('role');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.scim_users FOR EACH ROW EXECUTE FUNCTION public.audit_scim_users();

CREATE TRIGGER p50_audit AFTER UPDATE OF revoked_reason ON public.sessions FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_reason = ANY (ARRAY['operator'::text, 'logout_all'::text, 'ended'::text, 'provider'::text, 'claimed'::text, 'token_reused'::text])))) EXECUTE FUNCTION public.audit_sessions();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION public.audit_subscriptions();

CREATE TRIGGER p50_audit AFTER DELETE OR UPDATE OF status, password_hash ON public.users FOR EACH ROW EXECUTE FUNCTION public.audit_users();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE ON public.visibility_rules FOR EACH ROW EXECUTE FUNCTION public.audit_directory('visibility_rule');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.workspace_invitations FOR EACH ROW EXECUTE FUNCTION public.audit_workspace_invitations();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.audit_members('workspace');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.audit_workspaces();

CREATE TRIGGER p50_audit_accounts AFTER UPDATE OF keeps_accounts ON public.organizations FOR EACH ROW WHEN ((old.keeps_accounts <> new.keeps_accounts)) EXECUTE FUNCTION public.audit_kept_accounts();

CREATE TRIGGER p50_audit_added AFTER INSERT ON public.chat_members FOR EACH ROW WHEN (((public.acting_user() IS DISTINCT FROM new.user_id) AND (NOT public.importing()))) EXECUTE FUNCTION public.audit_members('chat', 'type <> ''Single''');

CREATE TRIGGER p50_audit_added AFTER INSERT ON public.document_members FOR EACH ROW WHEN ((public.acting_user() IS DISTINCT FROM new.user_id)) EXECUTE FUNCTION public.audit_members('document');

CREATE TRIGGER p50_audit_added AFTER INSERT ON public.passkeys FOR EACH ROW EXECUTE FUNCTION public.audit_second_factors('second_factor_added', 'passkey');

CREATE TRIGGER p50_audit_app AFTER INSERT ON public.sessions FOR EACH ROW WHEN ((new.app_id IS NOT NULL)) EXECUTE FUNCTION public.audit_connections();

CREATE TRIGGER p50_audit_began AFTER INSERT ON public.sessions FOR EACH ROW WHEN ((new.device_hash IS NOT NULL)) EXECUTE FUNCTION public.audit_sign_ins();

CREATE TRIGGER p50_audit_buried AFTER UPDATE OF deleted_at ON public.messages FOR EACH ROW WHEN (((public.acting_user() IS DISTINCT FROM old.sender_id) AND (old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION public.audit_messages();

CREATE TRIGGER p50_audit_cases AFTER UPDATE OF may_export_cases ON public.workspaces FOR EACH ROW WHEN ((old.may_export_cases <> new.may_export_cases)) EXECUTE FUNCTION public.audit_workspace_cases();

CREATE TRIGGER p50_audit_change AFTER UPDATE OF name, address, kinds, chat_ids, disabled_because ON public.subscriptions FOR EACH ROW WHEN ((((((old.name IS DISTINCT FROM new.name) OR (old.address IS DISTINCT FROM new.address)) OR (old.kinds IS DISTINCT FROM new.kinds)) OR (old.chat_ids IS DISTINCT FROM new.chat_ids)) OR (old.disabled_because IS DISTINCT FROM new.disabled_because))) EXECUTE FUNCTION public.audit_subscriptions();

CREATE TRIGGER p50_audit_changed AFTER UPDATE ON public.announcements FOR EACH ROW WHEN ((((old.title IS DISTINCT FROM new.title) OR (old.content IS DISTINCT FROM new.content)) OR (old.withdrawn_at IS DISTINCT FROM new.withdrawn_at))) EXECUTE FUNCTION public.audit_announcements();

CREATE TRIGGER p50_audit_changed AFTER UPDATE ON public.delegations FOR EACH ROW WHEN (((old.accepted_at IS DISTINCT FROM new.accepted_at) OR (old.revoked_at IS DISTINCT FROM new.revoked_at))) EXECUTE FUNCTION public.audit_delegations();

CREATE TRIGGER p50_audit_confirmed AFTER UPDATE OF confirmed_at ON public.totp_factors FOR EACH ROW WHEN (((old.confirmed_at IS NULL) AND (new.confirmed_at IS NOT NULL))) EXECUTE FUNCTION public.audit_second_factors('second_factor_added', 'totp');

CREATE TRIGGER p50_audit_decided AFTER UPDATE ON public.cases FOR EACH ROW WHEN (((old.approved IS DISTINCT FROM new.approved) OR (old.exported_at IS DISTINCT FROM new.exported_at))) EXECUTE FUNCTION public.audit_cases();

CREATE TRIGGER p50_audit_deleted AFTER DELETE ON public.messages FOR EACH ROW WHEN ((public.acting_user() IS DISTINCT FROM old.sender_id)) EXECUTE FUNCTION public.audit_messages();

CREATE TRIGGER p50_audit_deleted AFTER DELETE ON public.sessions FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (old.expires_at > now()))) EXECUTE FUNCTION public.audit_sessions();

CREATE TRIGGER p50_audit_demands AFTER UPDATE OF may_demand ON public.workspaces FOR EACH ROW WHEN ((old.may_demand <> new.may_demand)) EXECUTE FUNCTION public.audit_workspace_demands();

CREATE TRIGGER p50_audit_edited AFTER UPDATE OF content ON public.messages FOR EACH ROW WHEN (((public.acting_user() IS DISTINCT FROM old.sender_id) AND (old.content <> new.content))) EXECUTE FUNCTION public.audit_messages();

CREATE TRIGGER p50_audit_name AFTER UPDATE OF name ON public.organizations FOR EACH ROW WHEN ((old.name <> new.name)) EXECUTE FUNCTION public.audit_organizations();

CREATE TRIGGER p50_audit_organization AFTER UPDATE OF organization_id ON public.workspaces FOR EACH ROW WHEN ((old.organization_id IS DISTINCT FROM new.organization_id)) EXECUTE FUNCTION public.audit_workspace_organization();

CREATE TRIGGER p50_audit_released AFTER UPDATE ON public.holds FOR EACH ROW WHEN (((old.released_at IS NULL) AND (new.released_at IS NOT NULL))) EXECUTE FUNCTION public.audit_holds();

CREATE TRIGGER p50_audit_removed AFTER DELETE ON public.chat_members FOR EACH ROW WHEN ((public.acting_user() IS DISTINCT FROM old.user_id)) EXECUTE FUNCTION public.audit_members('chat', 'type <> ''Single''');

CREATE TRIGGER p50_audit_removed AFTER DELETE ON public.document_members FOR EACH ROW WHEN ((public.acting_user() IS DISTINCT FROM old.user_id)) EXECUTE FUNCTION public.audit_members('document');

CREATE TRIGGER p50_audit_removed AFTER DELETE ON public.passkeys FOR EACH ROW EXECUTE FUNCTION public.audit_second_factors('second_factor_removed', 'passkey');

CREATE TRIGGER p50_audit_removed AFTER DELETE ON public.totp_factors FOR EACH ROW WHEN ((old.confirmed_at IS NOT NULL)) EXECUTE FUNCTION public.audit_second_factors('second_factor_removed', 'totp');

CREATE TRIGGER p50_audit_renewed AFTER UPDATE OF made_at ON public.recovery_codes FOR EACH ROW EXECUTE FUNCTION public.audit_second_factors('recovery_codes_renewed', 'recovery_code');

CREATE TRIGGER p50_audit_retention AFTER UPDATE OF retention_days, first_seq ON public.chats FOR EACH ROW WHEN (((old.retention_days IS DISTINCT FROM new.retention_days) OR (old.first_seq IS DISTINCT FROM new.first_seq))) EXECUTE FUNCTION public.audit_chat_retention();

CREATE TRIGGER p50_audit_retention AFTER UPDATE OF retention_days ON public.workspaces FOR EACH ROW WHEN ((old.retention_days IS DISTINCT FROM new.retention_days)) EXECUTE FUNCTION public.audit_workspace_retention();

CREATE TRIGGER p50_audit_role AFTER UPDATE OF role ON public.chat_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.audit_members('chat', 'type <> ''Single''');

CREATE TRIGGER p50_audit_role AFTER UPDATE OF role ON public.document_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.audit_members('document');

CREATE TRIGGER p50_audit_role AFTER UPDATE OF role ON public.workspace_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.audit_members('workspace');

CREATE TRIGGER p50_audit_silence AFTER UPDATE OF silenced_until ON public.chat_members FOR EACH ROW WHEN ((old.silenced_until IS DISTINCT FROM new.silenced_until)) EXECUTE FUNCTION public.audit_silences();

CREATE TRIGGER p50_audit_state AFTER UPDATE OF archived_at, password_hash ON public.chats FOR EACH ROW EXECUTE FUNCTION public.audit_chat_state();

CREATE TRIGGER p50_audit_state AFTER UPDATE OF deleted_at ON public.documents FOR EACH ROW WHEN (((old.deleted_at IS NULL) <> (new.deleted_at IS NULL))) EXECUTE FUNCTION public.audit_document_state();

CREATE TRIGGER p50_audit_token AFTER INSERT ON public.sessions FOR EACH ROW WHEN ((new.token_hash IS NOT NULL)) EXECUTE FUNCTION public.audit_tokens();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF type, name, description ON public.chats FOR EACH ROW WHEN ((((old.type IS DISTINCT FROM new.type) OR (old.name IS DISTINCT FROM new.name)) OR (old.description IS DISTINCT FROM new.description))) EXECUTE FUNCTION public.audit_chats();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF name ON public.document_versions FOR EACH ROW WHEN ((old.name <> new.name)) EXECUTE FUNCTION public.audit_document_versions();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF name ON public.documents FOR EACH ROW WHEN ((old.name <> new.name)) EXECUTE FUNCTION public.audit_documents();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF name, description, show_emails, link_previews, public_publishing ON public.workspaces FOR EACH ROW WHEN ((((((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description)) OR (old.show_emails IS DISTINCT FROM new.show_emails)) OR (old.link_previews IS DISTINCT FROM new.link_previews)) OR (old.public_publishing IS DISTINCT FROM new.public_publishing))) EXECUTE FUNCTION public.audit_workspaces();

CREATE TRIGGER p50_audit_used AFTER UPDATE OF hashes ON public.recovery_codes FOR EACH ROW WHEN (((cardinality(new.hashes) < cardinality(old.hashes)) AND (old.made_at = new.made_at))) EXECUTE FUNCTION public.audit_second_factors('recovery_code_used', 'recovery_code');

CREATE TRIGGER p50_first_mail AFTER INSERT ON public.notification_settings FOR EACH ROW WHEN ((new.email <> 'at_once'::text)) EXECUTE FUNCTION public.mail_as_chosen();

CREATE TRIGGER p50_mail AFTER UPDATE OF email ON public.notification_settings FOR EACH ROW WHEN ((old.email <> new.email)) EXECUTE FUNCTION public.mail_as_chosen();

CREATE TRIGGER p50_tell AFTER INSERT OR DELETE OR UPDATE ON public.boot_limit FOR EACH ROW EXECUTE FUNCTION public.tell_boot_limit();

CREATE TRIGGER p55_gather AFTER INSERT ON public.announcement_recipients REFERENCING NEW TABLE AS addressed FOR EACH STATEMENT EXECUTE FUNCTION public.log_announcement_recipients();

CREATE TRIGGER p55_gather AFTER UPDATE ON public.announcements FOR EACH ROW WHEN (((((old.title IS DISTINCT FROM new.title) OR (old.content IS DISTINCT FROM new.content)) OR (old.author_id IS DISTINCT FROM new.author_id)) OR (old.withdrawn_at IS DISTINCT FROM new.withdrawn_at))) EXECUTE FUNCTION public.log_announcements();

CREATE TRIGGER p55_gather AFTER INSERT ON public.messages REFERENCING NEW TABLE AS placed FOR EACH STATEMENT WHEN (((NOT public.gathered()) AND (NOT public.importing()))) EXECUTE FUNCTION public.log_new_messages();

CREATE TRIGGER p55_gather_changed AFTER UPDATE ON public.announcement_recipients REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.log_acknowledgements();

CREATE TRIGGER p55_gather_lost AFTER DELETE ON public.announcement_recipients REFERENCING OLD TABLE AS lost FOR EACH STATEMENT EXECUTE FUNCTION public.log_lost_recipients();

CREATE TRIGGER p60_address AFTER INSERT ON public.announcements FOR EACH ROW EXECUTE FUNCTION public.address_announcement();

CREATE TRIGGER p60_amount AFTER INSERT ON public.departments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many('10000');

CREATE TRIGGER p60_amount AFTER INSERT ON public.groups REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many('1000');

CREATE TRIGGER p60_amount AFTER INSERT ON public.positions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many('1000');

CREATE TRIGGER p60_amount AFTER INSERT ON public.role_bindings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many('10000');

CREATE TRIGGER p60_amount AFTER INSERT ON public.roles REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many('500');

CREATE TRIGGER p60_amount AFTER INSERT ON public.thread_drafts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many_thread_drafts();

CREATE TRIGGER p60_amount_of_one AFTER INSERT ON public.role_bindings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_many_of_one();

CREATE TRIGGER p60_count AFTER INSERT ON public.messages REFERENCING NEW TABLE AS placed FOR EACH STATEMENT WHEN ((NOT public.importing())) EXECUTE FUNCTION public.count_messages();

CREATE TRIGGER p60_count AFTER INSERT ON public.page_ops REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.count_page_ops();

CREATE TRIGGER p60_count_added AFTER INSERT ON public.chat_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_members('chat');

CREATE TRIGGER p60_count_added AFTER INSERT ON public.document_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_members('document');

CREATE TRIGGER p60_count_added AFTER INSERT ON public.message_reactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN ((NOT public.importing())) EXECUTE FUNCTION public.count_reactions();

CREATE TRIGGER p60_count_finished AFTER UPDATE ON public.uploads FOR EACH ROW WHEN (((old.finished_at IS NULL) AND (new.finished_at IS NOT NULL))) EXECUTE FUNCTION public.count_upload();

CREATE TRIGGER p60_count_inverse AFTER UPDATE OF inverse ON public.page_ops FOR EACH ROW WHEN (((old.inverse IS NULL) AND (new.inverse IS NOT NULL))) EXECUTE FUNCTION public.count_page_op_inverse();

CREATE TRIGGER p60_count_refused AFTER UPDATE ON public.files FOR EACH ROW WHEN (((old.sha256 IS NOT NULL) AND (new.sha256 IS NULL))) EXECUTE FUNCTION public.count_file();

CREATE TRIGGER p60_count_removed AFTER DELETE ON public.chat_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_members('chat');

CREATE TRIGGER p60_count_removed AFTER DELETE ON public.document_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_members('document');

CREATE TRIGGER p60_count_removed AFTER DELETE ON public.message_reactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_reactions();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE ON public.board_snapshots FOR EACH ROW EXECUTE FUNCTION public.count_snapshot();

CREATE TRIGGER p60_count_storage AFTER DELETE ON public.board_updates REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_expired_updates();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF data ON public.document_thumbnails FOR EACH ROW EXECUTE FUNCTION public.count_thumbnail();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE ON public.document_versions FOR EACH ROW EXECUTE FUNCTION public.count_version();

CREATE TRIGGER p60_count_storage AFTER INSERT ON public.documents FOR EACH ROW EXECUTE FUNCTION public.count_new_document();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF uploader_id ON public.files FOR EACH ROW EXECUTE FUNCTION public.count_file();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF content ON public.page_comments FOR EACH ROW EXECUTE FUNCTION public.count_page_comment();

CREATE TRIGGER p60_count_storage AFTER DELETE ON public.page_ops REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_expired_page_ops();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF content ON public.page_publications FOR EACH ROW EXECUTE FUNCTION public.count_page_publication();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF content ON public.page_snapshots FOR EACH ROW EXECUTE FUNCTION public.count_page_snapshot();

CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE ON public.uploads FOR EACH ROW EXECUTE FUNCTION public.count_upload();

CREATE TRIGGER p60_move_storage AFTER UPDATE OF created_by ON public.document_versions FOR EACH ROW WHEN ((old.created_by IS DISTINCT FROM new.created_by)) EXECUTE FUNCTION public.count_version();

CREATE TRIGGER p60_move_storage AFTER UPDATE OF created_by ON public.documents FOR EACH ROW WHEN ((old.created_by IS DISTINCT FROM new.created_by)) EXECUTE FUNCTION public.move_document_storage();

CREATE TRIGGER p60_tree AFTER INSERT ON public.departments REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.grow_tree();

CREATE TRIGGER p60_tree_moved AFTER UPDATE ON public.departments REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.move_tree();

CREATE TRIGGER p70_admit AFTER INSERT ON public.chat_members REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.admit_chat_members();

CREATE TRIGGER p70_admit AFTER INSERT ON public.document_members REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.admit_document_members();

CREATE TRIGGER p70_held AFTER INSERT ON public.appointments FOR EACH ROW WHEN ((public.acting_user() IS NOT NULL)) EXECUTE FUNCTION public.require_department_held();

CREATE TRIGGER p70_held AFTER INSERT OR UPDATE ON public.department_chats FOR EACH ROW EXECUTE FUNCTION public.require_reached_held();

CREATE TRIGGER p70_held AFTER INSERT ON public.group_members FOR EACH ROW WHEN ((public.acting_user() IS NOT NULL)) EXECUTE FUNCTION public.require_group_held();

CREATE TRIGGER p70_held AFTER UPDATE OF kind ON public.organization_members FOR EACH ROW WHEN (((public.acting_user() IS NOT NULL) AND (new.kind = 'member'::text) AND (old.kind <> 'member'::text))) EXECUTE FUNCTION public.require_member_held();

CREATE TRIGGER p70_held AFTER UPDATE ON public.roles FOR EACH ROW WHEN ((old.permissions <> new.permissions)) EXECUTE FUNCTION public.widen_role();

CREATE TRIGGER p70_held_changed AFTER UPDATE ON public.appointments FOR EACH ROW WHEN (((public.acting_user() IS NOT NULL) AND (((old.department_id IS DISTINCT FROM new.department_id) OR (old.starts_at IS DISTINCT FROM new.starts_at)) OR (old.ends_at IS DISTINCT FROM new.ends_at)))) EXECUTE FUNCTION public.require_department_held();

CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON public.chats DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.keeps_owner('chat');

CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON public.documents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.keeps_owner('document');

CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON public.organizations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.keeps_owner('organization');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE OF role ON public.chat_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.keeps_owner('chat');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON public.document_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.keeps_owner('document');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON public.organization_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.keeps_owner('organization');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON public.workspace_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (new.role <> 'owner'::text))) EXECUTE FUNCTION public.keeps_owner('workspace');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON public.chat_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.keeps_owner('chat');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON public.document_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.keeps_owner('document');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON public.organization_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.keeps_owner('organization');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON public.workspace_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION public.keeps_owner('workspace');

CREATE CONSTRAINT TRIGGER p80_single_chat AFTER INSERT OR UPDATE OF member_count, type ON public.chats DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.type = 'Single'::text)) EXECUTE FUNCTION public.check_single_chat();

CREATE CONSTRAINT TRIGGER p90_batch AFTER INSERT ON public.log_pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.opens_batch) EXECUTE FUNCTION public.log_batch();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.appointments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_directory();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON public.board_quarantine DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_board_quarantine();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.chat_bans DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_chat_bans();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.chat_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_chat_members();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE OF type, name, description, password_hash, archived_at, retention_days, first_seq ON public.chats DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((((((old.type IS DISTINCT FROM new.type) OR (old.name IS DISTINCT FROM new.name)) OR (old.description IS DISTINCT FROM new.description)) OR ((old.password_hash IS NULL) IS DISTINCT FROM (new.password_hash IS NULL))) OR (old.archived_at IS DISTINCT FROM new.archived_at)) OR (old.retention_days IS DISTINCT FROM new.retention_days)) OR (old.first_seq IS DISTINCT FROM new.first_seq))) EXECUTE FUNCTION public.log_chats();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.custom_emoji DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_emoji();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON public.delegations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_delegations();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.departments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_directory();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.document_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_document_members();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.document_thumbnails DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_document_thumbnails();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.document_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_document_versions();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.documents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((old.name IS DISTINCT FROM new.name) OR (old.created_by IS DISTINCT FROM new.created_by)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_documents();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.drafts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_drafts();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.features DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_features();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON public.file_uses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.document_id IS NOT NULL)) EXECUTE FUNCTION public.log_file_uses();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.files DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.state <> new.state)) EXECUTE FUNCTION public.log_files();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.group_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_directory();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.groups DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_directory();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.invites DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_invites();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.message_pins DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((NOT public.importing())) EXECUTE FUNCTION public.log_pins();

CREATE CONSTRAINT TRIGGER p90_log AFTER DELETE ON public.messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_messages();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.organization_features DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_organization_features();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.organization_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_organization_members();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.organizations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.name <> new.name)) EXECUTE FUNCTION public.log_organizations();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.page_comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_page_comments();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.page_publications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_page_publications();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.page_snapshots DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION public.log_page_snapshots();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.pages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.is_template <> new.is_template)) EXECUTE FUNCTION public.log_pages();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.positions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_directory();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.reports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_reports();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.role_bindings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_role_bindings();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.roles DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.permissions IS DISTINCT FROM new.permissions))) EXECUTE FUNCTION public.log_roles();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.thread_drafts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_thread_drafts();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.thread_followers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_thread_followers();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((((old.username IS DISTINCT FROM new.username) OR (old.email IS DISTINCT FROM new.email)) OR (old.fullname IS DISTINCT FROM new.fullname)) OR (old.avatar IS DISTINCT FROM new.avatar)) OR (old.status IS DISTINCT FROM new.status)) OR (old.status_text IS DISTINCT FROM new.status_text)) OR (old.status_emoji IS DISTINCT FROM new.status_emoji)) OR (old.status_until IS DISTINCT FROM new.status_until))) EXECUTE FUNCTION public.log_users();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE OR UPDATE ON public.visibility_rules DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_directory();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.workspace_invitations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_workspace_invitations();

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON public.workspace_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_workspace_members();

CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON public.workspaces DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((((((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description)) OR (old.retention_days IS DISTINCT FROM new.retention_days)) OR (old.show_emails IS DISTINCT FROM new.show_emails)) OR (old.link_previews IS DISTINCT FROM new.link_previews)) OR (old.public_publishing IS DISTINCT FROM new.public_publishing)) OR (old.icon_file_id IS DISTINCT FROM new.icon_file_id))) EXECUTE FUNCTION public.log_workspaces();

CREATE CONSTRAINT TRIGGER p90_log_change AFTER UPDATE ON public.delegations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.accepted_at IS DISTINCT FROM new.accepted_at) OR (old.revoked_at IS DISTINCT FROM new.revoked_at))) EXECUTE FUNCTION public.log_delegations();

CREATE CONSTRAINT TRIGGER p90_log_change AFTER UPDATE OF type, content, metadata, files, forwarded_from, deleted_at ON public.messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.type IS DISTINCT FROM new.type) OR (old.content IS DISTINCT FROM new.content)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.files IS DISTINCT FROM new.files)) OR (old.forwarded_from IS DISTINCT FROM new.forwarded_from)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_messages();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.chat_bans DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((old.created_at IS DISTINCT FROM new.created_at) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.banned_by IS DISTINCT FROM new.banned_by)) OR (old.reason IS DISTINCT FROM new.reason))) EXECUTE FUNCTION public.log_chat_bans();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.document_thumbnails DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.updated_at <> new.updated_at)) EXECUTE FUNCTION public.log_document_thumbnails();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.document_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((old.name IS DISTINCT FROM new.name) OR (old.created_by IS DISTINCT FROM new.created_by)) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.log_document_versions();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.invites DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((old.role IS DISTINCT FROM new.role) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.max_uses IS DISTINCT FROM new.max_uses)) OR (old.uses IS DISTINCT FROM new.uses))) EXECUTE FUNCTION public.log_invites();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.page_comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((old.content IS DISTINCT FROM new.content) OR (old.author_id IS DISTINCT FROM new.author_id)) OR (old.resolved_at IS DISTINCT FROM new.resolved_at)) OR (old.resolved_by IS DISTINCT FROM new.resolved_by))) EXECUTE FUNCTION public.log_page_comments();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.page_publications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.audience IS DISTINCT FROM new.audience) OR (old.slug IS DISTINCT FROM new.slug)) OR (old.name IS DISTINCT FROM new.name)) OR (old.version IS DISTINCT FROM new.version)) OR (old.published_by IS DISTINCT FROM new.published_by)) OR (old.published_at IS DISTINCT FROM new.published_at))) EXECUTE FUNCTION public.log_page_publications();

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER INSERT ON public.passkeys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_second_factors('added', 'passkey');

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.recovery_codes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.made_at <> new.made_at)) EXECUTE FUNCTION public.log_second_factors('renewed', 'recovery_code');

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON public.totp_factors DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.confirmed_at IS NULL) AND (new.confirmed_at IS NOT NULL))) EXECUTE FUNCTION public.log_second_factors('added', 'totp');

CREATE CONSTRAINT TRIGGER p90_log_content AFTER UPDATE ON public.drafts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.content <> new.content)) EXECUTE FUNCTION public.log_drafts();

CREATE CONSTRAINT TRIGGER p90_log_content AFTER UPDATE ON public.thread_drafts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.content <> new.content)) EXECUTE FUNCTION public.log_thread_drafts();

CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON public.delegations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.revoked_at IS NULL)) EXECUTE FUNCTION public.log_delegations();

CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON public.passkeys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.log_second_factors('removed', 'passkey');

CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON public.sessions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (old.expires_at > now()))) EXECUTE FUNCTION public.log_sessions();

CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON public.totp_factors DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.confirmed_at IS NOT NULL)) EXECUTE FUNCTION public.log_second_factors('removed', 'totp');

CREATE CONSTRAINT TRIGGER p90_log_detached AFTER DELETE ON public.file_uses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.document_id IS NOT NULL)) EXECUTE FUNCTION public.log_file_uses();

CREATE CONSTRAINT TRIGGER p90_log_links AFTER UPDATE OF links ON public.messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.links IS DISTINCT FROM new.links) AND (NOT ((((((old.type IS DISTINCT FROM new.type) OR (old.content IS DISTINCT FROM new.content)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.files IS DISTINCT FROM new.files)) OR (old.forwarded_from IS DISTINCT FROM new.forwarded_from)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))))) EXECUTE FUNCTION public.log_links();

CREATE CONSTRAINT TRIGGER p90_log_new_device AFTER INSERT ON public.sessions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.new_device) EXECUTE FUNCTION public.log_new_devices();

CREATE CONSTRAINT TRIGGER p90_log_new_token AFTER INSERT ON public.sessions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.token_hash IS NOT NULL) OR (new.app_id IS NOT NULL))) EXECUTE FUNCTION public.log_new_tokens();

CREATE CONSTRAINT TRIGGER p90_log_notifications AFTER UPDATE OF notification_level, muted_until ON public.chat_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.notification_level IS DISTINCT FROM new.notification_level) OR (old.muted_until IS DISTINCT FROM new.muted_until))) EXECUTE FUNCTION public.log_chat_notifications();

CREATE CONSTRAINT TRIGGER p90_log_presence_mode AFTER UPDATE ON public.users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.presence_mode <> new.presence_mode)) EXECUTE FUNCTION public.log_presence_modes();

CREATE CONSTRAINT TRIGGER p90_log_read AFTER UPDATE OF last_read_seq, late_mentions ON public.chat_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((old.last_read_seq <> new.last_read_seq) AND (pg_trigger_depth() = 0)) OR ((old.last_read_seq = new.last_read_seq) AND (old.late_mentions IS DISTINCT FROM new.late_mentions)))) EXECUTE FUNCTION public.log_read_markers();

CREATE CONSTRAINT TRIGGER p90_log_read AFTER UPDATE ON public.thread_followers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.last_read_seq <> new.last_read_seq) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION public.log_thread_read_markers();

CREATE CONSTRAINT TRIGGER p90_log_revoked AFTER UPDATE ON public.sessions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.log_sessions();

CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE OF role, silenced_until ON public.chat_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.role IS DISTINCT FROM new.role) OR (old.silenced_until IS DISTINCT FROM new.silenced_until))) EXECUTE FUNCTION public.log_chat_members();

CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE ON public.document_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.role IS DISTINCT FROM new.role) OR (old.invited_by IS DISTINCT FROM new.invited_by))) EXECUTE FUNCTION public.log_document_members();

CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE ON public.workspace_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.log_workspace_members();

CREATE CONSTRAINT TRIGGER p90_log_thread AFTER UPDATE OF thread ON public.messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.thread IS DISTINCT FROM new.thread)) EXECUTE FUNCTION public.log_threads();

CREATE CONSTRAINT TRIGGER p90_log_update AFTER UPDATE ON public.recovery_codes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((cardinality(new.hashes) < cardinality(old.hashes)) AND (old.made_at = new.made_at))) EXECUTE FUNCTION public.log_second_factors('used', 'recovery_code');

CREATE CONSTRAINT TRIGGER p90_log_update AFTER UPDATE ON public.reports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) OR (old.note IS DISTINCT FROM new.note))) EXECUTE FUNCTION public.log_reports();

CREATE TRIGGER p95_apps AFTER DELETE ON public.workspace_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.leave_apps();

CREATE TRIGGER p95_avatar AFTER UPDATE ON public.users FOR EACH ROW WHEN ((old.avatar_file_id IS DISTINCT FROM new.avatar_file_id)) EXECUTE FUNCTION public.use_avatar();

CREATE TRIGGER p95_become_guest AFTER UPDATE OF kind ON public.organization_members FOR EACH ROW WHEN (((new.kind = 'guest'::text) AND (old.kind <> 'guest'::text))) EXECUTE FUNCTION public.leave_workspaces();

CREATE TRIGGER p95_begin_page AFTER INSERT ON public.documents FOR EACH ROW WHEN ((new.kind = 'page'::text)) EXECUTE FUNCTION public.begin_page();

CREATE TRIGGER p95_bots AFTER UPDATE OF status ON public.users FOR EACH ROW WHEN (((new.status <> 'active'::text) AND (old.status = 'active'::text) AND (new.kind = 'person'::text))) EXECUTE FUNCTION public.disown_bots();

CREATE TRIGGER p95_bots AFTER DELETE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.leave_bots();

CREATE TRIGGER p95_bounce AFTER UPDATE ON public.users FOR EACH ROW WHEN (((old.email <> new.email) OR ((new.email_verified_at IS NOT NULL) AND (old.email_verified_at IS DISTINCT FROM new.email_verified_at)))) EXECUTE FUNCTION public.end_bounce();

CREATE TRIGGER p95_chats AFTER INSERT ON public.appointments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.follow_appointments();

CREATE TRIGGER p95_chats_changed AFTER UPDATE ON public.appointments REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.follow_changed_appointments();

CREATE TRIGGER p95_chats_ended AFTER DELETE ON public.appointments REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.follow_appointments();

CREATE TRIGGER p95_declined AFTER DELETE ON public.workspace_invitations FOR EACH ROW WHEN ((public.acting_user() = old.user_id)) EXECUTE FUNCTION public.note_declined();

CREATE TRIGGER p95_digests AFTER UPDATE OF time_zone ON public.users FOR EACH ROW WHEN ((old.time_zone <> new.time_zone)) EXECUTE FUNCTION public.move_digests();

CREATE TRIGGER p95_disown_apps AFTER UPDATE OF status ON public.users FOR EACH ROW WHEN (((new.status <> 'active'::text) AND (old.status = 'active'::text) AND (new.kind = 'person'::text))) EXECUTE FUNCTION public.disown_apps();

CREATE TRIGGER p95_drop_let_go AFTER DELETE ON public.held_files REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.drop_let_go_files();

CREATE TRIGGER p95_drop_recovery_codes AFTER DELETE ON public.passkeys FOR EACH ROW EXECUTE FUNCTION public.drop_recovery_codes();

CREATE TRIGGER p95_drop_recovery_codes AFTER DELETE ON public.totp_factors FOR EACH ROW EXECUTE FUNCTION public.drop_recovery_codes();

CREATE TRIGGER p95_drop_refused AFTER UPDATE ON public.files FOR EACH ROW WHEN (((old.sha256 IS NOT NULL) AND (new.sha256 IS NULL))) EXECUTE FUNCTION public.drop_refused();

CREATE TRIGGER p95_drop_unused AFTER DELETE ON public.file_uses REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.drop_unused_files();

CREATE TRIGGER p95_drop_unused AFTER DELETE ON public.files REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.drop_unused_blobs();

CREATE TRIGGER p95_drop_unused AFTER DELETE ON public.link_uses REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.drop_unused_link_previews();

CREATE TRIGGER p95_end_announcements AFTER UPDATE OF kind ON public.organization_members FOR EACH ROW WHEN (((new.kind <> 'member'::text) AND (old.kind = 'member'::text))) EXECUTE FUNCTION public.leave_announcements();

CREATE TRIGGER p95_end_delegations AFTER UPDATE ON public.users FOR EACH ROW WHEN (((new.status <> 'active'::text) AND (old.status <> new.status))) EXECUTE FUNCTION public.end_delegations();

CREATE TRIGGER p95_end_disowned AFTER UPDATE OF owner_id ON public.apps FOR EACH ROW WHEN (((old.owner_id IS NOT NULL) AND (new.owner_id IS NULL))) EXECUTE FUNCTION public.end_apps_sessions();

CREATE TRIGGER p95_end_streams AFTER UPDATE OF enabled ON public.features FOR EACH ROW WHEN (((old.name = 'enable_bot_messages'::text) AND old.enabled AND (NOT new.enabled))) EXECUTE FUNCTION public.end_streams_of_bots();

CREATE TRIGGER p95_end_streams AFTER INSERT OR UPDATE OF enabled ON public.organization_features FOR EACH ROW WHEN (((new.name = 'enable_bot_messages'::text) AND (NOT new.enabled))) EXECUTE FUNCTION public.end_streams_of_bots();

CREATE TRIGGER p95_expire AFTER UPDATE OF first_seq ON public.chats FOR EACH ROW WHEN ((old.first_seq <> new.first_seq)) EXECUTE FUNCTION public.delete_below_first_seq();

CREATE TRIGGER p95_files AFTER INSERT ON public.messages FOR EACH ROW WHEN ((new.files IS NOT NULL)) EXECUTE FUNCTION public.use_files();

CREATE TRIGGER p95_files_anew AFTER UPDATE OF files ON public.messages FOR EACH ROW WHEN (((new.files IS NOT NULL) AND (old.files IS DISTINCT FROM new.files))) EXECUTE FUNCTION public.use_files();

CREATE TRIGGER p95_follow AFTER INSERT ON public.group_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.follow_group();

CREATE TRIGGER p95_follow AFTER UPDATE OF active ON public.scim_users FOR EACH ROW WHEN ((old.active <> new.active)) EXECUTE FUNCTION public.follow_scim_active();

CREATE TRIGGER p95_follow AFTER UPDATE OF organization_id ON public.workspaces FOR EACH ROW WHEN ((old.organization_id IS DISTINCT FROM new.organization_id)) EXECUTE FUNCTION public.follow_workspace();

CREATE TRIGGER p95_follow_left AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.follow_group();

CREATE TRIGGER p95_follow_new AFTER INSERT ON public.scim_users FOR EACH ROW EXECUTE FUNCTION public.follow_scim_active();

CREATE TRIGGER p95_hold AFTER DELETE ON public.chat_members FOR EACH ROW EXECUTE FUNCTION public.hold_left_chat();

CREATE TRIGGER p95_hold_kept AFTER INSERT ON public.holds FOR EACH ROW EXECUTE FUNCTION public.hold_what_is_kept();

CREATE TRIGGER p95_icon AFTER UPDATE OF icon_file_id ON public.workspaces FOR EACH ROW WHEN ((old.icon_file_id IS DISTINCT FROM new.icon_file_id)) EXECUTE FUNCTION public.use_icon();

CREATE TRIGGER p95_invitations AFTER INSERT OR DELETE ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.keep_invitations();

CREATE TRIGGER p95_invitations_role AFTER UPDATE OF role ON public.workspace_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.keep_invitations();

CREATE TRIGGER p95_keep_silence AFTER DELETE ON public.chat_members FOR EACH ROW WHEN ((old.silenced_until > now())) EXECUTE FUNCTION public.keep_silence();

CREATE TRIGGER p95_leave AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.leave_workspaces();

CREATE TRIGGER p95_leave_deleted AFTER DELETE ON public.workspaces FOR EACH ROW WHEN ((old.organization_id IS NOT NULL)) EXECUTE FUNCTION public.leave_deleted_workspace();

CREATE TRIGGER p95_let_account_go AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.let_account_go();

CREATE TRIGGER p95_let_go AFTER UPDATE ON public.holds FOR EACH ROW WHEN (((old.let_go_at IS NULL) AND (new.let_go_at IS NOT NULL))) EXECUTE FUNCTION public.let_go_of_held();

CREATE TRIGGER p95_mail AFTER UPDATE OF disabled_because ON public.subscriptions FOR EACH ROW WHEN (((old.disabled_because IS NULL) AND (new.disabled_because = ANY (ARRAY['failing'::text, 'gone'::text])))) EXECUTE FUNCTION public.mail_disabled_subscription();

CREATE TRIGGER p95_mentioned AFTER INSERT ON public.messages FOR EACH ROW WHEN (((new.mentions IS NOT NULL) OR (new.mentions_everyone IS NOT NULL))) EXECUTE FUNCTION public.keep_mentions();

CREATE TRIGGER p95_mentioned_anew AFTER UPDATE OF content, metadata, deleted_at, mentions, mentions_everyone ON public.messages FOR EACH ROW WHEN (((old.mentions IS DISTINCT FROM new.mentions) OR (old.mentions_everyone IS DISTINCT FROM new.mentions_everyone))) EXECUTE FUNCTION public.keep_mentions();

CREATE TRIGGER p95_notify AFTER INSERT OR DELETE OR UPDATE ON public.features FOR EACH STATEMENT EXECUTE FUNCTION public.notify_features();

CREATE TRIGGER p95_notify AFTER INSERT OR DELETE OR UPDATE ON public.organization_features FOR EACH STATEMENT EXECUTE FUNCTION public.notify_features();

CREATE TRIGGER p95_notify AFTER DELETE ON public.sinks FOR EACH ROW EXECUTE FUNCTION public.notify_sink();

CREATE TRIGGER p95_notify AFTER INSERT OR DELETE ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION public.notify_subscription();

CREATE TRIGGER p95_notify AFTER UPDATE OF organization_id ON public.workspaces FOR EACH STATEMENT EXECUTE FUNCTION public.notify_features();

CREATE TRIGGER p95_notify_change AFTER UPDATE OF address, kinds, chat_ids, ordered, disabled_at ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION public.notify_subscription();

CREATE TRIGGER p95_online_time AFTER INSERT OR DELETE OR UPDATE ON public.features FOR EACH ROW EXECUTE FUNCTION public.count_from_switch();

CREATE TRIGGER p95_online_time AFTER INSERT OR DELETE OR UPDATE ON public.organization_features FOR EACH ROW EXECUTE FUNCTION public.count_from_switch();

CREATE TRIGGER p95_organization_join AFTER INSERT ON public.workspace_members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.follow_members();

CREATE TRIGGER p95_organization_leave AFTER DELETE ON public.workspace_members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.follow_members();

CREATE TRIGGER p95_place AFTER INSERT ON public.organization_members REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION public.place_joined();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON public.blobs FOR EACH ROW EXECUTE FUNCTION public.queue_blob_deletion();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON public.link_previews FOR EACH ROW WHEN ((old.key IS NOT NULL)) EXECUTE FUNCTION public.queue_blob_deletion();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON public.previews FOR EACH ROW EXECUTE FUNCTION public.queue_blob_deletion();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON public.uploads FOR EACH ROW EXECUTE FUNCTION public.queue_upload_deletion();

CREATE TRIGGER p95_queue_look AFTER INSERT ON public.files FOR EACH ROW WHEN ((new.state = ANY (ARRAY['scanning'::text, 'pending'::text]))) EXECUTE FUNCTION public.queue_look();

CREATE TRIGGER p95_queue_look_anew AFTER UPDATE ON public.files FOR EACH ROW WHEN (((old.state <> new.state) AND (new.state = ANY (ARRAY['scanning'::text, 'pending'::text])))) EXECUTE FUNCTION public.queue_look();

CREATE TRIGGER p95_queue_moved AFTER UPDATE OF key ON public.blobs FOR EACH ROW WHEN ((old.key <> new.key)) EXECUTE FUNCTION public.queue_moved_blob();

CREATE TRIGGER p95_queue_moved AFTER UPDATE OF key ON public.link_previews FOR EACH ROW WHEN ((old.key <> new.key)) EXECUTE FUNCTION public.queue_moved_blob();

CREATE TRIGGER p95_queue_moved AFTER UPDATE OF key ON public.previews FOR EACH ROW WHEN ((old.key <> new.key)) EXECUTE FUNCTION public.queue_moved_blob();

CREATE TRIGGER p95_release_links AFTER UPDATE OF content, metadata, links ON public.messages FOR EACH ROW WHEN (((old.links IS DISTINCT FROM new.links) AND (new.deleted_at IS NULL) AND ((new.links = '[]'::jsonb) OR ((old.content IS DISTINCT FROM new.content) OR (old.metadata IS DISTINCT FROM new.metadata))))) EXECUTE FUNCTION public.release_links();

CREATE TRIGGER p95_required_provider AFTER INSERT ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.join_required_provider();

CREATE TRIGGER p95_required_second_factor AFTER INSERT ON public.workspace_members FOR EACH ROW EXECUTE FUNCTION public.join_required_second_factor();

CREATE TRIGGER p95_ring_deleted AFTER DELETE ON public.sessions FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (old.expires_at > now()))) EXECUTE FUNCTION public.ring_sessions();

CREATE TRIGGER p95_ring_ended AFTER UPDATE ON public.sessions FOR EACH ROW WHEN ((((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL)) OR (new.expires_at < old.expires_at) OR (new.user_id <> old.user_id))) EXECUTE FUNCTION public.ring_sessions();

CREATE TRIGGER p95_roles AFTER INSERT OR UPDATE ON public.features FOR EACH ROW WHEN ((new.name = 'enable_user_roles'::text)) EXECUTE FUNCTION public.follow_roles_feature();

CREATE TRIGGER p95_roles AFTER INSERT OR UPDATE ON public.organization_features FOR EACH ROW WHEN ((new.name = 'enable_user_roles'::text)) EXECUTE FUNCTION public.follow_roles_feature();

CREATE TRIGGER p95_roles AFTER UPDATE OF kind ON public.organization_members FOR EACH ROW WHEN ((new.kind <> old.kind)) EXECUTE FUNCTION public.follow_kind();

CREATE TRIGGER p95_roles_removed AFTER DELETE ON public.features FOR EACH ROW WHEN ((old.name = 'enable_user_roles'::text)) EXECUTE FUNCTION public.follow_roles_feature();

CREATE TRIGGER p95_roles_removed AFTER DELETE ON public.organization_features FOR EACH ROW WHEN ((old.name = 'enable_user_roles'::text)) EXECUTE FUNCTION public.follow_roles_feature();

CREATE TRIGGER p95_screen AFTER INSERT OR DELETE OR UPDATE ON public.dlp_rules FOR EACH ROW EXECUTE FUNCTION public.keep_dlp_screen();

CREATE TRIGGER p95_settle AFTER INSERT OR DELETE OR UPDATE ON public.department_chats FOR EACH ROW EXECUTE FUNCTION public.settle_department_chat();

CREATE TRIGGER p95_settle_added AFTER INSERT ON public.role_bindings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.settle_role_bindings();

CREATE TRIGGER p95_settle_changed AFTER UPDATE ON public.role_bindings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.settle_role_bindings();

CREATE TRIGGER p95_settle_removed AFTER DELETE ON public.role_bindings REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.settle_role_bindings();

CREATE TRIGGER p95_sign_out AFTER INSERT OR UPDATE ON public.required_providers FOR EACH ROW EXECUTE FUNCTION public.require_provider();

CREATE TRIGGER p95_sign_out AFTER INSERT ON public.required_second_factors FOR EACH ROW EXECUTE FUNCTION public.require_second_factor();

CREATE TRIGGER p95_sign_out AFTER UPDATE ON public.users FOR EACH ROW WHEN (((new.status <> 'active'::text) AND (old.status <> new.status))) EXECUTE FUNCTION public.revoke_sessions_of_inactive();

CREATE TRIGGER p95_strip AFTER UPDATE OF deleted_at ON public.messages FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION public.strip_message();

CREATE TRIGGER p95_suspend AFTER DELETE ON public.bots FOR EACH ROW EXECUTE FUNCTION public.suspend_bot();

CREATE TRIGGER p95_suspend_owner AFTER UPDATE OF owner_id ON public.bots FOR EACH ROW WHEN (((old.owner_id IS NULL) <> (new.owner_id IS NULL))) EXECUTE FUNCTION public.suspend_bot();

CREATE TRIGGER p95_suspensions AFTER UPDATE OF status ON public.users FOR EACH ROW WHEN ((COALESCE(current_setting('fechatter.suspends'::text, true), ''::text) = ''::text)) EXECUTE FUNCTION public.note_suspensions();

CREATE TRIGGER p95_uncount AFTER UPDATE OF deleted_at ON public.messages FOR EACH ROW WHEN (((old.thread_id IS NOT NULL) AND (old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL))) EXECUTE FUNCTION public.uncount_reply();

CREATE TRIGGER p95_uncount_removed AFTER DELETE ON public.messages FOR EACH ROW WHEN (((old.thread_id IS NOT NULL) AND (old.deleted_at IS NULL))) EXECUTE FUNCTION public.uncount_reply();

CREATE TRIGGER p95_use AFTER INSERT OR DELETE ON public.custom_emoji FOR EACH ROW EXECUTE FUNCTION public.use_emoji();

CREATE CONSTRAINT TRIGGER p99_flush AFTER INSERT ON public.log_pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.first) EXECUTE FUNCTION public.log_flush();

ALTER TABLE ONLY public.address_changes
    ADD CONSTRAINT address_changes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.announcement_recipients
    ADD CONSTRAINT announcement_recipients_announcement_exists FOREIGN KEY (announcement_id, organization_id) REFERENCES public.announcements(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.announcement_recipients
    ADD CONSTRAINT announcement_recipients_member_exists FOREIGN KEY (organization_id, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_author_exists FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT app_codes_app_id_fkey FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT app_codes_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT app_codes_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT app_codes_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT app_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_department_exists FOREIGN KEY (department_id, organization_id) REFERENCES public.departments(id, organization_id);

ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_member_exists FOREIGN KEY (organization_id, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_position_exists FOREIGN KEY (position_id, organization_id) REFERENCES public.positions(id, organization_id) ON DELETE SET NULL (position_id);

ALTER TABLE ONLY public.apps
    ADD CONSTRAINT apps_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.apps
    ADD CONSTRAINT apps_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blob_words
    ADD CONSTRAINT blob_words_blob_fkey FOREIGN KEY (workspace_id, sha256) REFERENCES public.blobs(workspace_id, sha256) ON DELETE CASCADE;

ALTER TABLE ONLY public.blobs
    ADD CONSTRAINT blobs_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.board_quarantine
    ADD CONSTRAINT board_quarantine_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.board_quarantine
    ADD CONSTRAINT board_quarantine_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.board_snapshots
    ADD CONSTRAINT board_snapshots_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.board_updates
    ADD CONSTRAINT board_updates_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.board_updates
    ADD CONSTRAINT board_updates_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.bot_endpoints
    ADD CONSTRAINT bot_endpoints_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bots(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bot_events
    ADD CONSTRAINT bot_events_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bot_endpoints(bot_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bot_events
    ADD CONSTRAINT bot_events_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bots
    ADD CONSTRAINT bots_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.bots
    ADD CONSTRAINT bots_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bots
    ADD CONSTRAINT bots_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.holds(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_banned_by_fkey FOREIGN KEY (banned_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_members
    ADD CONSTRAINT chat_members_chat_fkey FOREIGN KEY (chat_id, workspace_id) REFERENCES public.chats(id, workspace_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_members
    ADD CONSTRAINT chat_members_guest_in_organization FOREIGN KEY (guest_of, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_members
    ADD CONSTRAINT chat_members_in_workspace FOREIGN KEY (home_id, user_id) REFERENCES public.workspace_members(workspace_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_silences
    ADD CONSTRAINT chat_silences_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_silences
    ADD CONSTRAINT chat_silences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chats
    ADD CONSTRAINT chats_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bots(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.custom_emoji
    ADD CONSTRAINT custom_emoji_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.custom_emoji
    ADD CONSTRAINT custom_emoji_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.custom_emoji
    ADD CONSTRAINT custom_emoji_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_chat_exists FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_delegate_exists FOREIGN KEY (delegate_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_document_exists FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_principal_exists FOREIGN KEY (principal_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delegations
    ADD CONSTRAINT delegations_workspace_exists FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delivery_attempts
    ADD CONSTRAINT delivery_attempts_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delivery_shards
    ADD CONSTRAINT delivery_shards_node_fkey FOREIGN KEY (node) REFERENCES public.delivery_nodes(node) ON DELETE SET NULL;

ALTER TABLE ONLY public.department_chats
    ADD CONSTRAINT department_chats_chat_exists FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.department_chats
    ADD CONSTRAINT department_chats_department_exists FOREIGN KEY (department_id) REFERENCES public.departments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.department_tree
    ADD CONSTRAINT department_tree_ancestor_exists FOREIGN KEY (ancestor_id) REFERENCES public.departments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.department_tree
    ADD CONSTRAINT department_tree_department_exists FOREIGN KEY (department_id) REFERENCES public.departments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.departments
    ADD CONSTRAINT departments_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.departments
    ADD CONSTRAINT departments_parent_exists FOREIGN KEY (parent_id, organization_id) REFERENCES public.departments(id, organization_id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.dialogs
    ADD CONSTRAINT dialogs_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bots(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.dialogs
    ADD CONSTRAINT dialogs_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.dialogs
    ADD CONSTRAINT dialogs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.dlp_rules
    ADD CONSTRAINT dlp_rules_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.dlp_screens
    ADD CONSTRAINT dlp_screens_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_members
    ADD CONSTRAINT document_members_document_fkey FOREIGN KEY (document_id, kind, workspace_id) REFERENCES public.documents(id, kind, workspace_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_members
    ADD CONSTRAINT document_members_in_workspace FOREIGN KEY (workspace_id, user_id) REFERENCES public.workspace_members(workspace_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_members
    ADD CONSTRAINT document_members_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.document_presence
    ADD CONSTRAINT document_presence_node_fkey FOREIGN KEY (node) REFERENCES public.notify_nodes(node) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_thumbnails
    ADD CONSTRAINT document_thumbnails_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_member_fkey FOREIGN KEY (chat_id, user_id) REFERENCES public.chat_members(chat_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_looks
    ADD CONSTRAINT file_looks_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT file_uses_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT file_uses_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT file_uses_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT file_uses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT file_uses_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_blob_fkey FOREIGN KEY (workspace_id, sha256) REFERENCES public.blobs(workspace_id, sha256) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_uploader_id_fkey FOREIGN KEY (uploader_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.group_members
    ADD CONSTRAINT group_members_group_exists FOREIGN KEY (group_id, organization_id) REFERENCES public.groups(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.group_members
    ADD CONSTRAINT group_members_member_exists FOREIGN KEY (organization_id, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_chats
    ADD CONSTRAINT held_chats_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.holds(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_content
    ADD CONSTRAINT held_content_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_files
    ADD CONSTRAINT held_files_content_id_fkey FOREIGN KEY (content_id) REFERENCES public.held_content(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_files
    ADD CONSTRAINT held_files_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_messages
    ADD CONSTRAINT held_messages_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_messages
    ADD CONSTRAINT held_messages_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_messages
    ADD CONSTRAINT held_messages_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idle_sessions
    ADD CONSTRAINT idle_sessions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_refs
    ADD CONSTRAINT import_refs_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.imports(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.incoming_webhooks
    ADD CONSTRAINT incoming_webhooks_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bots(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.incoming_webhooks
    ADD CONSTRAINT incoming_webhooks_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.incoming_webhooks
    ADD CONSTRAINT incoming_webhooks_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.invitation_blocks
    ADD CONSTRAINT invitation_blocks_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invitation_blocks
    ADD CONSTRAINT invitation_blocks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invitation_blocks
    ADD CONSTRAINT invitation_blocks_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.link_lookups
    ADD CONSTRAINT link_lookups_message_exists FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.link_uses
    ADD CONSTRAINT link_uses_message_exists FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.link_uses
    ADD CONSTRAINT link_uses_preview_exists FOREIGN KEY (link_preview_id) REFERENCES public.link_previews(id);

ALTER TABLE ONLY public.mail_bounces
    ADD CONSTRAINT mail_bounces_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_notices
    ADD CONSTRAINT mail_notices_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.membership_grants
    ADD CONSTRAINT membership_grants_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.membership_grants
    ADD CONSTRAINT membership_grants_workspace_exists FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT mentions_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_edits
    ADD CONSTRAINT message_edits_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_pins
    ADD CONSTRAINT message_pins_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_pins
    ADD CONSTRAINT message_pins_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_pins
    ADD CONSTRAINT message_pins_pinned_by_fkey FOREIGN KEY (pinned_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT message_reactions_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT message_reactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_deleted_by_fkey FOREIGN KEY (deleted_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.online_days
    ADD CONSTRAINT online_days_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.organization_features
    ADD CONSTRAINT organization_features_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_manager_exists FOREIGN KEY (organization_id, manager_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE SET NULL (manager_id);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_comments
    ADD CONSTRAINT page_comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.page_comments
    ADD CONSTRAINT page_comments_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_comments
    ADD CONSTRAINT page_comments_reply_to_fkey FOREIGN KEY (reply_to) REFERENCES public.page_comments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_comments
    ADD CONSTRAINT page_comments_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.page_ops
    ADD CONSTRAINT page_ops_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_ops
    ADD CONSTRAINT page_ops_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.page_publications
    ADD CONSTRAINT page_publications_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_publications
    ADD CONSTRAINT page_publications_published_by_fkey FOREIGN KEY (published_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.page_refusals
    ADD CONSTRAINT page_refusals_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_refusals
    ADD CONSTRAINT page_refusals_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.page_snapshots
    ADD CONSTRAINT page_snapshots_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pages
    ADD CONSTRAINT pages_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkey_holders
    ADD CONSTRAINT passkey_holders_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_holder_exists FOREIGN KEY (user_id) REFERENCES public.passkey_holders(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_identity_exists FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.person_deletions
    ADD CONSTRAINT person_deletions_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.placements
    ADD CONSTRAINT placements_department_exists FOREIGN KEY (department_id) REFERENCES public.departments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.placements
    ADD CONSTRAINT placements_group_exists FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.placements
    ADD CONSTRAINT placements_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.previews
    ADD CONSTRAINT previews_blob_fkey FOREIGN KEY (workspace_id, sha256) REFERENCES public.blobs(workspace_id, sha256) ON DELETE CASCADE;

ALTER TABLE ONLY public.private_answers
    ADD CONSTRAINT private_answers_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bots(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.private_answers
    ADD CONSTRAINT private_answers_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.private_answers
    ADD CONSTRAINT private_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_outbox
    ADD CONSTRAINT push_outbox_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_outbox
    ADD CONSTRAINT push_outbox_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.push_subscriptions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.required_providers
    ADD CONSTRAINT required_providers_break_glass_owner_stays FOREIGN KEY (workspace_id, break_glass_owner) REFERENCES public.workspace_members(workspace_id, user_id);

ALTER TABLE ONLY public.required_providers
    ADD CONSTRAINT required_providers_workspace_exists FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.required_second_factors
    ADD CONSTRAINT required_second_factors_workspace_exists FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_chat_exists FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_department_exists FOREIGN KEY (department_id, organization_id) REFERENCES public.departments(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_document_exists FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_group_exists FOREIGN KEY (group_id, organization_id) REFERENCES public.groups(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_role_exists FOREIGN KEY (role_id, organization_id) REFERENCES public.roles(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_scope_department_exists FOREIGN KEY (scope_department_id, organization_id) REFERENCES public.departments(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_user_exists FOREIGN KEY (organization_id, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_bindings
    ADD CONSTRAINT role_bindings_workspace_exists FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.scim_members
    ADD CONSTRAINT scim_members_group_exists FOREIGN KEY (directory, group_id) REFERENCES public.scim_groups(directory, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.scim_members
    ADD CONSTRAINT scim_members_user_exists FOREIGN KEY (directory, scim_user_id) REFERENCES public.scim_users(directory, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_identity_exists FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.scim_users
    ADD CONSTRAINT scim_users_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_pages
    ADD CONSTRAINT search_pages_page_id_fkey FOREIGN KEY (page_id) REFERENCES public.pages(page_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_app_id_fkey FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.storage_exceptions
    ADD CONSTRAINT storage_exceptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.storage_exceptions
    ADD CONSTRAINT storage_exceptions_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.storage_usage
    ADD CONSTRAINT storage_usage_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.streams
    ADD CONSTRAINT streams_node_fkey FOREIGN KEY (node) REFERENCES public.notify_nodes(node) ON DELETE CASCADE;

ALTER TABLE ONLY public.subscription_secrets
    ADD CONSTRAINT subscription_secrets_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES public.bots(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.suspensions
    ADD CONSTRAINT suspensions_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.thread_drafts
    ADD CONSTRAINT thread_drafts_member_fkey FOREIGN KEY (chat_id, user_id) REFERENCES public.chat_members(chat_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.thread_drafts
    ADD CONSTRAINT thread_drafts_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.thread_followers
    ADD CONSTRAINT thread_followers_member_fkey FOREIGN KEY (chat_id, user_id) REFERENCES public.chat_members(chat_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.thread_followers
    ADD CONSTRAINT thread_followers_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.totp_factors
    ADD CONSTRAINT totp_factors_user_exists FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_avatar_file_id_fkey FOREIGN KEY (avatar_file_id) REFERENCES public.files(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.visibility_rules
    ADD CONSTRAINT visibility_rules_department_exists FOREIGN KEY (department_id, organization_id) REFERENCES public.departments(id, organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.visibility_rules
    ADD CONSTRAINT visibility_rules_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_departures
    ADD CONSTRAINT workspace_departures_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_departures
    ADD CONSTRAINT workspace_departures_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_invitations
    ADD CONSTRAINT workspace_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_invitations
    ADD CONSTRAINT workspace_invitations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_invitations
    ADD CONSTRAINT workspace_invitations_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_members
    ADD CONSTRAINT workspace_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_members
    ADD CONSTRAINT workspace_members_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_icon_file_id_fkey FOREIGN KEY (icon_file_id) REFERENCES public.files(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_organization_exists FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
