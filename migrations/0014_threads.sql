-- migrate:up

-- thread_seq counts the replies of a thread 1, 2, 3 … thread is what the message that a thread began with shows of its
-- replies, null where there never was one. Triggers keep both.
ALTER TABLE messages ADD COLUMN thread_seq bigint, ADD COLUMN thread jsonb;
UPDATE messages SET thread_seq = numbered.seq
FROM (SELECT id, row_number() OVER (PARTITION BY thread_id ORDER BY seq) AS seq FROM messages WHERE thread_id IS NOT NULL) numbered
WHERE messages.id = numbered.id;
ALTER TABLE messages ADD CONSTRAINT messages_thread_seq CHECK (num_nulls(thread_id, thread_seq) IN (0, 2));
CREATE INDEX messages_thread_sender_idx ON messages (thread_id, sender_id, thread_seq) WHERE thread_id IS NOT NULL;

-- Who wants to hear of a thread, and how far they have read it. Who leaves the chat follows its threads no longer.
CREATE TABLE thread_followers (
    thread_id     bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    user_id       bigint NOT NULL,
    chat_id       bigint NOT NULL,
    last_read_seq bigint NOT NULL,
    followed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (thread_id, user_id),
    CONSTRAINT thread_followers_member_fkey FOREIGN KEY (chat_id, user_id) REFERENCES chat_members ON DELETE CASCADE,
    CONSTRAINT thread_followers_last_read_seq_range CHECK (last_read_seq >= 0)
);
CREATE INDEX thread_followers_user_idx ON thread_followers (user_id, chat_id);

-- Threads that were there before.
UPDATE messages SET thread = jsonb_build_object(
    'reply_count', replies.amount, 'participant_count', cardinality(replies.senders), 'participants', replies.senders[:10],
    'last_seq', replies.last_seq, 'last_reply_id', replies.last_id,
    'last_reply_at', (SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') FROM messages last
                      WHERE last.id = replies.last_id))
FROM (SELECT thread_id, count(*) FILTER (WHERE deleted_at IS NULL) AS amount, max(thread_seq) AS last_seq,
             max(id) FILTER (WHERE deleted_at IS NULL) AS last_id,
             coalesce(array_agg(DISTINCT sender_id) FILTER (WHERE deleted_at IS NULL), '{}') AS senders
      FROM messages WHERE thread_id IS NOT NULL GROUP BY thread_id) replies
WHERE messages.id = replies.thread_id;
INSERT INTO thread_followers (thread_id, user_id, chat_id, last_read_seq)
SELECT root.id, member.user_id, root.chat_id, (root.thread ->> 'last_seq')::bigint
FROM messages root JOIN chat_members member USING (chat_id)
WHERE root.thread IS NOT NULL AND (member.user_id = root.sender_id OR EXISTS (
    SELECT FROM messages reply WHERE reply.thread_id = root.id AND reply.sender_id = member.user_id));

-- migrate:down
DROP TABLE thread_followers;
DROP INDEX messages_thread_sender_idx;
ALTER TABLE messages DROP COLUMN thread_seq, DROP COLUMN thread;
