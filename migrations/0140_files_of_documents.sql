-- migrate:up

-- A file may be used by a document too: whoever sees the document sees the file.
ALTER TABLE file_uses
    ADD COLUMN document_id bigint REFERENCES documents ON DELETE CASCADE,
    DROP CONSTRAINT file_uses_once,
    DROP CONSTRAINT file_uses_one_place,
    ADD CONSTRAINT file_uses_once UNIQUE NULLS NOT DISTINCT (file_id, message_id, user_id, workspace_id, document_id),
    ADD CONSTRAINT file_uses_one_place CHECK (
        num_nonnulls(message_id, user_id, workspace_id, document_id) = 1 AND num_nulls(message_id, chat_id) IN (0, 2));
CREATE INDEX file_uses_document_idx ON file_uses (document_id, file_id) WHERE document_id IS NOT NULL;

-- migrate:down
DELETE FROM file_uses WHERE document_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE file_uses
    DROP CONSTRAINT file_uses_once,
    DROP CONSTRAINT file_uses_one_place,
    DROP COLUMN document_id,
    ADD CONSTRAINT file_uses_once UNIQUE NULLS NOT DISTINCT (file_id, message_id, user_id, workspace_id),
    ADD CONSTRAINT file_uses_one_place CHECK (
        num_nonnulls(message_id, user_id, workspace_id) = 1 AND num_nulls(message_id, chat_id) IN (0, 2));
