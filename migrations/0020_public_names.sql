-- migrate:up

-- A public channel is the only one of its name in its workspace, however its letters are cased; an archived one keeps its
-- name. Where there were several the oldest keeps the name, and the others get their id behind it.
UPDATE chats SET name = left(name, 77 - length(id::text)) || ' (' || id || ')'
WHERE type = 'PublicChannel' AND EXISTS (
    SELECT FROM chats older
    WHERE older.type = 'PublicChannel' AND older.workspace_id = chats.workspace_id AND lower(older.name) = lower(chats.name)
      AND older.id < chats.id);
-- What waits for COMMIT would keep the index from being made.
SET CONSTRAINTS ALL IMMEDIATE;
CREATE UNIQUE INDEX chats_public_name_key ON chats (workspace_id, lower(name)) WHERE type = 'PublicChannel';

-- migrate:down
DROP INDEX chats_public_name_key;
