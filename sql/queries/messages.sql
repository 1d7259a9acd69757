-- name: messages_newest(chat, before, limit)
-- A page of messages, newest first: the newest of all, or those just before a message id.
-- Ids and seqs rise together within a chat; the second look-up is for a message that has been deleted.
WITH page AS (
    SELECT id, message_json(messages) AS item FROM messages
    WHERE chat_id = :chat AND (:before::bigint IS NULL OR seq < coalesce(
        (SELECT seq FROM messages WHERE id = :before AND chat_id = :chat),
        (SELECT min(seq) FROM messages WHERE chat_id = :chat AND id > :before),
        9223372036854775807))
    ORDER BY seq DESC LIMIT :limit + 1
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
    ORDER BY seq LIMIT :limit + 1
)
SELECT coalesce(array_to_json(array_agg(item ORDER BY id DESC) FILTER (WHERE place <= :limit)), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN max(id) FILTER (WHERE place = :limit) END AS next
FROM page;

-- name: messages_post(sender_ids, chat_ids, contents, idempotency_keys, patience_ms)
-- A row for each message, in their order: outcome is created, repeated, conflict, forbidden or not_found; the message
-- with the first two. lock_not_available where somebody keeps a chat or a member locked for longer than patience_ms.
SELECT outcome, message::text
FROM post_messages(:sender_ids, :chat_ids, :contents, :idempotency_keys, :patience_ms);

-- name: read_marker_move(chat, user, seq)
-- Forward only, and no further than the newest message. Null if the user is no member.
UPDATE chat_members SET last_read_seq = greatest(last_read_seq, least(:seq, last_seq))
FROM chats WHERE chats.id = chat_id AND chat_id = :chat AND user_id = :user
RETURNING (SELECT row_to_json(shape)::text FROM (
    -- The user's own message, sent meanwhile, may have moved it past the last_seq that is seen here.
    SELECT chat_id, last_read_seq, greatest(last_seq - last_read_seq, 0) AS unread
) shape);
