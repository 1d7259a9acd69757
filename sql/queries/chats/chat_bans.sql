-- name: chat_bans(chat, after, limit)
-- A page of the current bans, by user id.
WITH page AS (
    SELECT user_id AS id, chat_ban_json(chat_bans) AS item FROM chat_bans
    WHERE chat_id = :chat AND user_id > :after AND (expires_at > now()) IS NOT FALSE
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: chat_ban_put(chat, target, user, reason, seconds)
-- Bans a user, for this many seconds or (null) for good; a trigger removes them. An existing ban is replaced.
INSERT INTO chat_bans (chat_id, user_id, banned_by, reason, expires_at)
VALUES (:chat, :target, :user, :reason, now() + make_interval(secs => :seconds::integer))
ON CONFLICT (chat_id, user_id) DO UPDATE SET
    banned_by = excluded.banned_by, reason = excluded.reason, created_at = excluded.created_at, expires_at = excluded.expires_at
RETURNING chat_ban_json(chat_bans)::text;

-- name: chat_ban_lift(chat, target)
-- True if there was one.
DELETE FROM chat_bans WHERE chat_id = :chat AND user_id = :target RETURNING true;

-- name: chat_ban_allowed(chat, target)
-- The users whom a ban may concern: members of the chat's workspace, its guests, and those already banned.
SELECT EXISTS (SELECT FROM chats JOIN workspace_members USING (workspace_id) WHERE chats.id = :chat AND user_id = :target)
    OR EXISTS (SELECT FROM chat_members WHERE chat_id = :chat AND user_id = :target)
    OR EXISTS (SELECT FROM chat_bans WHERE chat_id = :chat AND user_id = :target);
