-- Online time: when people had a stream, settled from the rows of `streams`. Every instant is counted once, by the clock of the
-- database, in the day that it belongs to where the person lives. Settling twice, by two servers or after a crash, changes
-- nothing, since times are kept as sets.

-- Whether online time is kept of anybody.
CREATE FUNCTION keeps_online_time() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT feature_enabled('enable_online_statistics')
        OR EXISTS (SELECT FROM organization_features WHERE name = 'enable_online_statistics' AND enabled)
$$;

-- Whether it is kept of this person: of a person, if it is on in an organisation of theirs or, if they are in none, on the server.
CREATE FUNCTION keeps_online_time_of(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM users WHERE id = person AND kind = 'person') AND coalesce(
        (SELECT bool_or(feature_enabled('enable_online_statistics', m.organization_id)) FROM organization_members m WHERE m.user_id = person),
        feature_enabled('enable_online_statistics'))
$$;

-- Adds the time of streams to their people's days: of some streams of a node, which are being closed and reach to now, or of all,
-- which reach to the last report of their node. A node that has not reported in time is dead: what comes after its last report
-- is never counted, even if it wakes up. Only servers call it, in short transactions, so one lock for all is waited for shortly.
CREATE FUNCTION settle_online_time(of_node text DEFAULT NULL, numbers bigint[] DEFAULT NULL)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT keeps_online_time() THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.online_time'));
    WITH due AS (
        SELECT s.node, s.stream, coalesce(o.user_id, s.user_id) AS user_id, s.settled_at AS since, n.expires_at < now() AS dead,
               CASE WHEN n.expires_at < now() OR numbers IS NULL THEN n.seen_at ELSE now() END AS until
        FROM streams s JOIN notify_nodes n USING (node) LEFT JOIN sessions o ON o.id = s.session_id
        WHERE (of_node IS NULL OR s.node = of_node) AND (numbers IS NULL OR s.stream = ANY (numbers))
    ), settled AS (
        UPDATE streams s SET settled_at = CASE WHEN due.dead THEN now() ELSE greatest(due.since, due.until) END
        FROM due WHERE s.node = due.node AND s.stream = due.stream
    ), parts AS (
        -- What comes before somebody has stopped being invisible is hidden, and so is all while they are.
        SELECT u.id AS user_id, u.time_zone, hides, part.since, part.until
        FROM due JOIN users u ON u.id = due.user_id CROSS JOIN LATERAL (
            SELECT CASE WHEN u.presence_mode = 'invisible' THEN due.until ELSE coalesce(least(greatest(u.hidden_until, due.since), due.until), due.since) END AS edge) at
        CROSS JOIN LATERAL (VALUES (true, due.since, at.edge), (false, at.edge, due.until)) AS part (hides, since, until)
        WHERE part.since < part.until AND keeps_online_time_of(u.id)
    ), pieces AS (
        -- A day more on either side: where midnight comes twice, the first one is still of the day before.
        SELECT p.user_id, d.day::date AS day, p.hides, tstzrange(
            greatest(p.since, d.day AT TIME ZONE p.time_zone), least(p.until, (d.day + interval '1 day') AT TIME ZONE p.time_zone)) AS piece
        FROM parts p CROSS JOIN LATERAL generate_series(
            (p.since AT TIME ZONE p.time_zone)::date - interval '1 day', (p.until AT TIME ZONE p.time_zone)::date + interval '1 day', interval '1 day') AS d (day)
        WHERE greatest(p.since, d.day AT TIME ZONE p.time_zone) < least(p.until, (d.day + interval '1 day') AT TIME ZONE p.time_zone)
    )
    INSERT INTO online_days AS o (user_id, day, shown, hidden)
    SELECT user_id, day, coalesce(range_agg(piece) FILTER (WHERE NOT hides), '{}'), coalesce(range_agg(piece) FILTER (WHERE hides), '{}')
    FROM pieces GROUP BY user_id, day ORDER BY user_id, day
    ON CONFLICT (user_id, day) DO UPDATE SET shown = o.shown + excluded.shown, hidden = o.hidden + excluded.hidden;
END
$$;

-- The seconds of a set of times.
CREATE FUNCTION seconds_of(times tstzmultirange) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(round(sum(extract(epoch FROM upper(piece) - lower(piece)))), 0)::bigint FROM unnest(times) AS piece
$$;

-- Forgets days that are over for longer than this.
CREATE FUNCTION expire_online_days(retention_days integer) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM online_days WHERE day < current_date - retention_days;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- The fewest people whose invisible time is shown as a sum.
CREATE FUNCTION fewest_hidden() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 5';

-- What an organisation's admins see, a row for each group and day: `person`: of each person, without what they have hidden;
-- `department`: of the people whose primary appointment is there; `all`: of all. What people have hidden is in a sum only where
-- at least fewest_hidden() of a department have hidden something that day. Each person is in one department, and the sum of all
-- has no more than those of departments, so no two sums differ by the time of one.
CREATE FUNCTION online_statistics(organization bigint, by_what text, since date, until date)
RETURNS TABLE (user_id bigint, department_id bigint, day date, people bigint, seconds bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH days AS (
        SELECT o.user_id, o.day, seconds_of(o.shown) AS shown, seconds_of(o.hidden - o.shown) AS hidden,
               (SELECT a.department_id FROM appointments a
                WHERE a.organization_id = organization AND a.user_id = o.user_id AND a.is_current
                ORDER BY a.is_primary DESC, a.id LIMIT 1) AS department_id
        FROM online_days o JOIN organization_members m ON m.user_id = o.user_id AND m.organization_id = organization AND m.kind = 'member'
        WHERE o.day BETWEEN since AND until
    )
    SELECT d.user_id, NULL::bigint, d.day, 1::bigint, d.shown FROM days d WHERE by_what = 'person' AND d.shown > 0
    UNION ALL
    SELECT NULL, g.shown_department, g.day,
           count(*) FILTER (WHERE g.shown > 0 OR g.tells), (sum(g.shown) + coalesce(sum(g.hidden) FILTER (WHERE g.tells), 0))::bigint
    FROM (SELECT d.day, d.shown, d.hidden, CASE by_what WHEN 'department' THEN d.department_id END AS shown_department,
                 count(*) FILTER (WHERE d.hidden > 0) OVER (PARTITION BY d.department_id, d.day) >= fewest_hidden() AS tells
          FROM days d) g
    WHERE by_what <> 'person' AND (g.shown > 0 OR g.tells)
    GROUP BY g.shown_department, g.day
$$;

-- What a person sees of themselves: all of it.
CREATE FUNCTION own_online_time(person bigint, since date, until date) RETURNS TABLE (day date, seconds bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.day, seconds_of(o.shown + o.hidden) FROM online_days o WHERE o.user_id = person AND o.day BETWEEN since AND until ORDER BY o.day
$$;
