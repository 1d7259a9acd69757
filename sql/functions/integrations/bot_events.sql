-- What bots are told of their chats, as Slack's Events API tells it: at most three times, and not for ever.

-- Of one bot: how many events may wait, and how many it is told at a time. One whose endpoint hangs holds up no other.
CREATE FUNCTION most_bot_events() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 200';
CREATE FUNCTION most_bot_events_at_a_time() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';

-- Notes who is to be told of the next events of the log, and returns how many events there were; 0 too while another server
-- does this. Beyond `most_waiting` nobody is told, and beyond most_bot_events() of its own no bot. A bot is told of people's messages in its chats, never of bots'.
CREATE FUNCTION follow_bot_events(amount integer, most_waiting integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    read integer;
    written bigint[];
BEGIN
    SELECT f.read, f.written INTO read, written FROM log_follow('bot_event_state', amount, '{NewMessage}', '1 hour') f;
    IF written IS NULL THEN
        RETURN read;
    END IF;
    INSERT INTO bot_events (bot_id, message_id, kind)
    WITH waiting AS MATERIALIZED (SELECT w.bot_id, count(*) AS amount FROM bot_events w GROUP BY w.bot_id)
    SELECT fresh.bot_id, fresh.message_id, fresh.kind FROM (
        SELECT b.bot_id, m.id AS message_id, told.kind, row_number() OVER (PARTITION BY b.bot_id ORDER BY m.id, told.kind) AS number
        FROM messages m
        JOIN users u ON u.id = m.sender_id AND u.kind = 'person'
        JOIN chat_members c ON c.chat_id = m.chat_id
        JOIN bot_endpoints b ON b.bot_id = c.user_id
        CROSS JOIN unnest(b.events) AS told (kind)
        WHERE m.id = ANY (written) AND m.deleted_at IS NULL AND (told.kind <> 'app_mention' OR b.bot_id = ANY (m.mentions))
    ) fresh LEFT JOIN waiting ON waiting.bot_id = fresh.bot_id
    WHERE number <= most_bot_events() - coalesce(waiting.amount, 0)
    ORDER BY fresh.message_id LIMIT greatest(0, most_waiting - (SELECT count(*) FROM bot_events))
    ON CONFLICT DO NOTHING;
    RETURN read;
END
$$;

-- Claims what is due first for `seconds`; after that another server may claim it. No row if nothing is due, but
-- for bots that are being told of as much as one is at a time. Servers take their turn, so that none is told of more.
CREATE FUNCTION claim_bot_event(seconds double precision) RETURNS SETOF bot_events LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.bot_events'));
    RETURN QUERY
    -- Materialized: a join might look for what is due more than once, and take something else each time.
    WITH due AS MATERIALIZED (
        SELECT bot_id, message_id, kind FROM bot_events
        WHERE due_at <= now() AND bot_id <> ALL (ARRAY(
            SELECT told.bot_id FROM bot_events told WHERE told.claimed_until > now()
            GROUP BY told.bot_id HAVING count(*) >= most_bot_events_at_a_time()))
        ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT 1
    )
    UPDATE bot_events e SET tries = e.tries + 1, due_at = now() + make_interval(secs => seconds),
                            claimed_until = now() + make_interval(secs => seconds)
    FROM due WHERE (e.bot_id, e.message_id, e.kind) = (due.bot_id, due.message_id, due.kind)
    RETURNING e.*;
END
$$;

-- Ends an attempt. Without `seconds` the event is done with; otherwise it is sent again after these.
CREATE FUNCTION end_bot_event(bot bigint, message bigint, told text, seconds double precision) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM bot_events WHERE (bot_id, message_id, kind) = (bot, message, told) AND seconds IS NULL;
    UPDATE bot_events SET due_at = now() + make_interval(secs => seconds), claimed_until = NULL
    WHERE (bot_id, message_id, kind) = (bot, message, told) AND seconds IS NOT NULL;
$$;
