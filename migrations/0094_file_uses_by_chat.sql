-- migrate:up

-- The files of a user's chats.
CREATE INDEX file_uses_chat_idx ON file_uses (chat_id, file_id);

-- migrate:down
DROP INDEX file_uses_chat_idx;
