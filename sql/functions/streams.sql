-- What notify_server writes: tickets taken out of use, and which streams are open.

-- A ticket opens one stream: whoever deletes it first has it. No row for an unknown, used or late one.
CREATE OR REPLACE FUNCTION redeem_ticket(ticket_hash bytea)
RETURNS TABLE (user_id bigint, session_id bigint, token_expires_at timestamptz) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH redeemed AS (DELETE FROM tickets WHERE hash = ticket_hash RETURNING *)
    SELECT sessions.user_id, sessions.id, redeemed.token_expires_at
    FROM redeemed JOIN sessions ON sessions.id = redeemed.session_id
    WHERE redeemed.expires_at > now()
$$;

-- opened is a JSON array of {stream, user_id, session_id, address, opened_at}, closed the numbers of streams.
-- Returns false when the node was not known: it was forgotten (by a crash, or as dead), and has to tell all again.
CREATE OR REPLACE FUNCTION report_streams(node_name text, opened json, closed bigint[]) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    known boolean;
BEGIN
    UPDATE notify_nodes SET seen_at = now() WHERE node = node_name;
    known := FOUND;
    INSERT INTO notify_nodes (node) VALUES (node_name) ON CONFLICT DO NOTHING;
    DELETE FROM streams WHERE node = node_name AND stream = ANY (closed);
    INSERT INTO streams (node, stream, user_id, session_id, address, opened_at)
    SELECT node_name, o.stream, o.user_id, o.session_id, o.address, o.opened_at
    FROM json_to_recordset(opened)
        AS o (stream bigint, user_id bigint, session_id bigint, address text, opened_at timestamptz)
    ON CONFLICT DO NOTHING;
    -- Nodes that wake up together all look dead to each other: whoever is reporting just now is not.
    DELETE FROM notify_nodes WHERE node IN
        (SELECT node FROM notify_nodes WHERE seen_at < now() - interval '1 minute' FOR UPDATE SKIP LOCKED);
    RETURN known;
END
$$;
