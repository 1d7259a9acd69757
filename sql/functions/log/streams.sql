-- Writes of notify_server: marking tickets as used, and recording open streams.

-- A ticket opens one stream: the first to delete it gets it. No row for an unknown, used or expired one.
CREATE FUNCTION redeem_ticket(ticket_hash bytea)
RETURNS TABLE (user_id bigint, session_id bigint, token_expires_at timestamptz) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH redeemed AS (DELETE FROM tickets WHERE hash = ticket_hash RETURNING *)
    SELECT sessions.user_id, sessions.id, redeemed.token_expires_at
    FROM redeemed JOIN sessions ON sessions.id = redeemed.session_id
    WHERE redeemed.expires_at > now()
$$;

-- opened is a JSON array of {stream, user_id, session_id, address, transport, opened_at}, closed the numbers of
-- streams, again users whose mode or workspaces have changed. The same transaction publishes the resulting presence,
-- and repeats what was published in the last missed_seconds, in which the node received nothing. Without another report
-- the node counts as dead after life_seconds. known is false if the node was unknown: it was dropped (by a crash, or as
-- dead), and must report everything again. leaves_in: the seconds until a user who has left is offline, when a report
-- is due. node_hears: it gets notifications over NATS, too; told: what it has to send there, instead of NOTIFY.
CREATE FUNCTION report_streams(
    node_name text, opened json, closed bigint[], again bigint[] DEFAULT '{}', grace_seconds float8 DEFAULT 10,
    life_seconds float8 DEFAULT 30, missed_seconds float8 DEFAULT 0, node_hears boolean DEFAULT false, openings integer DEFAULT 0,
    OUT known boolean, OUT leaves_in float8, OUT told text[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    people bigint[];
    lost bigint[];
    deaf boolean;
    stopping boolean;
    last_reports timestamptz[];
BEGIN
    -- Before a node that was silent for too long is alive again, or gone.
    PERFORM settle_online_time(node) FROM notify_nodes WHERE expires_at < now();
    SELECT hears AND NOT node_hears, stops INTO deaf, stopping FROM notify_nodes WHERE node = node_name;
    UPDATE notify_nodes SET seen_at = now(), expires_at = now() + make_interval(secs => life_seconds), hears = node_hears, waiting = openings
    WHERE node = node_name;
    known := FOUND;
    INSERT INTO notify_nodes (node, expires_at, hears, waiting)
    VALUES (node_name, now() + make_interval(secs => life_seconds), node_hears, openings)
    ON CONFLICT DO NOTHING;
    IF cardinality(closed) > 0 THEN
        PERFORM settle_online_time(node_name, closed);
    END IF;
    WITH gone AS (DELETE FROM streams WHERE node = node_name AND stream = ANY (closed) RETURNING user_id)
    SELECT array_agg(user_id) INTO people FROM gone;
    WITH come AS (
        INSERT INTO streams (node, stream, user_id, session_id, address, transport, opened_at)
        SELECT node_name, o.stream, o.user_id, o.session_id, o.address, coalesce(o.transport, 'sse'), o.opened_at
        FROM json_to_recordset(opened)
            AS o (stream bigint, user_id bigint, session_id bigint, address text, transport text, opened_at timestamptz)
        ON CONFLICT DO NOTHING RETURNING user_id
    )
    SELECT people || array_agg(user_id) INTO people FROM come;
    -- Nodes that wake up together all look dead to each other: a node that is reporting is not.
    WITH dead AS (
        SELECT node, seen_at, hears FROM notify_nodes WHERE expires_at < now() AND node <> node_name FOR UPDATE SKIP LOCKED
    )
    SELECT (SELECT array_agg(user_id) FROM streams WHERE node IN (SELECT node FROM dead)),
           (SELECT array_agg(seen_at) FROM dead WHERE hears) INTO lost, last_reports;
    DELETE FROM notify_nodes WHERE node IN
        (SELECT node FROM notify_nodes WHERE expires_at < now() AND node <> node_name FOR UPDATE SKIP LOCKED);
    IF FOUND OR NOT known OR deaf THEN  -- a node has gone, come, or lost NATS: presence on documents is published again (document_presence.sql)
        PERFORM pg_notify('fechatter_document_presence', node_name);
    END IF;
    IF last_reports IS NOT NULL THEN  -- what a node had to send over NATS after its last report may have died with it
        SELECT again || array_agg(user_id) INTO again FROM presences WHERE told_at = ANY (last_reports);
    END IF;
    IF missed_seconds > 0 THEN
        SELECT again || array_agg(user_id) INTO again FROM presences WHERE told_at > now() - make_interval(secs => missed_seconds);
    END IF;
    SELECT people || lost || again || array_agg(user_id) INTO people FROM presences WHERE leaves_at <= now();
    told := '{}';
    IF cardinality(people) > 0 THEN
        -- One that stops may have left NATS before its last report.
        told := settle_presence(people, make_interval(secs => grace_seconds), again, lost, node_hears AND NOT coalesce(stopping, false));
    END IF;
    SELECT extract(epoch FROM min(leaves_at) - now()) INTO leaves_in FROM presences;
END
$$;

-- Marks a node as one that stops: its streams go to those that go on, and the others that stop count it.
CREATE FUNCTION node_stops(node_name text, OUT going_on bigint, OUT stopping bigint, OUT waiting bigint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE notify_nodes SET stops = true WHERE node = node_name AND NOT stops;
    SELECT count(*) FILTER (WHERE NOT stops), count(*) FILTER (WHERE stops), coalesce(sum(n.waiting) FILTER (WHERE NOT stops), 0)
    INTO going_on, stopping, waiting FROM notify_nodes n WHERE expires_at > now();
END
$$;
