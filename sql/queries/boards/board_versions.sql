-- name: board_versions(board, after, limit)
-- A page of a board's versions, by id.
WITH page AS (
    SELECT id, board_version_json(v) AS item FROM board_versions v
    WHERE board_id = :board AND id > :after
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: board_version_create(board, user, name, seq, state)
-- What is on a board now, under a name.
INSERT INTO board_versions AS v (board_id, created_by, name, seq, state) VALUES (:board, :user, :name, :seq, :state)
RETURNING board_version_json(v)::text;

-- name: board_version_before(board, user, name, seq, state)
-- The same, unless there is a version of it already.
INSERT INTO board_versions AS v (board_id, created_by, name, seq, state)
SELECT :board, :user, left(:name, 80), :seq, :state
WHERE NOT EXISTS (SELECT FROM board_versions WHERE board_id = :board AND seq = :seq)
RETURNING board_version_json(v)::text;

-- name: board_version_by_id(board, version)
-- A version, without its state.
SELECT board_version_json(v)::text FROM board_versions v WHERE id = :version AND board_id = :board;

-- name: board_version_state(board, version)
-- A version with its state.
SELECT name, seq, state FROM board_versions WHERE id = :version AND board_id = :board;

-- name: board_version_rename(board, version, name)
-- Null leaves the name as it is.
UPDATE board_versions v SET name = coalesce(:name, name) WHERE id = :version AND board_id = :board
RETURNING board_version_json(v)::text;

-- name: board_version_creator(board, version)
-- Whose version it is; no row where there is none.
SELECT created_by FROM board_versions WHERE id = :version AND board_id = :board;

-- name: board_version_delete(board, version)
-- For good.
DELETE FROM board_versions WHERE id = :version AND board_id = :board;

-- name: board_edits(board, after, upto)
-- Who has edited a board between two seqs, who did most first, and whether the history of all of it is kept.
SELECT coalesce(array_to_json((array_agg(shape ORDER BY updates DESC, user_id))[1 : 1000]), '[]')::text AS edits,
       coalesce(sum(updates), 0) = :upto::bigint - :after::bigint AS complete
FROM (SELECT user_id, count(*) AS updates, min(created_at) AS first_at, max(created_at) AS last_at
      FROM board_updates WHERE board_id = :board AND seq > :after AND seq <= :upto GROUP BY user_id) shape;

-- name: board_restored_since(board, seq, origin)
-- Whether another version has been restored after that.
SELECT EXISTS (SELECT FROM board_updates WHERE board_id = :board AND seq > :seq AND origin = :origin);
