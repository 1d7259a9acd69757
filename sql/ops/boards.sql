-- Boards: who edited which, and when, and what they take.

DROP VIEW IF EXISTS ops.board_edits;
CREATE VIEW ops.board_edits AS
SELECT u.board_id AS board, u.seq, u.created_at AS at, coalesce(users.email, 'user ' || u.user_id) AS by,
       length(u.data) AS bytes, u.origin AS node
FROM public.board_updates u LEFT JOIN public.users ON users.id = u.user_id
ORDER BY u.board_id, u.seq DESC;
COMMENT ON VIEW ops.board_edits IS 'Every update of a board, the newest first: who sent it, when, how large; kept for boards.history_days once it is in a snapshot.';

DROP VIEW IF EXISTS ops.boards;
CREATE VIEW ops.boards AS
SELECT b.id, b.name, b.workspace_id AS workspace, b.member_count AS members, b.deleted_at, b.last_seq AS edits,
       s.seq AS snapshot_at, length(s.state) AS snapshot_bytes, s.pending AS snapshot_waits,
       (SELECT max(created_at) FROM public.board_updates u WHERE u.board_id = b.id AND u.seq = b.last_seq) AS edited_at
FROM public.boards b LEFT JOIN public.board_snapshots s ON s.board_id = b.id
ORDER BY b.id;
COMMENT ON VIEW ops.boards IS 'Every board: how often it was edited and when last, up to which edit it has a snapshot, and how large that is.';
