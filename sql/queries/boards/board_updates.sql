-- name: board_load(board_id, part_bytes)
-- All of a board: its snapshot, if there is one (its first part has a vector), and the updates since, all in parts of any
-- order. Appending nothing decompresses a value once, and not again for each part.
SELECT seq, at, substr(data, at, :part_bytes) AS data,
       CASE WHEN at = 1 THEN vector END AS vector, CASE WHEN at = 1 THEN deletions END AS deletions, pending
FROM (
    SELECT seq, state || ''::bytea AS data, vector, deletions, pending FROM board_snapshots WHERE board_id = :board_id
    UNION ALL
    SELECT seq, data || ''::bytea, NULL, NULL, NULL FROM board_updates
    WHERE board_id = :board_id AND seq > coalesce((SELECT seq FROM board_snapshots WHERE board_id = :board_id), 0)
    OFFSET 0
) whole, generate_series(1, length(data), :part_bytes) AS at;

-- name: board_append(node, boards, users, updates, patience_ms, skipping)
-- Appends updates, which makes them durable; the seq of each, null if the board is gone, 0 for one that was skipped. With
-- the moment that they are stored under.
SELECT seq, now() AS stored_at FROM board_append(:node, :boards, :users, :updates, :patience_ms, :skipping);

-- name: boards_after(boards, seqs, node)
-- The updates of boards after a seq of each; data is null if it came from this node.
SELECT u.board_id, u.seq, u.created_at AS stored_at, CASE WHEN u.origin <> :node THEN u.data END AS data
FROM unnest(:boards::bigint[], :seqs::bigint[]) AS asked (board_id, seq)
JOIN board_updates u ON u.board_id = asked.board_id AND u.seq > asked.seq
ORDER BY u.board_id, u.seq LIMIT 1000;

-- name: board_newest(board_id)
-- The newest update of a board, and the moment that it is stored under.
SELECT seq, created_at AS stored_at FROM board_updates WHERE board_id = :board_id ORDER BY seq DESC LIMIT 1;

-- name: boards_lost(boards, seqs, moments)
-- The boards of which an update with such a seq is not there, or another one: not that of this moment. One that is in
-- quarantine is there, and one before those that are kept has become history.
SELECT DISTINCT gone.board_id AS document_id
FROM (
    SELECT asked.board_id, asked.seq
    FROM unnest(:boards::bigint[], :seqs::bigint[], :moments::timestamptz[]) AS asked (board_id, seq, stored_at)
    WHERE NOT EXISTS (SELECT FROM board_updates u
                      WHERE u.board_id = asked.board_id AND u.seq = asked.seq AND u.created_at = asked.stored_at)
      AND NOT EXISTS (SELECT FROM board_quarantine q
                      WHERE q.board_id = asked.board_id AND q.seq = asked.seq AND q.created_at = asked.stored_at)
    OFFSET 0
) gone
WHERE NOT EXISTS (SELECT FROM board_snapshots s WHERE s.board_id = gone.board_id AND s.seq >= gone.seq)
   OR EXISTS (SELECT FROM board_updates u WHERE u.board_id = gone.board_id AND u.seq <= gone.seq);

-- name: board_compaction_lock(board_id)
-- False while another server makes a snapshot of the board; held to the end of the transaction.
SELECT pg_try_advisory_xact_lock(hashtext('fechatter.board_snapshot'), hashint8(:board_id));

-- name: board_keep_snapshot(board_id, seq, state, vector, deletions, pending)
-- Stores a snapshot, unless there is a newer one.
SELECT board_keep_snapshot(:board_id, :seq, :state, :vector, :deletions, :pending);

-- name: board_quarantined(board_id)
-- The quarantined updates of a board, by which updates that clients send again are recognised.
SELECT data FROM board_quarantine WHERE board_id = :board_id;

-- name: board_quarantine_updates(board_id, seqs, reasons)
-- Quarantines updates of a board, each for its reason; returns how many.
SELECT quarantine_board_updates(:board_id, :seqs, :reasons);

-- name: board_quarantine_page(board, after, limit)
-- A page of a board's quarantined updates, by seq.
WITH page AS (
    SELECT seq, board_quarantine_json(q) AS item FROM board_quarantine q
    WHERE board_id = :board AND seq > :after
    ORDER BY seq LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY seq))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(seq ORDER BY seq))[:limit] END AS next
FROM page;

-- name: board_edits(board, after, upto)
-- Who edited a board between two seqs, most active first, and whether the history of all of it is kept.
SELECT coalesce(array_to_json((array_agg(shape ORDER BY updates DESC, user_id))[1 : 1000]), '[]')::text AS edits,
       coalesce(sum(updates), 0) = :upto::bigint - :after::bigint AS complete
FROM (SELECT user_id, count(*) AS updates, min(created_at) AS first_at, max(created_at) AS last_at
      FROM board_updates WHERE board_id = :board AND seq > :after AND seq <= :upto GROUP BY user_id) shape;

-- name: board_restored_since(board, seq, origin)
-- Whether another version has been restored after that.
SELECT EXISTS (SELECT FROM board_updates WHERE board_id = :board AND seq > :seq AND origin = :origin);
