-- name: draft_of_user(chat, user)
-- The user's draft in a chat; null if there is none.
SELECT draft_json(drafts)::text FROM drafts WHERE chat_id = :chat AND user_id = :user;

-- name: draft_save(chat, user, content)
-- Replaces the previous draft.
INSERT INTO drafts (chat_id, user_id, content) VALUES (:chat, :user, :content)
ON CONFLICT (chat_id, user_id) DO UPDATE SET content = excluded.content
RETURNING draft_json(drafts)::text;

-- name: draft_drop(chat, user)
-- Deletes the draft.
DELETE FROM drafts WHERE chat_id = :chat AND user_id = :user;
