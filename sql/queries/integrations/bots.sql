-- name: bot_create(owner, workspace, username, fullname, description)
-- Creates a bot of a workspace, and returns its id.
SELECT user_id FROM create_bot(:owner, :workspace, :username, :fullname, :description);

-- name: bots_of_workspace(workspace, after, limit)
-- A page of the bots of a workspace, by id.
WITH page AS (
    SELECT user_id AS id, bot_json(bots) AS item FROM bots
    WHERE workspace_id = :workspace AND user_id > :after ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: bot_by_id(bot)
-- A bot with its workspace and owner; no row if there is none.
SELECT workspace_id, owner_id, bot_json(bots)::text AS json FROM bots WHERE user_id = :bot;

-- name: bot_lock(bot)
-- The same, and it stays so until the transaction ends.
SELECT workspace_id, owner_id FROM bots WHERE user_id = :bot FOR NO KEY UPDATE;

-- name: bot_update(bot, owner, description, fullname)
-- Changes what is not null. A description of "" removes it.
WITH renamed AS (
    UPDATE users SET fullname = :fullname WHERE id = :bot AND :fullname::text IS NOT NULL
)
UPDATE bots SET owner_id = coalesce(:owner, owner_id),
                description = nullif(coalesce(:description, description), '') WHERE user_id = :bot;

-- name: bot_delete(bot)
-- A bot leaves its workspace, with its tokens and webhooks.
SELECT delete_bot(:bot);

-- name: bot_token_open(bot, hash, name, scopes, days)
-- Makes a token of a bot; null if it is not active.
SELECT token_json(made)::text FROM open_bot_token(:bot, :hash, :name, :scopes, :days) made WHERE made.id IS NOT NULL;
