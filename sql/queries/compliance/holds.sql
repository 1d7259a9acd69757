-- name: hold_place(workspace, name, reason, user, chat, since, until)
-- Places a hold; what comes after it obeys it.
INSERT INTO holds (workspace_id, name, reason, user_id, chat_id, since, until)
VALUES (:workspace, :name, :reason, :user, :chat, :since::timestamptz, :until::timestamptz) RETURNING hold_json(holds)::text;

-- name: holds_of_workspace(workspace, released, before, limit)
-- A page of a workspace's holds, newest first: those that are released, those in force, or all.
WITH page AS (
    SELECT id, hold_json(holds) AS item FROM holds
    WHERE workspace_id = :workspace AND (:before::bigint IS NULL OR id < :before)
      AND (:released::boolean IS NULL OR (released_at IS NOT NULL) = :released)
    ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: hold_by_id(workspace, hold)
-- One hold.
SELECT hold_json(holds)::text FROM holds WHERE id = :hold AND workspace_id = :workspace;

-- name: hold_release(workspace, hold, reason)
-- Releases a hold; what no other one keeps is gone some days later.
UPDATE holds SET released_at = now(), release_reason = :reason WHERE id = :hold AND workspace_id = :workspace
RETURNING hold_json(holds)::text;

-- name: holds_let_go()
-- Deletes what holds have kept that were released some days ago, if no other one keeps it.
SELECT let_go_of_released() AS hold;
