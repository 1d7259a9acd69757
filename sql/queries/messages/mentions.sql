-- name: mentions_of_user(user, workspace, before, limit)
-- A page of the messages that mention the user, of the chats they are in now, newest first: of all, or
-- those of one workspace, or before a message id.
WITH mentioning AS (
    SELECT DISTINCT message_id FROM chat_members me CROSS JOIN LATERAL (
        (SELECT message_id FROM mentions
         WHERE chat_id = me.chat_id AND user_id = :user AND message_id < coalesce(:before::bigint, 9223372036854775807)
         ORDER BY message_id DESC LIMIT :limit + 1)
        UNION ALL
        (SELECT message_id FROM mentions
         WHERE chat_id = me.chat_id AND user_id IS NULL AND message_id < coalesce(:before::bigint, 9223372036854775807)
         ORDER BY user_id DESC, message_id DESC LIMIT :limit + 1)
    ) newest_of_chat
    WHERE me.user_id = :user AND (:workspace::bigint IS NULL OR me.workspace_id = :workspace)
    ORDER BY message_id DESC LIMIT :limit + 1
), page AS (
    SELECT id, message_json(messages) AS item FROM mentioning JOIN messages ON id = message_id
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;
