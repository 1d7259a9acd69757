-- Live figures for the pages of administration.

-- The people, sessions, streams, messages and storage of an organisation or, without one, of the whole server, and then
-- also its log, queues and nodes. Neither names nor content: whoever sees it reads nobody's data by it.
CREATE FUNCTION overview_json(organization bigint) RETURNS json LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    everybody CONSTANT boolean := organization IS NULL;
    spaces CONSTANT bigint[] := ARRAY(SELECT id FROM workspaces WHERE organization_id = organization);
    first_day CONSTANT date := now()::date - 6;
BEGIN
    RETURN (SELECT row_to_json(shape) FROM (
        SELECT organization AS organization_id, now() AS at,
               CASE WHEN everybody THEN overview_of_people() ELSE overview_of_organization(organization) END AS people,
               (SELECT count(*) FROM workspaces w WHERE everybody OR w.organization_id = organization) AS workspaces,
               (SELECT count(*) FROM chats c WHERE everybody OR c.workspace_id = ANY (spaces)) AS chats,
               (SELECT count(*) FROM documents d WHERE d.deleted_at IS NULL AND (everybody OR d.workspace_id = ANY (spaces))) AS documents,
               (SELECT count(*) FROM sessions s WHERE s.revoked_at IS NULL AND s.expires_at > now()
                  AND (everybody OR is_member_of(s.user_id, organization))) AS sessions,
               (SELECT count(*) FROM streams s JOIN notify_nodes n USING (node) WHERE n.expires_at > now()
                  AND (everybody OR is_member_of(s.user_id, organization))) AS streams,
               (SELECT json_agg(json_build_object('day', days.day::date, 'messages', coalesce(posted, 0)) ORDER BY days.day)
                FROM generate_series(first_day, now()::date, interval '1 day') AS days (day) LEFT JOIN (
                    SELECT m.created_at::date AS day, count(*) AS posted FROM messages m
                    WHERE m.created_at >= first_day
                      AND (everybody OR m.chat_id IN (SELECT id FROM chats WHERE workspace_id = ANY (spaces)))
                    GROUP BY 1) counted ON counted.day = days.day::date) AS messages_by_day,
               (SELECT json_build_object('bytes', coalesce(sum(bytes), 0), 'kinds', coalesce(json_object_agg(kind, bytes), '{}'))
                FROM (SELECT kind, sum(bytes) AS bytes FROM storage_usage u
                      WHERE everybody OR u.workspace_id = ANY (spaces) GROUP BY kind) kinds) AS storage,
               CASE WHEN everybody THEN overview_of_log() END AS log,
               CASE WHEN everybody THEN overview_of_queues() END AS queues,
               CASE WHEN everybody THEN (
                   SELECT coalesce(json_agg(json_build_object(
                       'node', n.node, 'started_at', n.started_at, 'seen_at', n.seen_at, 'alive', n.expires_at > now(),
                       'streams', (SELECT count(*) FROM streams s WHERE s.node = n.node)) ORDER BY n.started_at, n.node), '[]')
                   FROM notify_nodes n) END AS nodes
    ) shape);
END
$$;

-- Whether somebody is in an organisation as a member: guests and bots are not counted among its people.
CREATE FUNCTION is_member_of(person bigint, organization bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM organization_members m
                   WHERE m.organization_id = organization AND m.user_id = person AND m.kind = 'member')
$$;

-- All accounts by their state. Online: with an open stream, whatever they show to others.
CREATE FUNCTION overview_of_people() RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'active', count(*) FILTER (WHERE kind = 'person' AND status = 'active'),
        'inactive', count(*) FILTER (WHERE kind = 'person' AND status <> 'active'),
        'guests', (SELECT count(DISTINCT user_id) FROM organization_members WHERE kind = 'guest'),
        'bots', count(*) FILTER (WHERE kind = 'bot'),
        'online', (SELECT count(DISTINCT s.user_id) FROM streams s JOIN notify_nodes n USING (node) WHERE n.expires_at > now()))
    FROM users
$$;

CREATE FUNCTION overview_of_organization(organization bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'active', count(*) FILTER (WHERE m.kind = 'member' AND u.status = 'active'),
        'inactive', count(*) FILTER (WHERE m.kind = 'member' AND u.status <> 'active'),
        'guests', count(*) FILTER (WHERE m.kind = 'guest'),
        'bots', count(*) FILTER (WHERE m.kind = 'bot'),
        'online', count(*) FILTER (WHERE m.kind = 'member' AND EXISTS (
            SELECT FROM streams s JOIN notify_nodes n USING (node) WHERE s.user_id = u.id AND n.expires_at > now())))
    FROM organization_members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = organization
$$;

-- behind: events above the position of the reader that lags most, of those that tell theirs. last_minute: 100,000 at most.
CREATE FUNCTION overview_of_log() RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'position', log_head(), 'floor', floor,
        'last_minute', (SELECT count(*) FROM events WHERE position > log_head() - 100000 AND created_at > now() - interval '1 minute'),
        'newest_at', (SELECT created_at FROM events ORDER BY position DESC LIMIT 1),
        'search_behind', (SELECT greatest(log_head() - s.position, 0) FROM search_state s),
        'links_behind', (SELECT greatest(log_head() - l.position, 0) FROM link_state l),
        'notify_queue_percent', round(pg_notification_queue_usage()::numeric * 100, 1))
    FROM log_state
$$;

-- What waits for a server to do it.
CREATE FUNCTION overview_of_queues() RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'mails', (SELECT count(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND used_at IS NULL AND expires_at > now()),
        'file_looks', (SELECT count(*) FROM file_looks),
        'link_lookups', (SELECT count(*) FROM link_lookups),
        'blob_deletions', (SELECT count(*) FROM blob_deletions),
        'uploads', (SELECT count(*) FROM uploads),
        'held_messages', (SELECT count(*) FROM held_messages WHERE status = 'open'))
$$;
