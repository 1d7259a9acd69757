-- Threads: the summary of replies on a thread's first message. The triggers of messages maintain it, and call these
-- functions only for replies.

-- Counts new replies, and makes their authors follow: the author of the first message from its first reply on, others
-- from their own. A user's own reply counts as read. The posting transaction has locked the chats.
CREATE FUNCTION grow_threads(replies bigint[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET timezone = 'UTC' AS $$
BEGIN
    PERFORM 1 FROM messages WHERE id IN (SELECT thread_id FROM messages WHERE id = ANY (replies)) ORDER BY id FOR NO KEY UPDATE;
    WITH reply AS (
        SELECT * FROM messages WHERE id = ANY (replies)
    ), grown AS (
        SELECT thread_id, count(*) AS amount, max(thread_seq) AS last_seq, max(id) AS last_id FROM reply GROUP BY thread_id
    ), newcomers AS (
        SELECT thread_id, to_jsonb(array_agg(sender_id ORDER BY first)) AS senders, count(*) AS amount
        FROM (SELECT thread_id, sender_id, min(thread_seq) AS first FROM reply GROUP BY thread_id, sender_id) author
        -- As a scalar, and in the index's order, it is looked up there, whatever the statistics say.
        WHERE (SELECT id FROM messages earlier WHERE earlier.thread_id = author.thread_id AND earlier.sender_id = author.sender_id
               AND earlier.thread_seq < first AND earlier.deleted_at IS NULL ORDER BY earlier.thread_seq LIMIT 1) IS NULL
        GROUP BY thread_id
    )
    UPDATE messages root SET thread = jsonb_build_object(
        'reply_count', coalesce((thread ->> 'reply_count')::bigint, 0) + grown.amount,
        'participant_count', coalesce((thread ->> 'participant_count')::bigint, 0) + coalesce(newcomers.amount, 0),
        'participants', jsonb_path_query_array(
            coalesce(thread -> 'participants', '[]') || coalesce(newcomers.senders, '[]'),
            '$[0 to $last]', jsonb_build_object('last', named_users() - 1)),
        'last_seq', grown.last_seq,
        'last_reply_id', grown.last_id,
        'last_reply_at', (SELECT created_at FROM reply WHERE reply.id = grown.last_id))
    FROM grown LEFT JOIN newcomers USING (thread_id)
    WHERE root.id = grown.thread_id;
    INSERT INTO thread_followers (thread_id, user_id, last_read_seq)
    SELECT thread_id, user_id, max(seq) FROM (
        SELECT thread_id, chat_id, sender_id, thread_seq FROM messages WHERE id = ANY (replies)
        UNION ALL
        SELECT root.id, root.chat_id, root.sender_id, 0 FROM messages reply JOIN messages root ON root.id = reply.thread_id
        WHERE reply.id = ANY (replies) AND reply.thread_seq = 1
    ) author (thread_id, chat_id, user_id, seq)
    WHERE EXISTS (SELECT FROM chat_members member WHERE member.chat_id = author.chat_id AND member.user_id = author.user_id)
      AND EXISTS (SELECT FROM messages WHERE id = author.thread_id)
    GROUP BY thread_id, user_id ORDER BY thread_id, user_id
    ON CONFLICT (thread_id, user_id) DO UPDATE SET last_read_seq = greatest(thread_followers.last_read_seq, excluded.last_read_seq);
END
$$;

-- Removes a deleted reply from the count. last_seq stays, so its number is not reused.
CREATE FUNCTION shrink_thread(reply messages) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET timezone = 'UTC' AS $$
DECLARE
    newest messages;
    left_over jsonb;
BEGIN
    PERFORM 1 FROM messages WHERE id = reply.thread_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO newest FROM messages WHERE thread_id = reply.thread_id AND deleted_at IS NULL ORDER BY seq DESC LIMIT 1;
    left_over := jsonb_build_object('last_reply_id', newest.id, 'last_reply_at', newest.created_at);
    IF NOT EXISTS (SELECT FROM messages WHERE thread_id = reply.thread_id AND sender_id = reply.sender_id AND deleted_at IS NULL) THEN
        left_over := left_over || (SELECT jsonb_build_object(
            'participant_count', count(*), 'participants', coalesce((array_agg(sender_id ORDER BY first))[:named_users()], '{}'))
            FROM (SELECT sender_id, min(seq) AS first FROM messages
                  WHERE thread_id = reply.thread_id AND deleted_at IS NULL GROUP BY sender_id) author);
    END IF;
    UPDATE messages SET thread = thread || left_over || jsonb_build_object('reply_count', (thread ->> 'reply_count')::bigint - 1)
    WHERE id = reply.thread_id;
END
$$;
