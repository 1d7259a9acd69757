-- name: dialog_open(bot, user, chat, below, view, since)
-- Opens a dialog, on top of another one if `below` says so; null if that is not the topmost, or the person has left the
-- chat. `since` is in milliseconds since 1970, null for one that was not asked for in a dialog.
SELECT made.id, made.view::text AS view, made.version, made.user_id
FROM open_dialog(:bot, :user, :chat, :below, :view::jsonb, to_timestamp(:since::bigint / 1000.0)) made WHERE made.id IS NOT NULL;

-- name: dialog_top(user)
-- The topmost dialog of somebody, as they see it; null if none is open.
SELECT dialog_json(d)::text FROM top_dialog(:user) d WHERE d.id IS NOT NULL;

-- name: asked_by_dialog(dialog, user)
-- The bot of somebody's topmost dialog, what it is told about them and where they were, and the dialog; `below` and
-- `lowest` are those under it.
SELECT b.user_id AS bot_id, e.url, e.secret, c.type AS chat_type, c.name AS chat_name, c.workspace_id, w.name AS workspace,
       u.username, u.kind = 'person' AS is_person, c.id AS chat_id, d.view::text AS view, d.version,
       (extract(epoch FROM d.created_at) * 1000)::bigint AS since,
       (SELECT max(id) FROM dialogs WHERE user_id = d.user_id AND id < d.id) AS below,
       (SELECT min(id) FROM dialogs WHERE user_id = d.user_id) AS lowest
FROM top_dialog(:user) d
JOIN chats c ON c.id = d.chat_id
JOIN bots b ON b.user_id = d.bot_id
JOIN bot_endpoints e ON e.bot_id = b.user_id
JOIN workspaces w ON w.id = c.workspace_id
JOIN users u ON u.id = d.user_id
WHERE d.id = :dialog;

-- name: dialog_update(dialog, bot, external, version, view)
-- Replaces what a dialog of a bot's shows: by its id or the bot's own name for it, and if it is of that version, unless
-- null. No row if there is none that is still shown.
UPDATE dialogs SET view = :view::jsonb, version = version + 1
WHERE bot_id = :bot AND (id = :dialog OR :dialog::bigint IS NULL AND view ->> 'external_id' = :external) AND version = coalesce(:version, version)
  AND is_reachable(user_id, chat_id, created_at)
RETURNING id, view::text AS view, version, user_id;

-- name: dialog_of_bot(dialog, bot, external)
-- Whether a bot has this dialog open.
SELECT EXISTS (SELECT FROM dialogs WHERE bot_id = :bot AND (id = :dialog OR :dialog::bigint IS NULL AND view ->> 'external_id' = :external)
               AND is_reachable(user_id, chat_id, created_at));

-- name: dialog_close(dialog, user, all)
-- Closes a dialog, or all that somebody has open.
DELETE FROM dialogs WHERE user_id = :user AND (id = :dialog OR :all);

-- name: dialogs_expire()
-- Dialogs that nobody has closed for an hour.
DELETE FROM dialogs WHERE id IN
    (SELECT id FROM dialogs WHERE created_at < now() - interval '1 hour' LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;
