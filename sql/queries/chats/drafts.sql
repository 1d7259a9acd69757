-- name: draft_of_user(chat, user)
-- What the user has begun to write in a chat; null if nothing.
SELECT draft_json(drafts)::text FROM drafts WHERE chat_id = :chat AND user_id = :user;

-- name: draft_save(chat, user, content)
-- In place of what was there.
INSERT INTO drafts (chat_id, user_id, content) VALUES (:chat, :user, :content)
ON CONFLICT (chat_id, user_id) DO UPDATE SET content = excluded.content
RETURNING draft_json(drafts)::text;

-- name: draft_drop(chat, user)
-- Nothing is left of it.
DELETE FROM drafts WHERE chat_id = :chat AND user_id = :user;
