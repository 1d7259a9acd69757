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

-- name: board_edits(board, after, upto)
-- Who has edited a board between two seqs, who did most first, and whether the history of all of it is kept.
SELECT coalesce(array_to_json((array_agg(shape ORDER BY updates DESC, user_id))[1 : 1000]), '[]')::text AS edits,
       coalesce(sum(updates), 0) = :upto::bigint - :after::bigint AS complete
FROM (SELECT user_id, count(*) AS updates, min(created_at) AS first_at, max(created_at) AS last_at
      FROM board_updates WHERE board_id = :board AND seq > :after AND seq <= :upto GROUP BY user_id) shape;

-- name: board_restored_since(board, seq, origin)
-- Whether another version has been restored after that.
SELECT EXISTS (SELECT FROM board_updates WHERE board_id = :board AND seq > :seq AND origin = :origin);
