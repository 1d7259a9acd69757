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
