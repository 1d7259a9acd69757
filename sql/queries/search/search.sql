-- name: search_messages(user, query, before, limit, tail)
-- Messages that may be found, newest first, below an id: of the chats that the user is a member of, and not deleted.
-- Those of the index, and all of the log's tail that is not indexed yet. The caller decides by their content. Always at
-- least one row, whose id is null if there is none. complete: whether index and tail together have all messages.
WITH mine AS MATERIALIZED (
    SELECT chat_id FROM chat_members WHERE user_id = :user
), tail AS MATERIALIZED (
    SELECT message_id FROM search_tail(:tail) AS message_id
), candidates AS MATERIALIZED (
    (SELECT message_id FROM search_documents
     WHERE tsv @@ :query::tsquery AND chat_id = ANY (ARRAY(SELECT chat_id FROM mine)) AND message_id < :before
     ORDER BY message_id DESC LIMIT :limit)
    UNION
    SELECT message_id FROM tail WHERE message_id < :before
), found AS (
    SELECT messages.id, content, message_json(messages)::text AS message
    FROM candidates JOIN messages ON messages.id = message_id JOIN mine USING (chat_id)
    WHERE deleted_at IS NULL
    ORDER BY messages.id DESC LIMIT :limit
)
SELECT found.*, state.complete AND (SELECT count(*) FROM tail) < :tail AS complete
FROM search_state state LEFT JOIN found ON true
ORDER BY found.id DESC;
