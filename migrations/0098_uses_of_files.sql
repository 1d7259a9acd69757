-- migrate:up

-- A file may be used by more than messages: as the picture of a user, or as the icon of a workspace. A row is one use, in one
-- place; whoever sees the place sees the file. For a user, those who share a workspace with them.
ALTER TABLE file_uses
    DROP CONSTRAINT file_uses_pkey,
    ALTER COLUMN message_id DROP NOT NULL,
    ALTER COLUMN chat_id DROP NOT NULL,
    ADD COLUMN user_id bigint REFERENCES users ON DELETE CASCADE,
    ADD COLUMN workspace_id bigint REFERENCES workspaces ON DELETE CASCADE,
    ADD CONSTRAINT file_uses_once UNIQUE NULLS NOT DISTINCT (file_id, message_id, user_id, workspace_id),
    ADD CONSTRAINT file_uses_one_place CHECK (
        num_nonnulls(message_id, user_id, workspace_id) = 1 AND num_nulls(message_id, chat_id) IN (0, 2));
CREATE INDEX file_uses_user_idx ON file_uses (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX file_uses_workspace_idx ON file_uses (workspace_id) WHERE workspace_id IS NOT NULL;

-- avatar is a URL, or the path of the file while there is one.
ALTER TABLE users ADD COLUMN avatar_file_id bigint REFERENCES files ON DELETE SET NULL;
CREATE INDEX users_avatar_file_idx ON users (avatar_file_id) WHERE avatar_file_id IS NOT NULL;
ALTER TABLE workspaces ADD COLUMN icon_file_id bigint REFERENCES files ON DELETE SET NULL;
CREATE INDEX workspaces_icon_file_idx ON workspaces (icon_file_id) WHERE icon_file_id IS NOT NULL;

-- A message that is forwarded into another workspace takes its files along: they have rows of their own there, for the same
-- bytes. So several workspaces may have a key.
ALTER TABLE blobs DROP CONSTRAINT blobs_key_key;
CREATE INDEX blobs_key_idx ON blobs (key);
ALTER TABLE previews DROP CONSTRAINT previews_key_key;
CREATE INDEX previews_key_idx ON previews (key);

-- migrate:down
DO $$
BEGIN
    IF EXISTS (SELECT FROM blobs GROUP BY key HAVING count(*) > 1) THEN
        RAISE EXCEPTION 'there are files that were forwarded into another workspace' USING HINT = 'Delete these messages first.';
    END IF;
END
$$;
DELETE FROM file_uses WHERE message_id IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
DROP INDEX blobs_key_idx, previews_key_idx;
ALTER TABLE blobs ADD CONSTRAINT blobs_key_key UNIQUE (key);
ALTER TABLE previews ADD CONSTRAINT previews_key_key UNIQUE (key);
ALTER TABLE users DROP COLUMN avatar_file_id;
ALTER TABLE workspaces DROP COLUMN icon_file_id;
ALTER TABLE file_uses
    DROP COLUMN user_id,
    DROP COLUMN workspace_id,
    DROP CONSTRAINT IF EXISTS file_uses_once,
    DROP CONSTRAINT IF EXISTS file_uses_one_place,
    ADD PRIMARY KEY (file_id, message_id),
    ALTER COLUMN chat_id SET NOT NULL;
