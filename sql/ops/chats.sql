-- Chats: size and activity, members, events, and posting a message.

CREATE VIEW ops.chats AS
SELECT chats.id AS chat, workspaces.name AS workspace, chats.type, chats.name, chats.member_count AS members,
       chats.last_seq, coalesce(recent.messages, 0) AS last_hour, newest.created_at AS newest_at
FROM public.chats
JOIN public.workspaces ON workspaces.id = workspace_id
LEFT JOIN (
    SELECT chat_id, count(*) AS messages FROM public.events
    WHERE kind = 'NewMessage' AND created_at > now() - interval '1 hour' GROUP BY chat_id
) recent ON recent.chat_id = chats.id
LEFT JOIN LATERAL (
    SELECT created_at FROM public.messages WHERE chat_id = chats.id ORDER BY seq DESC LIMIT 1
) newest ON true
ORDER BY last_hour DESC, last_seq DESC, chat;
COMMENT ON VIEW ops.chats IS 'All chats, the busiest first: members, messages ever (last_seq) and in the last hour, and the time of the newest.';

CREATE FUNCTION ops.chat_members(chat bigint)
RETURNS TABLE (user_id bigint, email text, role text, unread bigint, streams bigint, joined_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM ops.check_chat(chat);
    RETURN QUERY
    SELECT users.id, users.email, m.role, unread(chats, m.last_read_seq),
           (SELECT count(*) FROM streams WHERE streams.user_id = users.id), m.joined_at
    FROM chats JOIN chat_members m ON m.chat_id = chats.id JOIN users ON users.id = m.user_id
    WHERE chats.id = chat ORDER BY users.id;
END
$$;
COMMENT ON FUNCTION ops.chat_members IS 'The members of a chat: role, unread messages, open streams.';

CREATE FUNCTION ops.chat_events(chat bigint, amount integer DEFAULT 20)
RETURNS TABLE ("position" bigint, at timestamptz, kind text, email text, payload json)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT newest.position, newest.created_at, newest.kind, users.email, newest.payload
    FROM (SELECT * FROM events WHERE chat_id = chat ORDER BY position DESC LIMIT amount) newest
    LEFT JOIN users ON users.id = coalesce(newest.user_id, (newest.payload ->> 'sender_id')::bigint)
    ORDER BY 1
$$;
COMMENT ON FUNCTION ops.chat_events IS 'The newest events of a chat in the log, the oldest of them first; also of a deleted chat. email: the user concerned.';

CREATE FUNCTION ops.post_message(chat bigint, sender text, content text, OUT message bigint, OUT seq bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(sender);
BEGIN
    PERFORM ops.check_chat(chat);
    INSERT INTO messages (chat_id, sender_id, content) VALUES (chat, person, post_message.content)
    RETURNING messages.id, messages.seq INTO message, seq;
END
$$;
COMMENT ON FUNCTION ops.post_message IS 'Posts a message as a member of the chat (by e-mail address or id). All members get it live.';

CREATE FUNCTION ops.check_chat(chat bigint) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM chats WHERE id = chat) THEN
        RAISE no_data_found USING MESSAGE = format('there is no chat %s', chat), HINT = 'SELECT * FROM ops.chats;';
    END IF;
END
$$;
COMMENT ON FUNCTION ops.check_chat IS 'Raises an error unless the chat exists.';
