-- migrate:up

-- Whether links in a workspace's messages are looked up.
ALTER TABLE workspaces ADD COLUMN link_previews boolean NOT NULL DEFAULT true;

-- What is shown of a message's links, as clients see it. Null: nothing is known; an empty list: it was removed, for good.
ALTER TABLE messages ADD COLUMN links jsonb,
    ADD CONSTRAINT messages_links_amount CHECK (jsonb_typeof(links) = 'array' AND jsonb_array_length(links) <= 5) NOT VALID,
    ADD CONSTRAINT messages_deleted_has_no_links CHECK (links IS NULL OR deleted_at IS NULL) NOT VALID;

-- What a URL has answered, without the URL itself: a null `shown` for nothing that can be shown, and the picture's bytes.
-- The newest of a URL is used for new messages until it expires. It goes with its last message.
CREATE TABLE link_previews (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_sha256 bytea NOT NULL,
    shown      jsonb,
    expires_at timestamptz NOT NULL,
    key        uuid,
    store      text,
    sealed_key bytea,
    size       bigint,
    CONSTRAINT link_previews_key_key UNIQUE (key),
    CONSTRAINT link_previews_url_sha256_length CHECK (length(url_sha256) = 32),
    CONSTRAINT link_previews_shown_size CHECK (jsonb_typeof(shown) = 'object' AND octet_length(shown::text) <= 16384),
    CONSTRAINT link_previews_picture_is_whole CHECK (num_nulls(key, store, size) IN (0, 3) AND (sealed_key IS NULL OR key IS NOT NULL)),
    CONSTRAINT link_previews_store_known CHECK (store IN ('directory', 's3')),
    CONSTRAINT link_previews_sealed_key_length CHECK (length(sealed_key) = 68),
    CONSTRAINT link_previews_size_range CHECK (size > 0)
);
CREATE INDEX link_previews_url_idx ON link_previews (url_sha256, expires_at);

CREATE TABLE link_uses (
    message_id      bigint NOT NULL CONSTRAINT link_uses_message_exists REFERENCES messages ON DELETE CASCADE,
    link_preview_id bigint NOT NULL CONSTRAINT link_uses_preview_exists REFERENCES link_previews,
    PRIMARY KEY (message_id, link_preview_id)
);
CREATE INDEX link_uses_preview_idx ON link_uses (link_preview_id);

-- Messages whose links are to be looked up.
CREATE TABLE link_lookups (
    message_id bigint PRIMARY KEY CONSTRAINT link_lookups_message_exists REFERENCES messages ON DELETE CASCADE,
    tries      smallint NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX link_lookups_due_idx ON link_lookups (due_at);

-- The position up to which the log has been read for messages with links.
CREATE TABLE link_state (
    singleton boolean PRIMARY KEY DEFAULT true,
    position  bigint NOT NULL,
    CONSTRAINT link_state_singleton CHECK (singleton)
);
INSERT INTO link_state (position) SELECT greatest((SELECT max(position) FROM events), (SELECT floor FROM log_state), 0);

-- migrate:down
INSERT INTO blob_deletions (key) SELECT key FROM link_previews WHERE key IS NOT NULL ON CONFLICT DO NOTHING;
DROP TABLE link_state, link_lookups, link_uses, link_previews;
ALTER TABLE messages DROP COLUMN links;
ALTER TABLE workspaces DROP COLUMN link_previews;
