-- name: thread_draft_of_user(chat, thread, user)
-- The user's draft in a thread of a chat; null if there is none.
SELECT thread_draft_json(d)::text FROM thread_drafts d WHERE thread_id = :thread AND user_id = :user AND chat_id = :chat;

-- name: thread_draft_save(chat, thread, user, content)
-- Replaces the previous draft; no row if no thread of the chat begins with that message.
INSERT INTO thread_drafts AS d (thread_id, user_id, content)
SELECT id, :user, :content FROM messages WHERE id = :thread AND chat_id = :chat AND thread_id IS NULL
ON CONFLICT (thread_id, user_id) DO UPDATE SET content = excluded.content
RETURNING thread_draft_json(d)::text;

-- name: thread_draft_replace(chat, thread, user, content, updated_at)
-- Replaces the draft, if it is the one of that time; no row if it is another, or gone.
UPDATE thread_drafts d SET content = :content
WHERE thread_id = :thread AND user_id = :user AND chat_id = :chat AND updated_at = :updated_at
RETURNING thread_draft_json(d)::text;

-- name: thread_draft_drop(chat, thread, user, updated_at)
-- Deletes the draft, if it is the one of that time, or no time is given.
DELETE FROM thread_drafts WHERE thread_id = :thread AND user_id = :user AND chat_id = :chat
    AND (:updated_at::timestamptz IS NULL OR updated_at = :updated_at)
RETURNING true;
