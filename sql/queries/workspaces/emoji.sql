-- name: emoji_of_workspace(workspace)
-- All emoji that a workspace has made itself, by name.
SELECT emoji_of(:workspace)::text;

-- name: emoji_add(workspace, name, file, user)
-- Adds an emoji, and returns the one that has this name now.
WITH added AS (
    INSERT INTO custom_emoji (workspace_id, name, file_id, created_by) VALUES (:workspace, :name, :file, :user)
    ON CONFLICT DO NOTHING RETURNING custom_emoji
)
SELECT file_id, emoji_json(one)::text AS json FROM (
    SELECT (custom_emoji).* FROM added
    UNION ALL SELECT * FROM custom_emoji WHERE workspace_id = :workspace AND name = :name
) one LIMIT 1;

-- name: emoji_creator(workspace, name)
-- Who has added an emoji; no row if there is none.
SELECT created_by FROM custom_emoji WHERE workspace_id = :workspace AND name = :name;

-- name: emoji_remove(workspace, name)
-- Removes it. Its picture is deleted if it is used nowhere else.
DELETE FROM custom_emoji WHERE workspace_id = :workspace AND name = :name;
