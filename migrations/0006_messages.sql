-- migrate:up

-- type says how a client shows it, metadata what it needs for that (a file's name, an image's size): the server reads
-- neither. reply_to is the message it answers, thread_id the one its thread began with; they name rows that retention
-- may have taken. forwarded_from names the source of a copy. Of a deleted message nothing is kept but its place.
ALTER TABLE messages
    ADD COLUMN type           text NOT NULL DEFAULT 'text',
    ADD COLUMN metadata       jsonb,
    ADD COLUMN reply_to       bigint,
    ADD COLUMN thread_id      bigint,
    ADD COLUMN forwarded_from jsonb,
    ADD COLUMN deleted_at     timestamptz,
    ADD COLUMN deleted_by     bigint REFERENCES users,
    DROP CONSTRAINT messages_content_length,
    ADD CONSTRAINT messages_content_length CHECK (
        length(content) <= 10000 AND (btrim(content, E' \t\r\n') <> '' OR deleted_at IS NOT NULL)),
    ADD CONSTRAINT messages_type_known CHECK (type IN ('text', 'image', 'file')),
    ADD CONSTRAINT messages_metadata_size CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) <= 8192),
    ADD CONSTRAINT messages_thread CHECK (num_nulls(reply_to, thread_id) IN (0, 2)),
    ADD CONSTRAINT messages_forwarded_from CHECK (
        forwarded_from ?& ARRAY['message_id', 'chat_id', 'sender_id']
        AND forwarded_from - ARRAY['message_id', 'chat_id', 'sender_id'] = '{}'),
    ADD CONSTRAINT messages_deleted_is_empty CHECK (
        deleted_at IS NULL AND deleted_by IS NULL
        OR deleted_at IS NOT NULL AND content = '' AND num_nonnulls(metadata, forwarded_from) = 0);
CREATE INDEX messages_thread_idx ON messages (thread_id, seq) WHERE thread_id IS NOT NULL;
CREATE INDEX messages_deleted_by_idx ON messages (deleted_by) WHERE deleted_by IS NOT NULL;

-- What a message said before each of its edits. written_at: when it was made to say so.
CREATE TABLE message_edits (
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    version    integer NOT NULL,
    type       text NOT NULL,
    content    text NOT NULL,
    metadata   jsonb,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, version)
);

-- Events that carry a message's content name it, so that a deletion finds them.
ALTER TABLE events ADD COLUMN message_id bigint;
CREATE INDEX events_message_idx ON events (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX events_new_chat_idx ON events (chat_id, created_at) WHERE kind = 'NewChat';

-- migrate:down
DROP INDEX events_new_chat_idx, events_message_idx;
ALTER TABLE events DROP COLUMN message_id;
DROP TABLE message_edits;
DELETE FROM messages WHERE deleted_at IS NOT NULL;
ALTER TABLE messages
    DROP COLUMN type, DROP COLUMN metadata, DROP COLUMN reply_to, DROP COLUMN thread_id, DROP COLUMN forwarded_from,
    DROP CONSTRAINT messages_content_length,
    DROP COLUMN deleted_at, DROP COLUMN deleted_by,
    ADD CONSTRAINT messages_content_length CHECK (length(content) <= 10000 AND btrim(content, E' \t\r\n') <> '');
