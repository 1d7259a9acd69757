-- Legal holds: what they cover, and keeping it.

-- Whether a hold covers what somebody said in a chat of its workspace at a time. A hold on a person covers what they say,
-- and what others say in the chats that they are in, or were in at that time.
CREATE FUNCTION hold_covers(h holds, chat bigint, sender bigint, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(h.chat_id = chat, true) AND coalesce(at >= h.since, true) AND coalesce(at < h.until, true)
       AND (h.user_id IS NULL OR h.user_id = sender
            OR EXISTS (SELECT FROM chat_members m WHERE m.chat_id = chat AND m.user_id = h.user_id)
            OR EXISTS (SELECT FROM held_chats c WHERE c.hold_id = h.id AND c.chat_id = chat AND at <= c.until))
$$;

-- A hold is placed alone in its workspace: what is being lost meanwhile is waited for, and what comes after it sees the hold.
CREATE FUNCTION hold_lock(workspace bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('fechatter.holds'), hashint8(workspace))
$$;
CREATE FUNCTION hold_lock_shared(workspace bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(hashtext('fechatter.holds'), hashint8(workspace))
$$;

-- Whether something of a workspace is held, as of now; it stays so until the transaction ends. A transaction that reads as of
-- its snapshot (REPEATABLE READ, SERIALIZABLE) sees neither a hold that was placed since nor who has joined a chat since.
-- Locking a row that has changed since is a serialization failure there; and where a hold is in force, it is refused.
CREATE FUNCTION is_held(workspace bigint) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    by_snapshot CONSTANT boolean := current_setting('transaction_isolation') IN ('repeatable read', 'serializable');
    held boolean;
BEGIN
    PERFORM hold_lock_shared(workspace);
    IF by_snapshot THEN
        PERFORM FROM hold_changes FOR SHARE;
    END IF;
    held := EXISTS (SELECT FROM holds WHERE workspace_id = workspace AND released_at IS NULL);
    IF held AND by_snapshot THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'hold_needs_read_committed',
            MESSAGE = format('holds are in force in workspace %s, and this transaction sees it as it was', workspace),
            HINT = 'Edit and delete in a transaction of isolation level READ COMMITTED.';
    END IF;
    RETURN held;
END
$$;

-- Keeps a message that is about to be edited or deleted, and its earlier versions, if a hold covers it.
CREATE FUNCTION hold_message(m messages, workspace bigint, how text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    ids CONSTANT bigint[] := ARRAY(SELECT h.id FROM holds h WHERE h.workspace_id = workspace AND h.released_at IS NULL
                                   AND hold_covers(h, m.chat_id, m.sender_id, m.created_at) ORDER BY h.id);
BEGIN
    IF ids = '{}' THEN
        RETURN;
    END IF;
    WITH versions AS (
        SELECT e.version, e.type, e.content, e.metadata, e.files, e.written_at FROM message_edits e
        WHERE e.message_id = m.id AND NOT EXISTS (
            SELECT FROM held_content c WHERE (c.message_id, c.version) = (e.message_id, e.version) AND c.hold_ids @> ids)
    ), kept AS (
        INSERT INTO held_content (workspace_id, kind, chat_id, message_id, version, seq, user_id, posted_at, written_at, content, lost,
                                  lost_by, hold_ids)
        SELECT workspace, 'message', m.chat_id, m.id, v.version, m.seq, m.sender_id, m.created_at, v.written_at,
               jsonb_build_object('type', v.type, 'content', v.content, 'metadata', v.metadata, 'files', v.files,
                                  'reply_to', m.reply_to, 'thread_id', m.thread_id, 'forwarded_from', m.forwarded_from),
               how, acting_user(), ids
        FROM (SELECT * FROM versions
              UNION ALL SELECT 1 + (SELECT coalesce(max(e.version), 0) FROM message_edits e WHERE e.message_id = m.id), m.type, m.content, m.metadata, m.files,
                               coalesce(m.updated_at, m.created_at)) v
        -- An earlier version may be kept already, for holds that did not cover all that this one does.
        ORDER BY v.version ON CONFLICT (message_id, version) DO UPDATE SET hold_ids = ARRAY(
            SELECT DISTINCT unnest(held_content.hold_ids || EXCLUDED.hold_ids) ORDER BY 1) RETURNING id, content
    )
    INSERT INTO held_files (content_id, file_id)
    SELECT DISTINCT kept.id, f.id FROM kept, jsonb_array_elements_text(nullif(kept.content -> 'files', 'null')) AS file
    JOIN files f ON f.id = file::bigint ON CONFLICT DO NOTHING;
END
$$;

-- Why a file without a use stays: something that is held has it.
CREATE FUNCTION file_is_held(file bigint) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM held_files WHERE file_id = file)
$$;

-- How long a released hold still keeps what it has kept: others may place another one meanwhile.
CREATE FUNCTION hold_keeps_on() RETURNS interval LANGUAGE sql IMMUTABLE AS $$SELECT interval '7 days'$$;

-- Lets go of what holds have kept that were released longer ago than this, and returns these holds.
CREATE FUNCTION let_go_of_released() RETURNS SETOF bigint LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE holds SET let_go_at = now() WHERE id IN (
        SELECT id FROM holds WHERE released_at <= (SELECT steady_now()) - hold_keeps_on() AND let_go_at IS NULL ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED)
    RETURNING id
$$;

CREATE FUNCTION hold_json(h holds) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT h.id, h.workspace_id, h.name, h.reason, h.user_id, h.chat_id, h.since, h.until, h.placed_by, h.placed_at,
               h.released_by, h.released_at, h.release_reason
    ) shape
$$;

CREATE FUNCTION hold_scope(h holds) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('name', h.name, 'user_id', h.user_id, 'chat_id', h.chat_id, 'since', h.since, 'until', h.until))
$$;
