-- name: webhook_create(bot, chat, name, hash, user)
-- Creates an incoming webhook, and returns it as JSON.
INSERT INTO incoming_webhooks (bot_id, chat_id, name, secret_hash, created_by) VALUES (:bot, :chat, :name, :hash, :user)
RETURNING id, incoming_webhook_json(incoming_webhooks)::text AS json;

-- name: webhooks_of_bot(bot)
-- All incoming webhooks of a bot, by id.
SELECT coalesce(array_to_json(array_agg(incoming_webhook_json(incoming_webhooks) ORDER BY id)), '[]')::text
FROM incoming_webhooks WHERE bot_id = :bot;

-- name: webhook_delete(bot, webhook)
-- Deletes an incoming webhook of a bot; no row if there is none.
DELETE FROM incoming_webhooks WHERE id = :webhook AND bot_id = :bot RETURNING id;

-- name: webhook_use(webhook, hash)
-- Where an incoming webhook posts, and as which bot; no row if its secret is another, or its bot is not in use.
WITH found AS (
    SELECT w.id, w.bot_id, w.chat_id, w.last_used_at FROM incoming_webhooks w JOIN users u ON u.id = w.bot_id
    WHERE w.id = :webhook AND w.secret_hash = :hash AND is_in_use(u)
), used AS (
    UPDATE incoming_webhooks w SET last_used_at = now() FROM found
    WHERE w.id = found.id AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute')
)
SELECT bot_id, chat_id FROM found;
