-- name: search_chats(user, workspace)
-- The chats whose messages the user may find: all, or those of a workspace.
SELECT chats.id, name FROM chat_members JOIN chats ON chats.id = chat_id
WHERE user_id = :user AND (:workspace::bigint IS NULL OR chats.workspace_id = :workspace);

-- name: search_senders(user, workspace, names)
-- Users by name, in small letters, as far as they share a workspace, or this one, with the user.
SELECT users.id, username FROM users
WHERE lower(username) = ANY (:names::text[])
  AND (shares_workspace(:user, users.id, :workspace) OR meets_as_guest(:user, users.id, :workspace));

-- name: search_frequencies(user, chats, tokens, beginnings)
-- About how many indexed messages have each of these tokens, then those that begin like these; how many there are; and
-- how many of these chats, or of all if that is null, are the user's, with about how many messages.
SELECT scope.*,
       ARRAY(SELECT coalesce((SELECT documents FROM search_tokens WHERE token = wanted), 0)
             FROM unnest(:tokens::text[]) WITH ORDINALITY AS given (wanted, place) ORDER BY place) AS tokens,
       ARRAY(SELECT (SELECT coalesce(sum(documents), 0)::bigint FROM (
                         SELECT documents FROM search_tokens
                         WHERE token >= wanted AND token < wanted || chr(1114111) LIMIT 2000) beginning)
             FROM unnest(:beginnings::text[]) WITH ORDINALITY AS given (wanted, place) ORDER BY place) AS beginnings,
       (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'search_documents'::regclass) AS documents
FROM (
    SELECT count(*) AS chats, coalesce(sum(last_seq - first_seq + 1), 0)::bigint AS volume
    FROM chat_members JOIN chats ON chats.id = chat_id
    WHERE user_id = (SELECT :user::bigint) AND ((SELECT :chats::bigint[]) IS NULL OR chat_id IN (SELECT unnest(:chats::bigint[])))
) scope;

-- name: search_messages(user, chats, plan, walked, query, below, since, until, pinned, amount, tail)
-- Messages that may be found, newest first, below an id, of those of these chats, or of all if that is null, that the user
-- is a member of: of the index, in one of the ways of search_candidates(), and of the log's tail that is not indexed yet.
-- The caller decides by their content. Always at least one row, whose id is null if there is none. cut: below this id
-- nothing has been looked at; null if all has. complete: whether index and tail together have all messages.
WITH mine AS MATERIALIZED (
    SELECT chat_id FROM chat_members
    WHERE user_id = (SELECT :user::bigint) AND ((SELECT :chats::bigint[]) IS NULL OR chat_id IN (SELECT unnest(:chats::bigint[])))
), tail AS MATERIALIZED (
    SELECT message_id FROM search_tail(:tail) AS message_id
), indexed AS MATERIALIZED (
    SELECT message_id, is_cut
    FROM search_candidates(:plan, :walked, :query::text::tsquery, ARRAY(SELECT chat_id FROM mine), :below, :since, :until,
                           :pinned, :amount)
), cut AS MATERIALIZED (
    SELECT max(message_id) AS id FROM indexed WHERE is_cut
), candidate AS MATERIALIZED (
    SELECT message_id FROM indexed WHERE NOT is_cut
    UNION
    SELECT message_id FROM tail WHERE message_id < :below
), found AS (
    SELECT one.* FROM candidate CROSS JOIN LATERAL (
        SELECT m.id, m.sender_id, m.type, m.content, m.mentions, m.mentions_everyone,
               file_types(m.files) AS file_types, file_names(m.files) AS file_names, m.updated_at IS NOT NULL AS edited,
               m.thread_id IS NOT NULL OR coalesce((m.thread ->> 'reply_count')::bigint, 0) > 0 AS thread,
               EXISTS (SELECT FROM message_pins WHERE message_pins.message_id = m.id) AS pinned,
               message_json(m)::text AS message
        FROM messages m
        WHERE m.id = candidate.message_id AND m.deleted_at IS NULL AND m.id >= coalesce((SELECT id FROM cut), 0)
          AND (m.chat_id IN (SELECT chat_id FROM mine)) IS TRUE  -- no join with all chats
          AND ((SELECT :since::timestamptz) IS NULL OR m.created_at >= :since)
          AND ((SELECT :until::timestamptz) IS NULL OR m.created_at < :until)
        OFFSET 0  -- one message after the other by its id, and never all messages of a chat
    ) one
)
SELECT found.*, cut.id AS cut, state.complete AND (SELECT count(*) FROM tail) < :tail AS complete
FROM search_state state CROSS JOIN cut LEFT JOIN found ON true
ORDER BY found.id DESC;

-- name: search_similar_tokens(word, amount)
-- Words that have many trigrams in common with this one.
SELECT token FROM search_similar_tokens(:word, :amount);

-- name: search_tokens_of_chats(user, chats, words)
-- Those of these words, each of letters alone, that indexed messages of these chats of the user have, or of all if that is
-- null.
SELECT word FROM unnest(:words::text[]) AS word
WHERE EXISTS (
    SELECT FROM search_documents d WHERE d.tsv @@ quote_literal(word)::tsquery AND (d.chat_id IN (
        SELECT chat_id FROM chat_members
        WHERE user_id = :user AND (:chats::bigint[] IS NULL OR chat_id IN (SELECT unnest(:chats::bigint[])))
    )) IS TRUE);  -- by the word: by chats, all their messages would be looked up for each word

