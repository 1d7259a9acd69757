-- name: endpoint_events_set(bot, url, secret, events)
-- Says what a bot is told besides commands and buttons; no row if the endpoint is another one by now than was asked.
UPDATE bot_endpoints SET events = :events WHERE bot_id = :bot AND url = :url AND secret = :secret RETURNING bot_id;

-- name: endpoint_secret(bot)
-- What a bot's endpoint is asked with.
SELECT url, secret FROM bot_endpoints WHERE bot_id = :bot;

-- name: bot_events_follow(amount, most_waiting)
-- Notes who is to be told of the next events of the log; how many there were.
SELECT follow_bot_events(:amount, :most_waiting);

-- name: bot_event_claim(seconds)
-- Takes what is due first, with what is to be sent as it is now; the url is null if the bot is not to be told any more: the
-- message is gone, or the bot, or it has left the chat.
SELECT e.bot_id, e.message_id, e.kind, e.tries, told.*
FROM claim_bot_event(:seconds) e
LEFT JOIN LATERAL (
    SELECT b.url, b.secret, c.workspace_id, c.type AS chat_type, message_json(m)::text AS message,
           (SELECT coalesce(json_object_agg(lower(p.username), p.id), '{}')::text FROM users p WHERE p.id = ANY (m.mentions)) AS names
    FROM bot_endpoints b
    JOIN users a ON a.id = b.bot_id AND is_in_use(a)
    JOIN messages m ON m.id = e.message_id AND m.deleted_at IS NULL
    JOIN chats c ON c.id = m.chat_id
    JOIN chat_members h ON (h.chat_id, h.user_id) = (m.chat_id, b.bot_id)
    WHERE b.bot_id = e.bot_id AND e.kind = ANY (b.events)
) told ON true;

-- name: bot_event_end(bot, message, kind, seconds)
-- Ends an attempt: the event is done with if `seconds` is null, otherwise sent again after these.
SELECT end_bot_event(:bot, :message, :kind, :seconds);
