-- Sinks: events for other systems, which an operator names in app.yaml.

-- Leases a sink to a delivery_server, or renews the lease: the generation that its writes have to name,
-- null while another server has it. A sink that is new begins at the end of the log.
CREATE FUNCTION hold_sink(sink text, server text, lease_seconds float8) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held bigint;
BEGIN
    INSERT INTO sinks (name, epoch, position) SELECT sink, epoch, log_head() FROM log_state ON CONFLICT (name) DO NOTHING;
    UPDATE sinks SET generation = generation + (node IS DISTINCT FROM server)::integer, node = server,
                     held_until = now() + make_interval(secs => lease_seconds)
    WHERE name = sink AND (node IS NULL OR node = server OR held_until < now())
    RETURNING generation INTO held;
    RETURN held;
END
$$;

-- A server that stops leaves its sinks to the others at once.
CREATE FUNCTION leave_sinks(server text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE sinks SET generation = generation + 1, node = NULL, held_until = NULL WHERE node = server;
    SELECT pg_notify('fechatter_sinks', '')
$$;

-- The kinds that say of a place that it is gone. Each of its members is told, so the
-- log has them once for each.
CREATE FUNCTION sink_endings() RETURNS text[] LANGUAGE sql IMMUTABLE AS
    $$ SELECT '{ChatDeleted,BoardDeleted,PageDeleted,WorkspaceDeleted,WorkspaceMoved}'::text[] $$;

-- The next events for a sink, up to `last` and with what they say now: those that all members of a place see, in the
-- workspaces and the chats of the types that it may have. Nothing that is for one user or for admins, and nothing of a
-- chat that is deleted by then but that it is. workspaces: null for all; kinds: null for all. At least one, else as many as
-- fit into `bytes`.
CREATE FUNCTION sink_events(
    after bigint, last bigint, workspaces bigint[], chat_types text[], documents boolean, kinds text[], amount integer, bytes bigint
) RETURNS TABLE (
    "position" bigint, kind text, audience text, chat_id bigint, document_id bigint, user_id bigint, workspace_ids bigint[],
    message_id bigint, effect text, payload json, created_at timestamptz, workspace_id bigint
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id, e.effect,
           current_payload(e.kind, e.message_id, e.created_at, e.payload), e.created_at, e.workspace_id
    FROM (
        SELECT *, sum(octet_length(payload::text)) OVER (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM (
            SELECT e.*, coalesce(c.workspace_id, d.workspace_id, (e.payload ->> 'workspace_id')::bigint,
                                 CASE WHEN cardinality(e.workspace_ids) = 1 THEN e.workspace_ids[1] END) AS workspace_id
            FROM events e
            LEFT JOIN chats c ON c.id = e.chat_id
            LEFT JOIN documents d ON d.id = e.document_id
            WHERE e.position > after AND e.position <= last AND (sink_events.kinds IS NULL OR e.kind = ANY (sink_events.kinds))
              AND CASE
                  WHEN e.kind = ANY (sink_endings()) THEN
                      (e.document_id IS NULL OR sink_events.documents)
                      AND NOT EXISTS (SELECT FROM events twin WHERE twin.position = e.position - 1 AND twin.kind = e.kind
                                      AND (twin.chat_id, twin.document_id, twin.workspace_ids)
                                          IS NOT DISTINCT FROM (e.chat_id, e.document_id, e.workspace_ids))
                  WHEN e.kind = 'ReadMarkerMoved' THEN false -- what people have read is for those who are in the chat with them
                  WHEN e.audience = 'chat' THEN c.type = ANY (chat_types)
                  WHEN e.audience = 'document' THEN sink_events.documents AND d.id IS NOT NULL
                  ELSE e.audience IN ('workspaces', 'contacts') AND e.workspace_ids <> '{}' -- else it is the user's own
              END
              AND (workspaces IS NULL
                   OR coalesce(c.workspace_id, d.workspace_id, (e.payload ->> 'workspace_id')::bigint) = ANY (workspaces)
                   OR e.workspace_ids && workspaces)
            ORDER BY e.position LIMIT amount
        ) next
    ) e WHERE coalesce(e.before, 0) < bytes ORDER BY e.position
$$;

-- What a server has done for a sink that it holds: the cursor moves from `seen` to `reached`, unless somebody has moved it
-- meanwhile, and with an error it stays. Returns false, and changes nothing, if another server has the sink by now.
CREATE FUNCTION record_sink(
    sink text, holder bigint, seen_epoch text, seen bigint, reached_epoch text, reached bigint, events integer, failure text
) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE sinks SET
        epoch = CASE WHEN (epoch, position) = (seen_epoch, seen) AND failure IS NULL THEN reached_epoch ELSE epoch END,
        position = CASE WHEN (epoch, position) = (seen_epoch, seen) AND failure IS NULL THEN reached ELSE position END,
        sent = sent + events, sent_at = CASE WHEN events > 0 THEN now() ELSE sent_at END, error = failure,
        failing_since = CASE WHEN failure IS NOT NULL THEN coalesce(failing_since, now()) END
    WHERE name = sink AND generation = holder
    RETURNING true
$$;
