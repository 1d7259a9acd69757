-- migrate:up

-- What imports have brought into a workspace, and what each thing of an archive has become here (ADR 87). An import is known by
-- the origin of its archives: a later one of the same origin adds to it.
CREATE TABLE imports (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    source text NOT NULL CONSTRAINT imports_source_form CHECK (source ~ '^[a-z0-9_-]{1,32}$'),
    origin text NOT NULL CONSTRAINT imports_origin_length CHECK (length(origin) BETWEEN 1 AND 200),
    makes_workspace boolean NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT imports_origin_key UNIQUE (workspace_id, source, origin)
);
CREATE UNIQUE INDEX imports_made_key ON imports (source, origin) WHERE makes_workspace;

-- Of what was deleted here its row stays: the next import does not bring it back. `made`: false for an account that was here.
CREATE TABLE import_refs (
    import_id bigint NOT NULL REFERENCES imports ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT import_refs_kind_known CHECK (kind IN ('person', 'file', 'chat', 'message')),
    external_id text COLLATE "C" NOT NULL CONSTRAINT import_refs_external_id_length CHECK (length(external_id) BETWEEN 1 AND 200),
    local_id bigint NOT NULL,
    made boolean NOT NULL DEFAULT true,
    CONSTRAINT import_refs_pkey PRIMARY KEY (import_id, kind, external_id)
);

-- The archive that is being imported, whole, before anything of it is anywhere else. One import at a time fills these, and
-- empties them first; a crash empties them too. People, files and chats go by numbers, `n`, of this archive.
CREATE UNLOGGED TABLE import_people (
    n integer PRIMARY KEY,
    external_id text NOT NULL,
    fullname text NOT NULL,
    username text,
    email text,
    bot boolean NOT NULL,
    active boolean NOT NULL,
    role text,
    created_at timestamptz,
    updated_at timestamptz,
    time_zone text,
    avatar integer,
    user_id bigint,
    outcome text
);
CREATE UNLOGGED TABLE import_files (
    n integer PRIMARY KEY,
    external_id text NOT NULL,
    path text NOT NULL,
    name text NOT NULL,
    uploader integer,
    sha256 bytea,
    created_at timestamptz,
    file_id bigint
);
CREATE UNLOGGED TABLE import_emoji (
    name text PRIMARY KEY,
    file integer NOT NULL,
    creator integer,
    created_at timestamptz
);
CREATE UNLOGGED TABLE import_chats (
    n integer PRIMARY KEY,
    external_id text NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    created_at timestamptz,
    updated_at timestamptz,
    archived_at timestamptz,
    chat_id bigint
);
CREATE UNLOGGED TABLE import_members (
    line bigint NOT NULL,
    chat integer NOT NULL,
    person integer NOT NULL,
    role text NOT NULL,
    joined_at timestamptz,
    read text,
    notifications text NOT NULL,
    muted_until timestamptz
);
CREATE INDEX import_members_chat_idx ON import_members (chat, person);
-- Mentions in texts stand as numbers of people between two U+FDD0.
CREATE UNLOGGED TABLE import_messages (
    line bigint PRIMARY KEY,
    external_id text COLLATE "C" NOT NULL,
    chat integer NOT NULL,
    sender integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz,
    type text NOT NULL,
    content text NOT NULL,
    metadata jsonb,
    mentions integer[],
    everyone text,
    reply_to text COLLATE "C",
    files integer[],
    forwarded_from jsonb,
    edits jsonb,
    reactions jsonb,
    pinned boolean NOT NULL,
    pinned_by integer,
    pinned_at timestamptz,
    deleted_at timestamptz,
    deleted_by integer
);
CREATE UNLOGGED TABLE import_follows (
    line bigint NOT NULL,
    message text COLLATE "C" NOT NULL,
    person integer NOT NULL,
    read text COLLATE "C",
    followed_at timestamptz
);

-- What import_place() makes of these: each message's id here, its place in its thread, and who reacted to it and follows it.
CREATE UNLOGGED TABLE import_placed (
    line bigint PRIMARY KEY,
    external_id text COLLATE "C" NOT NULL,
    chat integer NOT NULL,
    message_id bigint NOT NULL,
    fresh boolean NOT NULL
);
CREATE INDEX import_placed_chat_idx ON import_placed (chat, message_id);
CREATE INDEX import_placed_id_idx ON import_placed (external_id);
CREATE UNLOGGED TABLE import_replies (
    message_id bigint PRIMARY KEY,
    chat integer NOT NULL,
    sender_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    deleted boolean NOT NULL,
    parent_id bigint NOT NULL,
    up_id bigint NOT NULL,
    root_id bigint,
    thread_seq bigint
);
CREATE INDEX import_replies_root_idx ON import_replies (root_id, thread_seq);
CREATE UNLOGGED TABLE import_reactions (
    message_id bigint NOT NULL,
    user_id bigint NOT NULL,
    emoji text NOT NULL,
    place bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
);
CREATE UNLOGGED TABLE import_followers (
    root_id bigint NOT NULL,
    user_id bigint NOT NULL,
    chat integer NOT NULL,
    last_read_seq bigint NOT NULL,
    followed_at timestamptz,
    told boolean NOT NULL,
    PRIMARY KEY (root_id, user_id)
);
CREATE INDEX import_followers_chat_idx ON import_followers (chat);

-- migrate:down
DROP TABLE import_followers, import_reactions, import_replies, import_placed, import_follows, import_messages, import_members,
    import_chats, import_emoji, import_files, import_people, import_refs, imports;
