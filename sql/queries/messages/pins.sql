-- name: pins_of_chat(chat, before, limit)
-- A page of a chat's pinned messages, the newest pin first. before is the id of a pin, not of its message.
WITH page AS (
    SELECT message_pins.id, pinned_message_json(message_pins, messages) AS item
    FROM message_pins JOIN messages ON messages.id = message_id
    WHERE message_pins.chat_id = :chat AND (:before::bigint IS NULL OR message_pins.id < :before)
    ORDER BY message_pins.id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;
