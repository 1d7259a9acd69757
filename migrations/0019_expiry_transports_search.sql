-- migrate:up

-- What is over is looked for every minute.
CREATE INDEX chat_bans_expires_idx ON chat_bans (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX chat_invites_expires_idx ON chat_invites (expires_at);
CREATE INDEX chat_members_silenced_idx ON chat_members (silenced_until) WHERE silenced_until IS NOT NULL;
CREATE INDEX chat_silences_until_idx ON chat_silences (until);

-- How a stream reaches its client. The default is for a notify_server of before, which does not say.
ALTER TABLE streams
    ADD COLUMN transport text NOT NULL DEFAULT 'sse',
    ADD CONSTRAINT streams_transport_known CHECK (transport IN ('sse', 'websocket'));

-- Channels are found by a part of their name. pg_trgm is of PostgreSQL's own contrib, and needs no superuser.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX chats_joinable_name_idx ON chats USING gin (lower(name) gin_trgm_ops)
    WHERE (type = 'PublicChannel' OR password_hash IS NOT NULL) AND archived_at IS NULL;

-- migrate:down
DROP INDEX chats_joinable_name_idx;
DROP EXTENSION pg_trgm;
ALTER TABLE streams DROP COLUMN transport;
DROP INDEX chat_bans_expires_idx, chat_invites_expires_idx, chat_members_silenced_idx, chat_silences_until_idx;
