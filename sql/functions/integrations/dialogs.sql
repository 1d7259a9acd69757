-- Dialogs: forms of bots, which one person alone sees.

-- Maximum number of dialogs on top of each other.
CREATE FUNCTION most_dialogs() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 3';

-- Whether a dialog may still be shown and changed that somebody was asked in a chat: for an hour, while they are in it.
CREATE FUNCTION is_reachable(person bigint, chat bigint, since timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT since > now() - interval '1 hour' AND EXISTS (SELECT FROM chat_members m WHERE (m.chat_id, m.user_id) = (chat, person))
$$;

-- Opens a dialog to somebody: in place of those that are open, or on top of one of the same bot's, which is then the
-- topmost. `since`: of a dialog in which it was asked for, since no press makes them last longer. Null if that is not
-- open any more, or the person is not in the chat any more.
CREATE FUNCTION open_dialog(bot bigint, person bigint, chat bigint, below bigint, view jsonb, since timestamptz) RETURNS dialogs LANGUAGE plpgsql AS $$
DECLARE
    made dialogs;
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE; -- one after the other
    IF NOT is_reachable(person, chat, coalesce(since, now())) THEN
        RETURN NULL;
    END IF;
    IF below IS NULL THEN
        DELETE FROM dialogs WHERE user_id = person;
    ELSIF below IS DISTINCT FROM (SELECT max(id) FROM dialogs WHERE user_id = person AND bot_id = bot) THEN
        RETURN NULL;
    ELSIF (SELECT count(*) FROM dialogs WHERE user_id = person) >= most_dialogs() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'dialogs_amount',
            MESSAGE = format('user %s has %s dialogs on top of each other already', person, most_dialogs());
    END IF;
    DELETE FROM dialogs d WHERE d.bot_id = bot AND d.view ->> 'external_id' = open_dialog.view ->> 'external_id'
        AND d.view ->> 'external_id' <> '' AND NOT is_reachable(d.user_id, d.chat_id, d.created_at); -- the name is free again
    INSERT INTO dialogs (user_id, bot_id, chat_id, view, created_at) VALUES (person, bot, chat, open_dialog.view, coalesce(since, now()))
    RETURNING * INTO made;
    RETURN made;
END
$$;

-- A dialog as its reader sees it: what programs keep in it for themselves is left out.
CREATE FUNCTION dialog_json(d dialogs) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', d.id, 'bot_id', d.bot_id, 'chat_id', d.chat_id, 'version', d.version,
        'view', d.view - 'private_metadata' - 'callback_id' - 'external_id')
$$;

-- The topmost dialog of somebody that may still be shown; null if there is none. Without an endpoint nobody would get what is
-- entered.
CREATE FUNCTION top_dialog(person bigint) RETURNS dialogs LANGUAGE sql STABLE AS $$
    SELECT d FROM dialogs d JOIN users a ON a.id = d.bot_id
    WHERE d.user_id = person AND is_reachable(d.user_id, d.chat_id, d.created_at) AND is_in_use(a)
      AND EXISTS (SELECT FROM bot_endpoints e WHERE e.bot_id = d.bot_id)
    ORDER BY d.id DESC LIMIT 1
$$;
