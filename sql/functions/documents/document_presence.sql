-- How notify_servers share who has a document open.

-- Publishes the states of a node's clients on documents, null for those that have left. Returns false, and publishes
-- nothing, if no other node is alive, or this one is not known to be. `quiet`: the node has sent them over NATS, so nobody is
-- notified if all hear that.
CREATE FUNCTION tell_document_presence(
    node_name text, documents bigint[], clients bigint[], users bigint[], sessions bigint[], openings bigint[], clocks bigint[],
    states text[], quiet boolean DEFAULT false
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notify_nodes WHERE node <> node_name AND expires_at > now())
       OR NOT EXISTS (SELECT FROM notify_nodes WHERE node = node_name) THEN
        RETURN false;
    END IF;
    DELETE FROM document_presence p USING unnest(documents, clients, states) AS t (document_id, client_id, state)
    WHERE p.document_id = t.document_id AND p.node = node_name AND p.client_id = t.client_id AND t.state IS NULL;
    INSERT INTO document_presence (document_id, node, client_id, user_id, session_id, opening, clock, state)
    SELECT document_id, node_name, client_id, user_id, session_id, opening, clock, state
    FROM unnest(documents, clients, users, sessions, openings, clocks, states)
        AS t (document_id, client_id, user_id, session_id, opening, clock, state)
    WHERE state IS NOT NULL
    ON CONFLICT (document_id, node, client_id) DO UPDATE SET user_id = excluded.user_id, session_id = excluded.session_id,
        opening = excluded.opening, clock = excluded.clock, state = excluded.state;
    IF NOT quiet OR notices_key() IS NULL THEN
        PERFORM pg_notify('fechatter_document_presence', node_name || ' ' || string_agg(DISTINCT document::text, ' '))
        FROM unnest(documents) AS t (document);
    END IF;
    RETURN true;
END
$$;

-- The number of an opening of a document, higher than all before it. See docs/boards/presence.md.
CREATE FUNCTION next_document_opening() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT nextval('document_openings') $$;