-- name: search_chats_named(user, workspace, words, after, limit)
-- A page of the user's chats whose names have all of these, by id.
WITH page AS (
    SELECT chat_id AS id, chat_json(chats, :user) AS item FROM chat_members JOIN chats ON chats.id = chat_id
    WHERE user_id = :user AND chat_id > :after AND (:workspace::bigint IS NULL OR chats.workspace_id = :workspace)
      AND NOT EXISTS (SELECT FROM unnest(:words::text[]) word WHERE position(fold_name(word) IN fold_name(name)) = 0)
    ORDER BY chat_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: search_documents_named(user, workspace, kind, words, after, limit)
-- A page of the documents of a kind that the user is a member of and whose names have all of these, by id.
WITH page AS (
    SELECT documents.id, document_json(documents, :user) AS item
    FROM document_members me JOIN documents ON documents.id = document_id
    WHERE user_id = :user AND documents.kind = :kind AND deleted_at IS NULL AND documents.id > :after
      AND (:workspace::bigint IS NULL OR documents.workspace_id = :workspace)
      AND NOT EXISTS (SELECT FROM unnest(:words::text[]) word WHERE position(fold_name(word) IN fold_name(name)) = 0)
    ORDER BY documents.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: search_files(user, workspace, words, query, before, limit)
-- A page of the files that the user sees in messages and documents and that have all of these in their names, or the query
-- in their words, newest first, each with the newest message that has it, or the newest document.
WITH page AS (
    SELECT f.id, row_to_json(shape) AS item
    FROM files f CROSS JOIN LATERAL (
        (SELECT use.chat_id, use.message_id, NULL::bigint AS document_id, NULL AS kind FROM file_uses use
         JOIN chat_members me ON me.chat_id = use.chat_id AND me.user_id = :user
         JOIN messages m ON m.id = use.message_id AND f.id = ANY (m.files)  -- an edit may have taken it away
         WHERE use.file_id = f.id ORDER BY use.message_id DESC LIMIT 1)
        UNION ALL
        (SELECT NULL, NULL, d.id, d.kind FROM file_uses use
         JOIN document_members me ON me.document_id = use.document_id AND me.user_id = :user
         JOIN documents d ON d.id = use.document_id AND d.deleted_at IS NULL
         WHERE use.file_id = f.id ORDER BY d.id DESC LIMIT 1)
        ORDER BY message_id NULLS LAST LIMIT 1
    ) newest CROSS JOIN LATERAL (
        SELECT file_json(f) AS file, newest.chat_id, newest.message_id, CASE newest.kind WHEN 'board' THEN newest.document_id END AS board_id,
               CASE newest.kind WHEN 'page' THEN newest.document_id END AS page_id
    ) shape
    WHERE f.id < :before AND f.state <> 'refused' AND (:workspace::bigint IS NULL OR f.workspace_id = :workspace)
      AND f.id IN (SELECT use.file_id FROM chat_members me JOIN file_uses use ON use.chat_id = me.chat_id WHERE me.user_id = :user
                   UNION ALL SELECT use.file_id FROM document_members me JOIN file_uses use ON use.document_id = me.document_id
                   WHERE me.user_id = :user)
      AND (NOT EXISTS (SELECT FROM unnest(:words::text[]) word WHERE position(fold_name(word) IN fold_name(name)) = 0)
           OR EXISTS (SELECT FROM blob_words b WHERE (b.workspace_id, b.sha256) = (f.workspace_id, f.sha256)
                                                 AND b.tsv @@ :query::text::tsquery))
    ORDER BY f.id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: search_people_named(user, workspace, words, after, limit)
-- A page of the people of the user's workspaces, or met as guests, whose full or user names have all of these, by id. Few are found by the
-- trigram index; else all members of these workspaces are read.
WITH few AS MATERIALIZED (
    SELECT few_people_named(:words) AS ids
), page AS (
    SELECT users.id, user_json(users, false) AS item FROM (
        SELECT theirs.user_id AS id FROM few, unnest(ids) AS id JOIN workspace_members theirs ON theirs.user_id = id
        JOIN workspace_members mine USING (workspace_id)
        WHERE mine.user_id = :user AND (:workspace::bigint IS NULL OR workspace_id = :workspace)
        UNION
        SELECT theirs.user_id FROM few, workspace_members mine JOIN workspace_members theirs USING (workspace_id)
        WHERE ids IS NULL AND mine.user_id = :user AND (:workspace::bigint IS NULL OR workspace_id = :workspace)
        UNION
        SELECT met_as_guests(:user, :workspace)
    ) candidate JOIN users USING (id)
    WHERE users.id > :after AND status = 'active'
      AND NOT EXISTS (SELECT FROM unnest(:words::text[]) word
                      WHERE position(fold_name(word) IN fold_name(fullname)) = 0
                        AND position(fold_name(word) IN fold_name(username)) = 0)
    ORDER BY users.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;
