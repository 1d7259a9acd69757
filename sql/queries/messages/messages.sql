-- name: messages_newest(chat, before, limit)
-- A page of messages, newest first: the newest of all, or those just before a message id.
-- Ids and seqs rise together within a chat; the second look-up is for a message that has been deleted.
WITH page AS (
    SELECT id, message_json(messages) AS item FROM messages
    WHERE chat_id = :chat AND seq < (SELECT CASE WHEN :before::bigint IS NULL THEN 9223372036854775807 ELSE coalesce(
        (SELECT seq FROM messages WHERE id = :before AND chat_id = :chat),
        (SELECT min(seq) FROM messages WHERE chat_id = :chat AND id > :before),
        9223372036854775807) END)
    ORDER BY seq DESC LIMIT (SELECT :limit::integer) + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: messages_after(chat, after, limit)
-- A page of messages, newest first: the oldest of those that came after a message id.
WITH page AS (
    SELECT id, row_number() OVER (ORDER BY seq) AS place, message_json(messages) AS item FROM messages
    WHERE chat_id = :chat AND seq > coalesce(
        (SELECT seq FROM messages WHERE id = :after AND chat_id = :chat),
        (SELECT max(seq) FROM messages WHERE chat_id = :chat AND id < :after),
        0)
    ORDER BY seq LIMIT (SELECT :limit::integer) + 1
)
SELECT coalesce(array_to_json(array_agg(item ORDER BY id DESC) FILTER (WHERE place <= :limit)), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN max(id) FILTER (WHERE place = :limit) END AS next
FROM page;

-- name: messages_around(chat, around, limit)
-- A page of messages, newest first, with a message in its middle, or where it was before it was deleted. next is where
-- older ones go on, previous where newer ones do.
WITH middle AS (
    SELECT coalesce((SELECT seq FROM messages WHERE id = :around AND chat_id = :chat),
                    (SELECT max(seq) FROM messages WHERE chat_id = :chat AND id < :around), 0) AS seq
), older AS (
    SELECT id, row_number() OVER (ORDER BY seq DESC) AS place, message_json(messages) AS item FROM messages
    WHERE chat_id = :chat AND seq <= (SELECT seq FROM middle) ORDER BY seq DESC LIMIT ((SELECT :limit::integer) + 1) / 2 + 1
), newer AS (
    SELECT id, row_number() OVER (ORDER BY seq) AS place, message_json(messages) AS item FROM messages
    WHERE chat_id = :chat AND seq > (SELECT seq FROM middle) ORDER BY seq LIMIT (SELECT :limit::integer) / 2 + 1
), page AS (
    SELECT id, item FROM older WHERE place <= (:limit + 1) / 2 UNION ALL SELECT id, item FROM newer WHERE place <= :limit / 2
)
SELECT coalesce(array_to_json(array_agg(item ORDER BY id DESC)), '[]')::text AS items,
       CASE WHEN (SELECT count(*) FROM older) > (:limit + 1) / 2 THEN min(id) END AS next,
       CASE WHEN (SELECT count(*) FROM newer) > :limit / 2 THEN max(id) END AS previous
FROM page;

-- name: messages_post(sender_ids, chat_ids, contents, extras, idempotency_keys, patience_ms, judging, whole)
-- A row for each message, in their order: outcome is that of post_messages(), the message is set if it is created or
-- repeated. lock_not_available if a chat or a member stays locked elsewhere for longer than patience_ms.
SELECT outcome, message::text
FROM post_messages(:sender_ids, :chat_ids, :contents, :extras, :idempotency_keys, :patience_ms, :judging, :whole);

-- name: message_by_id(message, chat)
-- One message of a chat.
SELECT message_json(messages)::text FROM messages WHERE id = :message AND chat_id = :chat;

-- name: message_of_user(message, user, workspace)
-- A message of any chat of the user, of one workspace if it is given.
SELECT message_json(messages)::text FROM messages JOIN chat_members m ON m.chat_id = messages.chat_id
WHERE messages.id = :message AND m.user_id = :user AND (:workspace::bigint IS NULL OR m.workspace_id = :workspace);

-- name: message_lock(message, chat)
-- What changing its links depends on; locks the message until the end of the transaction.
SELECT sender_id, deleted_at IS NOT NULL AS deleted FROM messages WHERE id = :message AND chat_id = :chat FOR UPDATE;

-- name: message_edits(message, chat, before, limit)
-- A page of a message's content before each of its edits, newest first.
WITH page AS (
    SELECT version AS id, message_edit_json(message_edits) AS item FROM message_edits JOIN messages ON messages.id = message_id
    WHERE message_id = :message AND chat_id = :chat AND (:before::bigint IS NULL OR version < :before)
    ORDER BY version DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;
