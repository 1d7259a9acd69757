-- name: thread_newest(chat, thread, before, limit)
-- A page of the replies of a thread, newest first: the newest of all, or those just before a message id. As messages_newest.
WITH page AS (
    SELECT id, message_json(messages) AS item FROM messages
    WHERE thread_id = :thread AND chat_id = :chat AND seq < (SELECT CASE WHEN :before::bigint IS NULL THEN 9223372036854775807 ELSE coalesce(
        (SELECT seq FROM messages WHERE id = :before AND chat_id = :chat),
        (SELECT min(seq) FROM messages WHERE chat_id = :chat AND id > :before),
        9223372036854775807) END)
    ORDER BY seq DESC LIMIT (SELECT :limit::integer) + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: thread_after(chat, thread, after, limit)
-- A page of the replies of a thread, newest first: the oldest of those that came after a message id. As messages_after.
WITH page AS (
    SELECT id, row_number() OVER (ORDER BY seq) AS place, message_json(messages) AS item FROM messages
    WHERE thread_id = :thread AND chat_id = :chat AND seq > coalesce(
        (SELECT seq FROM messages WHERE id = :after AND chat_id = :chat),
        (SELECT max(seq) FROM messages WHERE chat_id = :chat AND id < :after),
        0)
    ORDER BY seq LIMIT (SELECT :limit::integer) + 1
)
SELECT coalesce(array_to_json(array_agg(item ORDER BY id DESC) FILTER (WHERE place <= :limit)), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN max(id) FILTER (WHERE place = :limit) END AS next
FROM page;

-- name: thread_around(chat, thread, around, limit)
-- A page of the replies of a thread, newest first, with one in its middle. As messages_around.
WITH middle AS (
    SELECT coalesce((SELECT seq FROM messages WHERE id = :around AND chat_id = :chat),
                    (SELECT max(seq) FROM messages WHERE chat_id = :chat AND id < :around), 0) AS seq
), older AS (
    SELECT id, row_number() OVER (ORDER BY seq DESC) AS place, message_json(messages) AS item FROM messages
    WHERE thread_id = :thread AND chat_id = :chat AND seq <= (SELECT seq FROM middle) ORDER BY seq DESC LIMIT ((SELECT :limit::integer) + 1) / 2 + 1
), newer AS (
    SELECT id, row_number() OVER (ORDER BY seq) AS place, message_json(messages) AS item FROM messages
    WHERE thread_id = :thread AND chat_id = :chat AND seq > (SELECT seq FROM middle) ORDER BY seq LIMIT (SELECT :limit::integer) / 2 + 1
), page AS (
    SELECT id, item FROM older WHERE place <= (:limit + 1) / 2 UNION ALL SELECT id, item FROM newer WHERE place <= :limit / 2
)
SELECT coalesce(array_to_json(array_agg(item ORDER BY id DESC)), '[]')::text AS items,
       CASE WHEN (SELECT count(*) FROM older) > (:limit + 1) / 2 THEN min(id) END AS next,
       CASE WHEN (SELECT count(*) FROM newer) > :limit / 2 THEN max(id) END AS previous
FROM page;

-- name: thread_known(chat, thread)
-- Whether there is a message with which a thread may begin, or replies that have outlived it.
SELECT EXISTS (SELECT FROM messages WHERE id = :thread AND chat_id = :chat)
    OR EXISTS (SELECT FROM messages WHERE thread_id = :thread AND chat_id = :chat);

-- name: threads_of_user(user, workspace, before, limit)
-- A page of the threads that a user follows, newest reply first, each with its first message: all, or those of a
-- workspace. before is the id of a thread's last reply.
WITH page AS (
    SELECT thread_activity(root) AS id, thread_with_message_json(f, root) AS item
    FROM thread_followers f JOIN messages root ON root.id = f.thread_id
    WHERE f.user_id = :user AND (:before::bigint IS NULL OR thread_activity(root) < :before)
      AND (:workspace::bigint IS NULL OR EXISTS (SELECT FROM chats c WHERE c.id = root.chat_id AND c.workspace_id = :workspace))
    ORDER BY 1 DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: thread_follow(chat, thread, user)
-- Repeating this changes nothing.
INSERT INTO thread_followers (thread_id, user_id)
SELECT id, :user FROM messages WHERE id = :thread AND chat_id = :chat
ON CONFLICT DO NOTHING;

-- name: followed_thread(chat, thread, user)
-- A thread as its follower sees it.
SELECT followed_thread_json(f, root)::text FROM thread_followers f JOIN messages root ON root.id = f.thread_id
WHERE f.thread_id = :thread AND f.chat_id = :chat AND f.user_id = :user;

-- name: thread_unfollow(chat, thread, user)
-- Repeating this changes nothing.
DELETE FROM thread_followers WHERE thread_id = :thread AND chat_id = :chat AND user_id = :user;

-- name: thread_read_marker_move(chat, thread, user, seq)
-- Forward only, at most to the newest reply. Null if the user does not follow the thread.
UPDATE thread_followers f SET last_read_seq = greatest(last_read_seq, least(:seq, coalesce((thread ->> 'last_seq')::bigint, 0)))
FROM messages root WHERE root.id = f.thread_id AND f.thread_id = :thread AND f.chat_id = :chat AND f.user_id = :user
RETURNING followed_thread_json(f, root)::text;
