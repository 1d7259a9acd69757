-- Boards: who edited them, and when, and their size.

CREATE VIEW ops.board_edits AS
SELECT u.board_id AS board, u.seq, u.created_at AS at, coalesce(users.email, 'user ' || u.user_id) AS by,
       length(u.data) AS bytes, u.origin AS node
FROM public.board_updates u LEFT JOIN public.users ON users.id = u.user_id
ORDER BY u.board_id, u.seq DESC;
COMMENT ON VIEW ops.board_edits IS 'Every update of a board, newest first: sender, time and size. Kept for boards.history_days once it is in a snapshot.';

CREATE VIEW ops.boards AS
SELECT b.id, b.name, b.workspace_id AS workspace, b.member_count AS members, b.deleted_at, b.last_seq AS edits,
       s.seq AS snapshot_at, length(s.state) AS snapshot_bytes, s.pending AS snapshot_waits,
       (SELECT max(created_at) FROM public.board_updates u WHERE u.board_id = b.id AND u.seq = b.last_seq) AS edited_at
FROM public.documents b LEFT JOIN public.board_snapshots s ON s.board_id = b.id
WHERE b.kind = 'board'
ORDER BY b.id;
COMMENT ON VIEW ops.boards IS 'Every board: the number and time of its edits, the edit up to which it has a snapshot, and the snapshot''s size.';

CREATE VIEW ops.quarantine AS
SELECT q.board_id AS board, b.name, q.seq, coalesce(users.email, 'user ' || q.user_id) AS by, q.created_at AS at,
       length(q.data) AS bytes, q.reason, q.quarantined_at
FROM public.board_quarantine q JOIN public.documents b ON b.id = q.board_id LEFT JOIN public.users ON users.id = q.user_id
ORDER BY q.board_id, q.seq;
COMMENT ON VIEW ops.quarantine IS 'Updates of boards on which npm''s Yjs fails: their boards continue without them. See ops.release_update() and ops.delete_quarantined().';

CREATE FUNCTION ops.release_update(board bigint, seq bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT public.release_board_update(board, seq)
$$;
COMMENT ON FUNCTION ops.release_update IS 'Adds an update to its board again, as the newest one; returns its new seq. If Yjs still fails on it, it is quarantined again.';

CREATE FUNCTION ops.delete_quarantined(board bigint, seq bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM public.board_quarantine q WHERE q.board_id = delete_quarantined.board AND q.seq = delete_quarantined.seq
$$;
COMMENT ON FUNCTION ops.delete_quarantined IS 'Deletes an update in quarantine for good.';

CREATE FUNCTION ops.check_board(board bigint)
RETURNS TABLE (updates bigint, in_snapshot bigint, kept bigint, quarantined bigint, can_be_made_anew boolean)
LANGUAGE sql STABLE AS $$
    SELECT b.last_seq, s.seq, (SELECT count(*) FROM public.board_updates u WHERE u.board_id = b.id AND u.seq <= s.seq),
           (SELECT count(*) FROM public.board_quarantine q WHERE q.board_id = b.id),
           s.seq = (SELECT count(*) FROM public.board_updates u WHERE u.board_id = b.id AND u.seq <= s.seq)
                 + (SELECT count(*) FROM public.board_quarantine q WHERE q.board_id = b.id AND q.seq <= s.seq)
    FROM public.documents b LEFT JOIN public.board_snapshots s ON s.board_id = b.id WHERE b.id = board AND b.kind = 'board'
$$;
COMMENT ON FUNCTION ops.check_board IS 'What a board consists of: its updates, how many of them its snapshot includes and are still kept, and whether the snapshot can be rebuilt from them.';

CREATE FUNCTION ops.remake_snapshot(board bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT can_be_made_anew FROM ops.check_board(board)) IS DISTINCT FROM true THEN
        RAISE EXCEPTION 'not all updates in the snapshot of board % are kept, or it has none', board
            USING HINT = 'They are kept for boards.history_days: see ops.check_board().';
    END IF;
    DELETE FROM public.board_snapshots s WHERE s.board_id = board;
END
$$;
COMMENT ON FUNCTION ops.remake_snapshot IS 'Drops a board''s snapshot, so that it is rebuilt from updates. Refused if some of them have expired.';
