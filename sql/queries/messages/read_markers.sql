-- name: read_marker_move(chat, user, seq)
-- Forward only, at most to the newest message; mentions that an edit has added up to there are read too. Null if the
-- user is not a member.
UPDATE chat_members SET last_read_seq = greatest(last_read_seq, least(:seq, last_seq)), late_mentions = seqs_above(late_mentions, :seq)
FROM chats WHERE chats.id = chat_id AND chat_id = :chat AND user_id = :user
RETURNING (SELECT row_to_json(shape)::text FROM (
    -- The user's own message, sent meanwhile, may have moved it past the last_seq that is seen here.
    SELECT chat_id, last_read_seq, unread(chats, last_read_seq)
) shape);

-- name: read_marker_move_back(chat, user, seq)
-- To just before a message; if that is unread already, nothing changes. Null if the user is not a member.
UPDATE chat_members SET last_read_seq = least(last_read_seq, :seq::bigint - 1)
FROM chats WHERE chats.id = chat_id AND chat_id = :chat AND user_id = :user
RETURNING (SELECT row_to_json(shape)::text FROM (
    SELECT chat_id, last_read_seq, unread(chats, last_read_seq)
) shape);

-- name: chat_readers(chat, after, limit)
-- A page of the members' read positions, by user id; read_at is null if it has not moved since joining.
WITH page AS (
    SELECT user_id AS id, (SELECT row_to_json(shape) FROM (SELECT user_id, last_read_seq, read_at) shape) AS item
    FROM chat_members WHERE chat_id = :chat AND user_id > :after
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;
