-- name: tell_board_presence(node, boards, clients, users, sessions, clocks, states)
-- Tells other nodes of a node's clients on boards, null as state of those that have left; false if there is no other node.
SELECT tell_board_presence(:node, :boards, :clients, :users, :sessions, :clocks, :states) AS told;

-- name: board_presence(boards, node)
-- Who is on these boards over other nodes.
SELECT board_id, client_id, user_id, session_id, clock, state FROM board_presence
WHERE board_id = ANY (:boards::bigint[]) AND node <> :node;
