-- Presence and typing: never in the log, published by NOTIFY or over NATS, in batches with payloads below NOTIFY's 8,000 bytes.

-- The key of notices that go over NATS to the relay's leader and from there to all (ADR 103), if every notify_server that is
-- alive hears it; null otherwise: then they go by NOTIFY. It is made from the log's channel, which nobody learns from it. Its
-- other half is in chat_core/relay/notices.py.
CREATE FUNCTION notices_key() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT encode(sha256(convert_to('fechatter notices ' || channel, 'UTF8')), 'hex') FROM log_state
    WHERE NOT EXISTS (SELECT FROM notify_nodes WHERE expires_at > now() AND NOT hears)
$$;

-- The largest workspaces in which presence is published, and chats in which typing is: the cost is members times
-- members. In larger ones a client asks for the presence of the users that it shows.
CREATE FUNCTION presence_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 300';
CREATE FUNCTION typing_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- Computes users' presence from their streams, their idle sessions and their mode, and publishes changes to those who
-- share a workspace with them; that of `again` in any case. A user without a stream leaves after `grace`, those of
-- `lost` (whose node is dead) immediately. Called by the reports below. The rows of presences are locked in the order
-- of their ids, and everything read after that is as recent as what others have published before. Returns what the caller has
-- to send over NATS, as tell_presence does.
CREATE FUNCTION settle_presence(
    people bigint[], grace interval, again bigint[] DEFAULT '{}', lost bigint[] DEFAULT '{}', over_nats boolean DEFAULT false
) RETURNS text[] LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    head bigint := log_head();
    changed bigint[];
BEGIN
    INSERT INTO presences (user_id) SELECT DISTINCT person FROM unnest(people) person ORDER BY person ON CONFLICT DO NOTHING;
    PERFORM 1 FROM presences WHERE user_id = ANY (people) ORDER BY user_id FOR UPDATE;
    WITH found AS (
        SELECT old.user_id, old.presence, old.leaves_at, users.presence_mode AS mode,
               EXISTS (SELECT FROM streams s WHERE s.user_id = old.user_id) AS connected,
               EXISTS (SELECT FROM streams s WHERE s.user_id = old.user_id AND NOT EXISTS (
                   SELECT FROM idle_sessions i WHERE i.session_id = s.session_id)) AS active
        FROM presences old JOIN users ON users.id = old.user_id WHERE old.user_id = ANY (people)
    ), leaving AS (
        SELECT *, CASE
            WHEN connected OR presence = 'offline' THEN NULL
            WHEN leaves_at IS NULL THEN now() + CASE WHEN user_id = ANY (lost) THEN interval '0' ELSE grace END
            ELSE leaves_at END AS leaves
        FROM found
    ), judged AS (
        SELECT *, CASE
            WHEN mode = 'invisible' OR NOT connected AND coalesce(leaves <= now(), true) THEN 'offline'
            WHEN mode <> 'auto' THEN mode
            WHEN active OR NOT connected AND presence <> 'away' THEN 'online'
            ELSE 'away' END AS now_presence
        FROM leaving
    ), moved AS (
        UPDATE presences SET
            presence = now_presence,
            leaves_at = CASE WHEN now_presence <> 'offline' THEN leaves END,
            seen_at = CASE
                WHEN judged.presence <> 'offline' AND (now_presence = 'offline' AND connected OR judged.leaves_at IS NULL AND leaves IS NOT NULL)
                THEN now() ELSE seen_at END,
            -- What is told again may be missed again, by another node: it is asked for by when it was told last.
            told_at = CASE WHEN now_presence <> judged.presence OR judged.user_id = ANY (again) THEN now() ELSE told_at END
        FROM judged
        WHERE judged.user_id = presences.user_id
          AND (now_presence <> judged.presence OR leaves IS DISTINCT FROM judged.leaves_at OR judged.user_id = ANY (again))
        RETURNING presences.user_id, now_presence <> judged.presence AS told
    )
    SELECT array_agg(user_id) INTO changed FROM (SELECT user_id FROM moved WHERE told UNION SELECT unnest(again)) all_of_them;
    RETURN tell_presence(changed, head, over_nats);
END
$$;

-- Publishes users' presence to those who share one of the smaller workspaces with them: {"presence": [[user_id,
-- presence, last_seen, [workspace_id, …], position], …]}. position is where the log stood, at the latest, when presence
-- was computed: later events may have made it untrue. `over_nats`: it is returned instead, for the caller to send after the
-- COMMIT, if all hear that.
CREATE FUNCTION tell_presence(people bigint[], head bigint, over_nats boolean DEFAULT false) RETURNS text[] LANGUAGE plpgsql
SET enable_seqscan = off SET timezone = 'UTC' AS $$
DECLARE
    texts text[];
