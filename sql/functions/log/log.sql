-- The event log: its identity, and how long its rows are kept. log_append.sql appends to it.

-- The newest position that this snapshot sees: its content includes that event and all earlier ones.
CREATE FUNCTION log_head() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest((SELECT max(position) FROM events), (SELECT floor FROM log_state))
$$;

-- 'epoch.position' of this snapshot: the cursor from which a client resumes.
CREATE FUNCTION log_cursor() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT epoch || '.' || log_head() FROM log_state
$$;

-- The identity of this log: the cluster and its timeline, and the database. A restore into another cluster or next to
-- the original changes it, and so does a failover. It cannot detect a restore in place: log_move_epoch() is for that.
CREATE FUNCTION log_cluster() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('.', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_database.oid)
    FROM pg_control_system(), pg_database WHERE datname = current_database()
$$;

-- Its parts: the cluster with the database, and the timeline, which a failover and a point-in-time recovery change.
CREATE FUNCTION log_origin(cluster text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT split_part(cluster, '.', 1) || '.' || split_part(cluster, '.', 3)
$$;

CREATE FUNCTION log_timeline(cluster text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT split_part(cluster, '.', 2)
$$;

-- The last position of an epoch that led to the present one, and more than any for the present one. Null if it did not: a
-- cursor epoch.position is good if its position is at most this one.
CREATE FUNCTION log_last(of_epoch text) RETURNS bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT 9223372036854775807 FROM log_state WHERE epoch = of_epoch
    UNION ALL SELECT last_position FROM log_epochs WHERE epoch = of_epoch
$$;

-- Begins another epoch, under the log's lock, and continues positions above all that were ever used.
CREATE FUNCTION log_begin_epoch() RETURNS text LANGUAGE sql
SET search_path = public, pg_temp AS $$
    SELECT setval('events_position_seq', greatest(last_value, log_head(), 1), is_called OR coalesce(log_head(), 0) > 0)
    FROM events_position_seq;
    INSERT INTO log_state (epoch, cluster)
    VALUES (left(replace(gen_random_uuid()::text, '-', ''), 8), log_cluster())
    ON CONFLICT (singleton) DO UPDATE
        SET epoch = excluded.epoch, cluster = excluded.cluster, epoch_no = log_state.epoch_no + 1, moved_at = now();
    SELECT pg_notify('fechatter_log', ''), pg_notify(channel, '') FROM log_state;
    SELECT epoch FROM log_state
$$;

-- Starts a new epoch to which none before has led, so that every earlier cursor gets a reset.
CREATE FUNCTION log_move_epoch() RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM log_lock();
    DELETE FROM log_epochs;
    RETURN log_begin_epoch();
END
$$;

-- The same, unless that has been done since `seen` was the epoch. Returns the epoch.
CREATE FUNCTION log_break(seen text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM log_lock();
    IF (SELECT epoch FROM log_state) IS DISTINCT FROM seen THEN
        RETURN (SELECT epoch FROM log_state);
    END IF;
    RETURN log_move_epoch();
END
$$;

-- Moves the epoch when history may have been lost. On another timeline of the same cluster everything that is here was
-- there before, in the same order: what comes next is a new epoch to which the former one leads, up to its last position.
-- In another cluster or database, or where positions would be used again, none leads to it. Returns the epoch.
CREATE FUNCTION log_check_epoch() RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    state log_state;
    present CONSTANT text := log_cluster();
BEGIN
    SELECT * INTO state FROM log_state;
    IF state.cluster = present AND (SELECT last_value FROM events_position_seq) >= log_head() THEN
        RETURN state.epoch;
    END IF;
    -- Several servers notice a failover at the same time, and log_flush() does: the first moves the epoch, before anything is
    -- appended, and the others see that.
    PERFORM log_lock();
    SELECT * INTO state FROM log_state;
    IF state.cluster = present THEN
        RETURN CASE WHEN (SELECT last_value FROM events_position_seq) >= log_head() THEN state.epoch ELSE log_break(state.epoch) END;
    END IF;
    IF log_origin(state.cluster) = log_origin(present) AND log_timeline(state.cluster) < log_timeline(present) THEN
        INSERT INTO log_epochs (no, epoch, timeline, last_position)
        VALUES (state.epoch_no, state.epoch, log_timeline(state.cluster), log_head());
        RETURN log_begin_epoch();
    END IF;
    RETURN log_move_epoch();
END
$$;

-- The partition of one UTC day, with the rows of that day in the default partition.
CREATE FUNCTION log_make_day(day date) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO' SET fechatter.maintenance = 'on' AS $$
DECLARE
    name text := 'events_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Created separately and then attached, which locks the default partition only for a moment.
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', name);
    IF day <= current_date OR EXISTS (SELECT FROM events_default WHERE created_at >= day AND created_at < day + 1) THEN
        PERFORM log_lock();  -- a day that has begun is being written to; one to come was, by a clock that was ahead
        EXECUTE format('WITH moved AS (DELETE FROM events_default WHERE created_at >= %L AND created_at < %L RETURNING *)
                        INSERT INTO %I SELECT * FROM moved', day, day + 1, name);
    END IF;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
END
$$;

-- The days of the log that have a partition, with the lowest and the highest position in each; null in an empty one.
CREATE FUNCTION log_days() RETURNS TABLE (name text, day date, oldest bigint, newest bigint) LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
    FOR name IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'events'::regclass AND relname ~ '^events_\d{8}$' ORDER BY relname
    LOOP
        day := to_date(right(name, 8), 'YYYYMMDD');
        EXECUTE format('SELECT min(position), max(position) FROM %I', name) INTO oldest, newest;
        RETURN NEXT;
    END LOOP;
END
$$;

-- Creates the coming days' partitions and drops those older than the retention; returns the dropped ones. One caller at
-- a time. During a long read of the log (a backup), it fails immediately with lock_not_available and has changed
-- nothing: waiting for such a lock would make all others wait too.
CREATE FUNCTION log_maintain(retention interval) RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    day date;
    edge date;
    kept bigint;
    old text;
    newest bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('fechatter.maintenance')) THEN
        RETURN;
    END IF;
    -- What was dropped before can never be sent again. The notice of a lost cursor stands at 0, and is not of the log.
    -- Before a day is dropped: nobody posts from then on until this commits.
    DELETE FROM deliveries d USING (
        SELECT subscription_id, position FROM deliveries
        WHERE position BETWEEN 1 AND (SELECT floor FROM log_state)
           OR position = 0 AND due_at IS NULL AND failed_at < steady_now() - retention
        FOR UPDATE SKIP LOCKED) dropped
    WHERE (d.subscription_id, d.position) = (dropped.subscription_id, dropped.position);
    FOREACH day IN ARRAY ARRAY(
        SELECT current_date + ahead FROM generate_series(0, 3) AS ahead
        UNION SELECT created_at::date FROM events_default
        ORDER BY 1)
    LOOP
        PERFORM log_make_day(day);
    END LOOP;
    -- Retention counts from the log's own newest day, and from no time that the steady clock has not reached.
    SELECT (least(steady_now()::date, max(d.day) FILTER (WHERE d.newest IS NOT NULL)) - retention)::date INTO edge
    FROM log_days() d;
    SELECT min(d.oldest) INTO kept FROM log_days() d WHERE d.day BETWEEN edge AND current_date;
    -- A clock that was behind dates new events back: their day goes when those before them do. One that was ahead dates
    -- them into the future: their day goes once the floor has passed it.
    FOR old, newest IN
        SELECT d.name, d.newest FROM log_days() d
        WHERE d.day < edge AND (d.newest < kept) IS NOT FALSE
           OR d.day > current_date + 3 AND d.newest <= (SELECT floor FROM log_state)
        ORDER BY d.day
    LOOP
        UPDATE log_state SET floor = greatest(floor, newest);
        EXECUTE format('DROP TABLE %I', old);
        RETURN NEXT old;
    END LOOP;
END
$$;

-- Cursors point into the log, so only log_maintain() removes anything from it: whole days, moving the floor. If you
-- must do it by hand, SET fechatter.maintenance = on; notify_servers notice, and move the epoch.
CREATE FUNCTION keep_the_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('fechatter.maintenance', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'log_is_kept',
        MESSAGE = format('%s: the log refuses DELETE and TRUNCATE', TG_TABLE_NAME),
        HINT = 'Old events are dropped automatically, see events.retention_days. To keep fewer: SELECT log_maintain(interval ''1 day'').';
END
$$;
