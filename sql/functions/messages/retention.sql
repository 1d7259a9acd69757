-- Retention: expired messages are deleted, the oldest first.

-- The number of days for which a chat keeps its messages: its own, or its workspace's if that is smaller or the only
-- one; null means forever.
CREATE FUNCTION kept_days(c chats, w workspaces) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT least(c.retention_days, w.retention_days)
$$;

-- Deletes the next messages of a chat that are past its retention, up to `batch` of them; returns how many. It stops
-- before the first one that has not expired. Returns 0 if another server is working on this chat.
CREATE FUNCTION expire_messages(chat bigint, batch integer) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    edge timestamptz;
    first bigint;
    gone bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('fechatter.retention'), hashint8(chat)) THEN
        RETURN 0;
    END IF;
    SELECT (SELECT steady_now()) - make_interval(days => kept_days(c, w)) INTO edge
    FROM chats c JOIN workspaces w ON w.id = c.workspace_id WHERE c.id = chat FOR NO KEY UPDATE OF c;
    IF edge IS NULL THEN
        RETURN 0;
    END IF;
    SELECT coalesce(min(seq) FILTER (WHERE created_at >= edge), max(seq) + 1) INTO first
    FROM (SELECT seq, created_at FROM messages WHERE chat_id = chat ORDER BY seq LIMIT batch) oldest;
    SELECT count(*) INTO gone FROM messages WHERE chat_id = chat AND seq < first;
    IF gone > 0 THEN
        PERFORM set_config('fechatter.retention', 'on', true);
        UPDATE chats SET first_seq = first WHERE id = chat;
        PERFORM set_config('fechatter.retention', '', true);
    END IF;
    RETURN gone;
END
$$;
