-- name: tell_board_presence(node, boards, clients, users, sessions, openings, clocks, states)
-- Tells other nodes of a node's clients on boards, null as state of those that have left; false if there is no other node.
SELECT tell_board_presence(:node, :boards, :clients, :users, :sessions, :openings, :clocks, :states) AS told;

-- name: board_presence(boards, node)
-- Who is on these boards over other nodes, without those who have lost their place and whose node does not know it yet.
SELECT p.board_id, client_id, p.user_id, session_id, opening, clock, state
FROM board_presence p
JOIN boards ON boards.id = p.board_id AND boards.deleted_at IS NULL
JOIN board_members m ON m.board_id = p.board_id AND m.user_id = p.user_id
JOIN sessions ON sessions.id = session_id AND sessions.revoked_at IS NULL
WHERE p.board_id = ANY (:boards::bigint[]) AND node <> :node;

-- name: board_opening()
-- The number of an opening without one: higher than all before it.
SELECT next_board_opening();
