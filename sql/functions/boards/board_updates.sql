-- Writes of notify_server about boards: batches of updates, and snapshots.

-- Appends updates of many boards, in order, and sends one notification. Returns the seq of each; null if the board is
-- deleted or gone, -1 if a storage quota is used up. Boards are locked in the order of their ids. One that stays locked
-- elsewhere for longer than patience (0: as long as a statement may take) fails the whole batch or, with skipping, gets
-- seq 0: not now.
CREATE FUNCTION board_append(
    node text, boards bigint[], users bigint[], updates bytea[], patience_ms integer, skipping boolean
) RETURNS TABLE (seq bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    locked bigint[];
    full_ones bigint[];
    touched text;
BEGIN
    PERFORM set_config('lock_timeout', patience_ms::text, true);
    IF skipping THEN
        SELECT array_agg(id) INTO locked FROM (
            SELECT id FROM documents WHERE id = ANY (boards) AND kind = 'board' AND deleted_at IS NULL
            ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) l;
    ELSE
        SELECT array_agg(id) INTO locked FROM (
            SELECT id FROM documents WHERE id = ANY (boards) AND kind = 'board' AND deleted_at IS NULL
            ORDER BY id FOR NO KEY UPDATE) l;
    END IF;
    SELECT storage_charge_documents(array_agg(g.id), array_agg(g.bytes)) INTO full_ones
    FROM (SELECT a.id, sum(length(a.data)) AS bytes FROM unnest(board_append.boards, updates) AS a (id, data)
          WHERE a.id = ANY (locked) GROUP BY a.id) g;
    IF full_ones <> '{}' THEN
        locked := ARRAY(SELECT unnest(locked) EXCEPT SELECT unnest(full_ones));
    END IF;
    RETURN QUERY
    WITH asked AS (
        SELECT a.*, d.last_seq + row_number() OVER (PARTITION BY a.board_id ORDER BY a.place) AS seq
        FROM unnest(board_append.boards, users, updates) WITH ORDINALITY AS a (board_id, user_id, data, place)
        JOIN documents d ON d.id = a.board_id
        WHERE a.board_id = ANY (locked)
    ), appended AS (
        INSERT INTO board_updates (board_id, seq, user_id, origin, data)
        SELECT asked.board_id, asked.seq, (SELECT id FROM users u WHERE u.id = asked.user_id), node, asked.data FROM asked
    ), moved AS (
        UPDATE documents d SET last_seq = m.last_seq, stored_bytes = d.stored_bytes + m.bytes
        FROM (SELECT asked.board_id, max(asked.seq) AS last_seq, sum(length(asked.data)) AS bytes FROM asked GROUP BY 1) m
        WHERE d.id = m.board_id
    )
    SELECT CASE WHEN a.board_id = ANY (full_ones) THEN -1
                WHEN asked.seq IS NULL AND skipping AND EXISTS (
               SELECT FROM documents d WHERE d.id = a.board_id AND d.kind = 'board' AND d.deleted_at IS NULL) THEN 0 ELSE asked.seq END
    FROM unnest(board_append.boards) WITH ORDINALITY AS a (board_id, place) LEFT JOIN asked USING (place)
    ORDER BY a.place;
    SELECT string_agg(id::text, ' ') INTO touched FROM (SELECT DISTINCT unnest(locked) AS id) t;
    IF touched IS NOT NULL THEN
        PERFORM pg_notify('fechatter_boards', node || ' ' || touched);
    END IF;
END
$$;

-- Stores the snapshot of a board up to seq, unless there is a newer one. Call it under board_compaction_lock().
CREATE FUNCTION board_keep_snapshot(
    board bigint, upto bigint, snapshot bytea, snapshot_vector bytea, snapshot_deletions bytea, is_pending boolean
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO board_snapshots AS s (board_id, seq, state, vector, deletions, pending)
    SELECT id, upto, snapshot, snapshot_vector, snapshot_deletions, is_pending
    FROM documents WHERE id = board AND kind = 'board' AND upto <= last_seq FOR NO KEY UPDATE
    ON CONFLICT (board_id) DO UPDATE SET seq = excluded.seq, state = excluded.state, vector = excluded.vector,
        deletions = excluded.deletions, pending = excluded.pending, made_at = now()
    WHERE s.seq < excluded.seq
$$;

-- Deletes up to batch updates of a board that its snapshot includes and that are older than history; returns how many.
CREATE FUNCTION expire_board_updates(board bigint, history interval, batch integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    amount integer;
BEGIN
    PERFORM FROM documents WHERE id = board FOR NO KEY UPDATE;  -- which counts what goes, and comes before it
    DELETE FROM board_updates WHERE (board_id, seq) IN (
        SELECT u.board_id, u.seq FROM board_updates u JOIN board_snapshots s USING (board_id)
        WHERE u.board_id = board AND u.seq <= s.seq AND u.created_at < (SELECT steady_now()) - history
        ORDER BY u.seq LIMIT batch FOR UPDATE OF u SKIP LOCKED);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN amount;
END
$$;

-- Quarantines updates of a board on which npm's Yjs fails for these reasons; returns how many existed. The board
-- continues without them, and its owners are notified.
CREATE FUNCTION quarantine_board_updates(board bigint, seqs bigint[], reasons text[]) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH taken AS (
        DELETE FROM board_updates u USING unnest(seqs, reasons) AS failing (seq, reason)
        WHERE u.board_id = board AND u.seq = failing.seq
        RETURNING u.*, failing.reason
    ), kept AS (
        INSERT INTO board_quarantine (board_id, seq, user_id, origin, data, created_at, reason)
        SELECT board_id, seq, user_id, origin, data, created_at, left(reason, 1000) FROM taken
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT count(*)::integer FROM kept
$$;

-- Adds a quarantined update to its board again, as the newest one; returns its new seq. If Yjs still fails on it, it is
-- quarantined again.
CREATE FUNCTION release_board_update(board bigint, quarantined_seq bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    released board_quarantine;
    new_seq bigint;
BEGIN
    PERFORM FROM documents WHERE id = board FOR NO KEY UPDATE;
    DELETE FROM board_quarantine WHERE board_id = board AND seq = quarantined_seq RETURNING * INTO released;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'no_data_found',
            MESSAGE = format('board %s has no update %s in quarantine', board, quarantined_seq);
    END IF;
    SELECT seq INTO new_seq
    FROM board_append('quarantine', ARRAY[board], ARRAY[released.user_id], ARRAY[released.data], 0, false);
    IF new_seq = -1 THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'quota_exceeded',
            MESSAGE = format('a storage quota leaves no room for the update on board %s', board),
            HINT = 'Raise the quota, or delete something; the update stays in quarantine.';
    END IF;
    IF new_seq IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', MESSAGE = format('board %s is deleted', board), HINT = 'Restore it first.';
    END IF;
    RETURN new_seq;
END
$$;