BEGIN
    SELECT array_agg(text) INTO texts FROM (
        SELECT '{"presence":[' || string_agg(entry, ',') || ']}' AS text
        FROM (
            SELECT entry, sum(length(entry) + 1) OVER (ORDER BY user_id, part) / 6500 AS payload
            FROM (
                SELECT user_id, part, json_build_array(user_id, presence,
                    CASE WHEN presence = 'offline' THEN seen_at END, array_agg(workspace_id), head)::text AS entry
                FROM (
                    SELECT p.user_id, p.presence, p.seen_at, m.workspace_id,
                           row_number() OVER (PARTITION BY p.user_id ORDER BY m.workspace_id) / 40 AS part
                    FROM presences p JOIN workspace_members m ON m.user_id = p.user_id
                    WHERE p.user_id = ANY (people) AND m.workspace_id IN (
                        SELECT workspace_id FROM (
                            SELECT DISTINCT workspace_id FROM workspace_members WHERE user_id = ANY (people)) theirs
                        WHERE (SELECT count(*) FROM (
                            SELECT FROM workspace_members others WHERE others.workspace_id = theirs.workspace_id
                            LIMIT presence_members() + 1) counted) <= presence_members())
                ) places
                GROUP BY user_id, presence, seen_at, part
            ) entries
        ) payloads
        GROUP BY payload
    ) told;
    IF over_nats AND notices_key() IS NOT NULL THEN
        RETURN coalesce(texts, '{}');
    END IF;
    PERFORM pg_notify('fechatter_ephemeral', text) FROM unnest(texts) AS text;
    RETURN '{}';
END
$$;

-- Sessions have become idle or active. Rows correspond; of one session the last counts.
CREATE FUNCTION report_idle(people bigint[], sessions bigint[], idle boolean[], grace_seconds float8) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO idle_sessions (session_id)
    SELECT s.id FROM unnest(sessions, idle) AS told (session, is_idle) JOIN sessions s ON s.id = told.session
    WHERE told.is_idle ORDER BY s.id ON CONFLICT DO NOTHING;
    DELETE FROM idle_sessions WHERE session_id IN (
        SELECT session FROM unnest(sessions, idle) AS told (session, is_idle) WHERE NOT is_idle);
    PERFORM settle_presence(people, make_interval(secs => grace_seconds));
END
$$;

-- Whether users may report typing, rows corresponding: told, unheard (they may, but nobody is notified: the chat is
-- large, or they are invisible), or why not: archived, silenced, forbidden (a channel that they could join and have
-- not), not_found.
CREATE FUNCTION judge_typing(people bigint[], chats bigint[]) RETURNS text[] LANGUAGE sql STABLE
SET enable_seqscan = off AS $$
    SELECT array_agg(CASE
        WHEN refused IS NULL THEN (
            SELECT CASE WHEN member_count > typing_members() OR presence_mode = 'invisible' THEN 'unheard' ELSE 'told' END
            FROM public.chats, users WHERE public.chats.id = chat AND users.id = person)
        WHEN refused <> 'stranger' THEN refused
        WHEN EXISTS (SELECT FROM public.chats JOIN workspace_members USING (workspace_id)
                     WHERE id = chat AND (type = 'PublicChannel' OR password_hash IS NOT NULL) AND user_id = person) THEN 'forbidden'
        ELSE 'not_found' END ORDER BY place)
    FROM unnest(people, chats) WITH ORDINALITY AS asked (person, chat, place)
    CROSS JOIN LATERAL post_refused(chat, person) AS refused
$$;

-- Publishes who has started typing or stopped, in which chat and session, rows corresponding: those that judge_typing()
-- allowed, with the position of the log and the time (seconds since 1970) of that decision, since a later event may
-- have ended the typing. {"typing": [[chat_id, user_id, session_id, typing, position, at], …]}
CREATE FUNCTION tell_typing(
    people bigint[], chats bigint[], sessions bigint[], started boolean[], positions bigint[], times float8[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fechatter_ephemeral', '{"typing":[' || string_agg(entry, ',') || ']}')
    FROM (
        SELECT json_build_array(chat, person, session, typing, position, at)::text AS entry, row_number() OVER () / 60 AS payload
        FROM unnest(people, chats, sessions, started, positions, times) AS told (person, chat, session, typing, position, at)
    ) payloads
    GROUP BY payload;
END
$$;

-- The presence of a user as a viewer sees it: as published, unless their node has died since and no other was there to
-- publish it.
CREATE FUNCTION presence_json(u users, viewer bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT u.id AS user_id, seen.presence, CASE WHEN seen.presence = 'offline' THEN seen_at END AS last_seen
        FROM (SELECT EXISTS (SELECT FROM streams s JOIN notify_nodes n USING (node)
                             WHERE s.user_id = u.id AND n.expires_at > now()) AS connected) here
        LEFT JOIN presences told ON told.user_id = u.id,
        LATERAL (SELECT CASE
            WHEN connected AND u.presence_mode = 'invisible' AND u.id = viewer THEN 'invisible'
            WHEN u.presence_mode = 'invisible' THEN 'offline'  -- immediately, although the next report publishes it
            WHEN connected OR leaves_at > now() THEN coalesce(told.presence, 'offline')
            ELSE 'offline' END AS presence) seen
    ) shape
$$;
