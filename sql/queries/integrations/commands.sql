-- name: endpoint_set(bot, url, secret)
-- Says where a bot is asked, with a new secret.
INSERT INTO bot_endpoints (bot_id, url, secret) VALUES (:bot, :url, :secret)
ON CONFLICT (bot_id) DO UPDATE SET url = excluded.url, secret = excluded.secret, events = '{}', created_at = now();

-- name: endpoint_of_bot(bot)
-- Where a bot is asked, if anywhere.
SELECT url, events, created_at FROM bot_endpoints WHERE bot_id = :bot;

-- name: endpoint_remove(bot)
-- Nobody asks the bot any more; null if nobody did.
DELETE FROM bot_endpoints WHERE bot_id = :bot RETURNING bot_id;

-- name: command_create(bot, workspace, name, description, usage)
-- Creates a command of a bot.
INSERT INTO commands (bot_id, workspace_id, name, description, usage)
VALUES (:bot, :workspace, :name, :description, :usage) RETURNING command_json(commands)::text;

-- name: command_delete(bot, command)
-- Deletes a command of a bot; null if it has none of this id.
DELETE FROM commands WHERE id = :command AND bot_id = :bot RETURNING id;

-- name: commands_of_workspace(workspace, after, limit)
-- A page of the commands of a workspace, by id.
WITH page AS (
    SELECT id, command_json(commands) AS item FROM commands
    WHERE workspace_id = :workspace AND id > :after ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: asked_by_command(chat, user, name)
-- The bot that has a command of this name in a chat's workspace, and what it is told about who types it where.
SELECT b.user_id AS bot_id, e.url, e.secret, c.type AS chat_type, c.name AS chat_name, c.workspace_id, w.name AS workspace,
       u.username, u.kind = 'person' AS is_person
FROM chats c
JOIN commands k ON k.workspace_id = c.workspace_id AND k.name = :name
JOIN bots b ON b.user_id = k.bot_id
JOIN users a ON a.id = b.user_id AND is_in_use(a)
JOIN bot_endpoints e ON e.bot_id = b.user_id
JOIN workspaces w ON w.id = c.workspace_id
JOIN users u ON u.id = :user
WHERE c.id = :chat;

-- name: asked_by_press(chat, user, message)
-- The bot that has posted a message, and what it is told about who presses something in it.
SELECT b.user_id AS bot_id, e.url, e.secret, c.type AS chat_type, c.name AS chat_name, c.workspace_id, w.name AS workspace,
       u.username, u.kind = 'person' AS is_person, message_json(m)::text AS message
FROM messages m
JOIN chats c ON c.id = m.chat_id
JOIN bots b ON b.user_id = m.sender_id
JOIN users a ON a.id = b.user_id AND is_in_use(a)
JOIN bot_endpoints e ON e.bot_id = b.user_id
JOIN workspaces w ON w.id = c.workspace_id
JOIN users u ON u.id = :user
WHERE m.id = :message AND m.chat_id = :chat AND m.deleted_at IS NULL;

-- name: bot_in_use(bot)
-- Whether a bot may act now.
SELECT is_in_use(u) FROM users u WHERE u.id = :bot AND u.kind = 'bot';

-- name: answer_privately(bot, user, chat, content, metadata)
-- Keeps what a bot says to one person alone; null if one of them is not in the chat.
SELECT private_answer_json(made)::text FROM answer_privately(:bot, :user, :chat, :content, :metadata::jsonb) made
WHERE made.id IS NOT NULL;

-- name: private_answers_expire()
-- Deletes those of more than an hour ago.
DELETE FROM private_answers WHERE id IN (
    SELECT id FROM private_answers WHERE created_at < now() - interval '1 hour' ORDER BY id LIMIT 1000) RETURNING id;

-- name: private_answers_of_user(user, after)
-- What bots have said to a user alone in the last hour, by id, in chats that they are still in.
SELECT coalesce(json_agg(private_answer_json(a) ORDER BY a.id), '[]')::text FROM private_answers a
WHERE a.user_id = :user AND a.id > :after AND a.created_at > now() - interval '1 hour'
  AND EXISTS (SELECT FROM chat_members m WHERE (m.chat_id, m.user_id) = (a.chat_id, :user));
