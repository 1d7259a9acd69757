-- migrate:up

-- Emoji that a workspace has made itself: pictures with names, which reactions and messages have between colons. The picture is
-- a use of its file in the workspace.
CREATE TABLE custom_emoji (
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name         text NOT NULL,
    file_id      bigint NOT NULL REFERENCES files ON DELETE CASCADE,
    created_by   bigint REFERENCES users ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, name),
    CONSTRAINT custom_emoji_name_form CHECK (name ~ '^[a-z0-9_+-]{1,50}$')
);
CREATE INDEX custom_emoji_file_idx ON custom_emoji (file_id);
CREATE INDEX custom_emoji_created_by_idx ON custom_emoji (created_by);

ALTER TABLE file_uses
    ADD COLUMN emoji text,
    DROP CONSTRAINT file_uses_once,
    ADD CONSTRAINT file_uses_once UNIQUE NULLS NOT DISTINCT (file_id, message_id, user_id, workspace_id, document_id, emoji),
    ADD CONSTRAINT file_uses_emoji_in_workspace CHECK (emoji IS NULL OR workspace_id IS NOT NULL);

-- migrate:down
DELETE FROM file_uses WHERE emoji IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE file_uses
    DROP CONSTRAINT file_uses_once,
    DROP CONSTRAINT file_uses_emoji_in_workspace,
    DROP COLUMN emoji,
    ADD CONSTRAINT file_uses_once UNIQUE NULLS NOT DISTINCT (file_id, message_id, user_id, workspace_id, document_id);
DROP TABLE custom_emoji;
