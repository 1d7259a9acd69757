-- What bots are told of their chats, as Slack's Events API tells it: at most three times, and not for ever.

-- Notes who is to be told of the next events of the log, and returns how many events there were; 0 too while another server
-- does this. Beyond `most_waiting` nobody is told. A bot is told of people's messages in its chats, never of bots'.
CREATE FUNCTION follow_bot_events(amount integer, most_waiting integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    after bigint;
    last bigint;
    read integer;
    written bigint[];
BEGIN
    IF (SELECT position FROM bot_event_state) = log_head() THEN
        RETURN 0;
    END IF;
    -- After another history has been restored, it begins at the end of this one.
    SELECT least(position, log_head()) INTO after FROM bot_event_state FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT max(position), count(*),
           array_agg(message_id) FILTER (WHERE kind = 'NewMessage' AND created_at > now() - interval '1 hour')
    INTO last, read, written
    FROM (SELECT e.position, e.kind, e.message_id, e.created_at FROM events e WHERE e.position > after ORDER BY e.position LIMIT amount) next;
    INSERT INTO bot_events (bot_id, message_id, kind)
    SELECT b.bot_id, m.id, told.kind
    FROM messages m
    JOIN users u ON u.id = m.sender_id AND u.kind = 'person'
    JOIN chat_members c ON c.chat_id = m.chat_id
    JOIN bot_endpoints b ON b.bot_id = c.user_id
    CROSS JOIN unnest(b.events) AS told (kind)
    WHERE m.id = ANY (written) AND m.deleted_at IS NULL AND (told.kind <> 'app_mention' OR b.bot_id = ANY (m.mentions))
    ORDER BY m.id LIMIT greatest(0, most_waiting - (SELECT count(*) FROM bot_events))
    ON CONFLICT DO NOTHING;
    UPDATE bot_event_state SET position = coalesce(last, after);
    RETURN read;
END
$$;

-- Takes what is due first, for so many seconds: after these another server takes it again. No row if nothing is due.
CREATE FUNCTION claim_bot_event(seconds double precision) RETURNS SETOF bot_events LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- Materialized: a join might look for what is due more than once, and take something else each time.
    WITH due AS MATERIALIZED (
        SELECT bot_id, message_id, kind FROM bot_events WHERE due_at <= now() ORDER BY due_at
        FOR UPDATE SKIP LOCKED LIMIT 1
    )
    UPDATE bot_events e SET tries = e.tries + 1, due_at = now() + make_interval(secs => seconds)
    FROM due WHERE (e.bot_id, e.message_id, e.kind) = (due.bot_id, due.message_id, due.kind)
    RETURNING e.*
$$;

-- It was told, or is not to be: without `seconds` it is done with, otherwise it is told again after so many.
CREATE FUNCTION end_bot_event(bot bigint, message bigint, told text, seconds double precision) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM bot_events WHERE (bot_id, message_id, kind) = (bot, message, told) AND seconds IS NULL;
    UPDATE bot_events SET due_at = now() + make_interval(secs => seconds)
    WHERE (bot_id, message_id, kind) = (bot, message, told) AND seconds IS NOT NULL;
$$;
