-- name: board_open(user_id, session_id, board_id)
-- Whether a user may open a board, of one snapshot: where the log stands, until when the session is good (null if it is not; seconds
-- since 1970), the role on the board (null without one, or where the board is deleted), the user's name, and the number of this
-- opening.
SELECT log_head() AS head, next_board_opening() AS opening,
       (SELECT extract(epoch FROM sessions.expires_at)::float8 FROM sessions JOIN users ON users.id = sessions.user_id
        WHERE sessions.id = :session_id AND users.id = :user_id AND users.status = 'active'
          AND sessions.revoked_at IS NULL AND sessions.expires_at > now()) AS good_until,
       (SELECT role FROM board_members JOIN boards ON boards.id = board_id
        WHERE board_id = :board_id AND user_id = :user_id AND deleted_at IS NULL) AS role,
       (SELECT fullname FROM users WHERE id = :user_id) AS fullname;

-- name: board_load(board_id)
-- All of a board: its snapshot, where there is one (it has a vector), then the updates since, in their order.
SELECT seq, state AS data, vector, deletions, pending FROM board_snapshots WHERE board_id = :board_id
UNION ALL
SELECT seq, data, NULL, NULL, NULL FROM board_updates
WHERE board_id = :board_id AND seq > coalesce((SELECT seq FROM board_snapshots WHERE board_id = :board_id), 0)
ORDER BY seq;

-- name: board_append(node, boards, users, updates, patience_ms, skipping)
-- Appends updates, which are durable with that; the seq of each, null where the board is gone, 0 for one that was skipped.
SELECT seq FROM board_append(:node, :boards, :users, :updates, :patience_ms, :skipping);

-- name: boards_after(boards, seqs, node)
-- What boards have got after a seq of each; data is null where it came from this node.
SELECT u.board_id, u.seq, CASE WHEN u.origin <> :node THEN u.data END AS data
FROM unnest(:boards::bigint[], :seqs::bigint[]) AS asked (board_id, seq)
JOIN board_updates u ON u.board_id = asked.board_id AND u.seq > asked.seq
ORDER BY u.board_id, u.seq LIMIT 1000;

-- name: board_compaction_lock(board_id)
-- False while another server makes a snapshot of the board; held to the end of the transaction.
SELECT pg_try_advisory_xact_lock(hashtext('fechatter.board_snapshot'), hashint8(:board_id));

-- name: board_keep_snapshot(board_id, seq, state, vector, deletions, pending)
-- Keeps a snapshot, unless there is a newer one.
SELECT board_keep_snapshot(:board_id, :seq, :state, :vector, :deletions, :pending);

-- name: board_quarantined(board_id)
-- Updates of a board that are in quarantine: what clients bring again is known by them.
SELECT data FROM board_quarantine WHERE board_id = :board_id;

-- name: board_quarantine_updates(board_id, seqs, reasons)
-- Takes updates out of a board for good, each for its reason; how many.
SELECT quarantine_board_updates(:board_id, :seqs, :reasons);

-- name: board_quarantine_page(board, after, limit)
-- A page of what a board has in quarantine, by seq.
WITH page AS (
    SELECT seq, board_quarantine_json(q) AS item FROM board_quarantine q
    WHERE board_id = :board AND seq > :after
    ORDER BY seq LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY seq))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(seq ORDER BY seq))[:limit] END AS next
FROM page;
