-- name: draft_of_user(chat, user)
-- The user's draft in a chat; null if there is none.
SELECT draft_json(drafts)::text FROM drafts WHERE chat_id = :chat AND user_id = :user;

-- name: draft_save(chat, user, content)
-- Replaces the previous draft.
INSERT INTO drafts (chat_id, user_id, content) VALUES (:chat, :user, :content)
ON CONFLICT (chat_id, user_id) DO UPDATE SET content = excluded.content
RETURNING draft_json(drafts)::text;

-- name: draft_replace(chat, user, content, updated_at)
-- Replaces the draft, if it is the one of that time; no row if it is another, or gone.
UPDATE drafts SET content = :content WHERE chat_id = :chat AND user_id = :user AND updated_at = :updated_at
RETURNING draft_json(drafts)::text;

-- name: draft_drop(chat, user, updated_at)
-- Deletes the draft, if it is the one of that time, or no time is given.
DELETE FROM drafts WHERE chat_id = :chat AND user_id = :user
    AND (:updated_at::timestamptz IS NULL OR updated_at = :updated_at)
RETURNING true;
