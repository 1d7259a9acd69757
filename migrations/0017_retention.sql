-- migrate:up

-- For how many days messages are kept; null is for ever. A chat's own beats its workspace's.
ALTER TABLE workspaces
    ADD COLUMN retention_days integer,
    ADD CONSTRAINT workspaces_retention_days_range CHECK (retention_days BETWEEN 1 AND 36500);

-- What lies below first_seq has gone: messages with a lower seq, which are those with an id below first_message_id, and all that
-- hangs on them. first_seq only rises, and takes them with it; first_message_id is kept by a trigger.
ALTER TABLE chats
    ADD COLUMN retention_days integer,
    ADD COLUMN first_seq bigint NOT NULL DEFAULT 1,
    ADD COLUMN first_message_id bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT chats_retention_days_range CHECK (retention_days BETWEEN 1 AND 36500),
    ADD CONSTRAINT chats_first_seq_range CHECK (first_seq BETWEEN 1 AND last_seq + 1);

-- migrate:down
ALTER TABLE chats DROP COLUMN retention_days, DROP COLUMN first_seq, DROP COLUMN first_message_id;
ALTER TABLE workspaces DROP COLUMN retention_days;
