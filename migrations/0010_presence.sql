-- migrate:up

-- What a person says of themselves: a presence of their choice (auto: as it is), and a status in words, for a time or until taken back.
ALTER TABLE users
    ADD COLUMN presence_mode text NOT NULL DEFAULT 'auto',
    ADD COLUMN status_text   text,
    ADD COLUMN status_emoji  text,
    ADD COLUMN status_until  timestamptz,
    ADD CONSTRAINT users_presence_mode_known CHECK (presence_mode IN ('auto', 'away', 'dnd', 'invisible')),
    ADD CONSTRAINT users_status_text_length CHECK (length(status_text) <= 100 AND btrim(status_text) <> ''),
    ADD CONSTRAINT users_status_emoji_length CHECK (length(status_emoji) <= 64 AND btrim(status_emoji) <> ''),
    ADD CONSTRAINT users_status_until_of_something CHECK (
        status_until IS NULL OR status_text IS NOT NULL OR status_emoji IS NOT NULL);
CREATE INDEX users_status_until_idx ON users (status_until) WHERE status_until IS NOT NULL;

-- A node says itself until when it counts without a further word.
ALTER TABLE notify_nodes ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '30 seconds';
CREATE INDEX streams_user_idx ON streams (user_id);

-- The presence of each user as others have been told it, by settle_presence(). leaves_at: without a stream, and offline
-- from then on unless one is opened. seen_at: when the last stream was closed. told_at: when others were told last.
-- Unlogged, like the streams it is made of.
CREATE UNLOGGED TABLE presences (
    user_id   bigint PRIMARY KEY,
    presence  text NOT NULL DEFAULT 'offline',
    leaves_at timestamptz,
    seen_at   timestamptz,
    told_at   timestamptz,
    CONSTRAINT presences_presence_known CHECK (presence IN ('online', 'away', 'dnd', 'offline'))
);
CREATE INDEX presences_leaves_idx ON presences (leaves_at) WHERE leaves_at IS NOT NULL;

-- Sessions whose user does not touch the client. Kept beside the streams, since these break and come back by themselves.
CREATE UNLOGGED TABLE idle_sessions (
    session_id bigint PRIMARY KEY REFERENCES sessions ON DELETE CASCADE
);

-- migrate:down
DROP TABLE idle_sessions, presences;
DROP INDEX streams_user_idx;
ALTER TABLE notify_nodes DROP COLUMN expires_at;
ALTER TABLE users
    DROP COLUMN presence_mode, DROP COLUMN status_text, DROP COLUMN status_emoji, DROP COLUMN status_until;
