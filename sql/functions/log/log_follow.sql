-- How functions of this database follow the log: each has a table of one row, its cursor.

-- Reads the next events after a follower's cursor, and moves the cursor past them in the caller's transaction. `read`: how
-- many events there were, at most `amount`; 0 too while another server follows. `written`: the messages of events of these
-- kinds that are younger than `age`, each once; null if there are none.
CREATE FUNCTION log_follow(follower regclass, amount integer, kinds text[], age interval, OUT read integer, OUT written bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    after bigint;
    last bigint;
BEGIN
    read := 0;
    EXECUTE format('SELECT position FROM %s', follower) INTO after;
    IF after = log_head() THEN
        RETURN;
    END IF;
    -- After another history has been restored, it begins at the end of this one.
    EXECUTE format('SELECT least(position, log_head()) FROM %s FOR UPDATE SKIP LOCKED', follower) INTO after;
    IF after IS NULL THEN
        RETURN;
    END IF;
    SELECT max(position), count(*), array_agg(DISTINCT message_id) FILTER (WHERE kind = ANY (kinds) AND created_at > now() - age)
    INTO last, read, written
    FROM (SELECT e.position, e.kind, e.message_id, e.created_at FROM events e WHERE e.position > after ORDER BY e.position LIMIT amount) next;
    EXECUTE format('UPDATE %s SET position = $1', follower) USING coalesce(last, after);
END
$$;
