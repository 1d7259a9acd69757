-- Who is connected, and where. Every notify_server reports changes about once a second; one that has been silent for
-- notify.node_timeout_seconds does not count.

CREATE VIEW ops.nodes AS
SELECT node, started_at, seen_at, count(stream) AS streams, count(DISTINCT user_id) AS users, stops
FROM public.notify_nodes LEFT JOIN public.streams USING (node)
WHERE expires_at > now()
GROUP BY node ORDER BY started_at, node;
COMMENT ON VIEW ops.nodes IS 'The notify_servers that are alive, with their numbers of streams and users; stops: it is sending them elsewhere.';

CREATE VIEW ops.online AS
SELECT user_id, email, node, stream, session_id AS session, transport, address, opened_at AS since
FROM public.streams
JOIN public.notify_nodes USING (node)
JOIN public.users ON users.id = user_id
WHERE expires_at > now()
ORDER BY email, opened_at;
COMMENT ON VIEW ops.online IS 'Who is online, where and over which transport: one row for each stream, or socket with boards (yjs, hocuspocus, json).';

CREATE VIEW ops.presence AS
SELECT user_id, email, presence_mode AS mode, presence AS told, leaves_at, seen_at AS last_seen,
       (SELECT count(*) FROM public.streams WHERE streams.user_id = presences.user_id) AS streams,
       (SELECT count(DISTINCT session_id) FROM public.streams JOIN public.idle_sessions USING (session_id)
        WHERE streams.user_id = presences.user_id) AS idle_sessions,
       concat_ws(' ', status_emoji, status_text) AS status, status_until
FROM public.presences JOIN public.users ON users.id = user_id
ORDER BY presence = 'offline', email;
COMMENT ON VIEW ops.presence IS 'Each user''s presence as others see it (told), and what determines it: the mode, open streams, idle sessions.';

CREATE FUNCTION ops.drop_stream(on_node text, number bigint) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM streams WHERE node = on_node AND stream = number) THEN
        RAISE no_data_found USING MESSAGE = format('node %L has no stream %s', on_node, number),
            HINT = 'SELECT * FROM ops.online;';
    END IF;
    PERFORM pg_notify('fechatter_control', format('drop %s %s', on_node, number));
END
$$;
COMMENT ON FUNCTION ops.drop_stream IS 'Closes one stream (node and stream as in ops.online). Its client reconnects automatically and misses nothing. Sockets with boards have numbers too.';

CREATE FUNCTION ops.drop_streams(who text, OUT dropped bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    PERFORM pg_notify('fechatter_control', format('drop %s %s', node, stream)) FROM streams WHERE user_id = person;
    GET DIAGNOSTICS dropped = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION ops.drop_streams IS 'Closes all streams of a user, whose clients reconnect automatically. To keep a user out, use ops.suspend.';
