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

-- name: pin_add(chat, message, user)
-- Repeating this changes nothing.
INSERT INTO message_pins (message_id, pinned_by)
SELECT id, :user FROM messages WHERE id = :message AND chat_id = :chat
ON CONFLICT DO NOTHING;

-- name: pin_of_message(chat, message)
-- Who has pinned a message, and when.
SELECT pin_json(message_pins)::text FROM message_pins WHERE message_id = :message AND chat_id = :chat;

-- name: pin_remove(chat, message)
-- Unpins a message.
DELETE FROM message_pins WHERE message_id = :message AND chat_id = :chat;
