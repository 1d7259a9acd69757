-- name: reactions_of_message(chat, message, emoji, after, limit)
-- A page of the users who reacted to a message, in order: with any emoji, or with one.
WITH page AS (
    SELECT id, reaction_json(message_reactions) AS item FROM message_reactions
    WHERE message_id = (SELECT id FROM messages WHERE id = :message AND chat_id = :chat)
      AND (:emoji::text IS NULL OR emoji IN (:emoji, reaction_emoji(:emoji))) AND id > :after
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: reactions_counted(chat, message)
-- The reactions to a message as the message has them; null if there is no such message in the chat.
SELECT message_reactions_json(messages)::text FROM messages WHERE id = :message AND chat_id = :chat;
