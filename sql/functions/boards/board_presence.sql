-- What notify_servers tell each other of who is on a board.

-- Tells the others what a node's clients on boards are now: their states, null for those that have left. False, and nothing
-- is told, where no other node is alive, or where this one is not known to be.
CREATE OR REPLACE FUNCTION tell_board_presence(
    node_name text, boards bigint[], clients bigint[], users bigint[], sessions bigint[], openings bigint[], clocks bigint[],
    states text[]
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notify_nodes WHERE node <> node_name AND expires_at > now())
       OR NOT EXISTS (SELECT FROM notify_nodes WHERE node = node_name) THEN
        RETURN false;
    END IF;
    DELETE FROM board_presence p USING unnest(boards, clients, states) AS t (board_id, client_id, state)
    WHERE p.board_id = t.board_id AND p.node = node_name AND p.client_id = t.client_id AND t.state IS NULL;
    INSERT INTO board_presence (board_id, node, client_id, user_id, session_id, opening, clock, state)
    SELECT board_id, node_name, client_id, user_id, session_id, opening, clock, state
    FROM unnest(boards, clients, users, sessions, openings, clocks, states)
        AS t (board_id, client_id, user_id, session_id, opening, clock, state)
    WHERE state IS NOT NULL
    ON CONFLICT (board_id, node, client_id) DO UPDATE SET user_id = excluded.user_id, session_id = excluded.session_id,
        opening = excluded.opening, clock = excluded.clock, state = excluded.state;
    PERFORM pg_notify('fechatter_board_presence', node_name || ' ' || string_agg(DISTINCT board::text, ' '))
    FROM unnest(boards) AS t (board);
    RETURN true;
END
$$;

-- The number of an opening of a board, higher than all before it. See docs/boards/presence.md.
CREATE OR REPLACE FUNCTION next_board_opening() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT nextval('board_openings') $$;
