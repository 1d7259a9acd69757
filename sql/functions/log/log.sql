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

-- Starts a new epoch, so that every earlier cursor gets a reset.
CREATE FUNCTION log_move_epoch() RETURNS text LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO log_state (epoch, cluster)
    VALUES (left(replace(gen_random_uuid()::text, '-', ''), 8), log_cluster())
    ON CONFLICT (singleton) DO UPDATE
        SET epoch = excluded.epoch, cluster = excluded.cluster, moved_at = now();
    SELECT pg_notify('fechatter_log', ''), pg_notify(channel, '') FROM log_state;
    SELECT epoch FROM log_state
$$;

-- Starts a new epoch, unless that has been done since `seen` was the epoch, and continues positions above all that were
-- ever used. Returns the epoch.
CREATE FUNCTION log_break(seen text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.epoch'));
    IF (SELECT epoch FROM log_state) IS DISTINCT FROM seen THEN
        RETURN (SELECT epoch FROM log_state);
    END IF;
    PERFORM log_lock();
    PERFORM setval('events_position_seq', greatest(last_value, log_head(), 1)) FROM events_position_seq;
    RETURN log_move_epoch();
END
$$;

-- Moves the epoch when history may have been lost: another cluster, timeline or database, or positions that would be
-- reused. Returns the epoch.
CREATE FUNCTION log_check_epoch() RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    state log_state;
BEGIN
    SELECT * INTO state FROM log_state;
    IF state.cluster = log_cluster() THEN
        IF (SELECT last_value FROM events_position_seq) >= log_head() THEN
            RETURN state.epoch;
        END IF;
        RETURN log_break(state.epoch);
    END IF;
    -- Several servers notice a failover at the same time: the first moves the epoch, the others see that.
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.epoch'));
    SELECT * INTO state FROM log_state;
    IF state.cluster = log_cluster() THEN
        RETURN state.epoch;
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
    IF day <= current_date THEN
        PERFORM log_lock();  -- a day that has begun is being written to
        EXECUTE format('WITH moved AS (DELETE FROM events_default WHERE created_at >= %L AND created_at < %L RETURNING *)
                        INSERT INTO %I SELECT * FROM moved', day, day + 1, name);
    END IF;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
END
$$;

-- The day that the log has reached, from which retention counts. A clock may jump ahead: a day that is further from the
-- previous one than the retention counts only after another day has followed it.
CREATE FUNCTION log_today(retention interval) RETURNS date LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    name text;
    filled boolean;
    days date[] := '{}';
BEGIN
    FOR name IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'events'::regclass AND relname ~ '^events_\d{8}$'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN
            days := days || to_date(right(name, 8), 'YYYYMMDD');
        END IF;
    END LOOP;
    RETURN (SELECT least(current_date, max(day)) FROM unnest(days) AS day
            WHERE EXISTS (SELECT FROM unnest(days) AS other WHERE other < day AND other >= day - retention)
               OR NOT EXISTS (SELECT FROM unnest(days) AS other WHERE other < day));
END
$$;

-- Creates the coming days' partitions and drops those older than the retention; returns the dropped ones. One caller at
-- a time. During a long read of the log (a backup), it fails immediately with lock_not_available and has changed
-- nothing: waiting for such a lock would make all others wait too.
CREATE FUNCTION log_maintain(retention interval) RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    day date;
    old text;
    newest bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('fechatter.maintenance')) THEN
        RETURN;
    END IF;
    FOREACH day IN ARRAY ARRAY(
        SELECT current_date + ahead FROM generate_series(0, 3) AS ahead
        UNION SELECT created_at::date FROM events_default
        ORDER BY 1)
    LOOP
        PERFORM log_make_day(day);
    END LOOP;
    FOR old IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'events'::regclass AND relname ~ '^events_\d{8}$'
          AND to_date(right(relname, 8), 'YYYYMMDD') < (log_today(retention) - retention)::date
        ORDER BY relname
    LOOP
        EXECUTE format('SELECT max(position) FROM %I', old) INTO newest;
        UPDATE log_state SET floor = greatest(floor, newest);
        EXECUTE format('DROP TABLE %I', old);
        RETURN NEXT old;
    END LOOP;
    -- What has been dropped can never be sent again. The notice of a lost cursor stands at 0, and is not of the log.
    DELETE FROM deliveries d USING (
        SELECT subscription_id, position FROM deliveries
        WHERE position BETWEEN 1 AND (SELECT floor FROM log_state)
           OR position = 0 AND due_at IS NULL AND failed_at < now() - retention
        FOR UPDATE SKIP LOCKED) dropped
    WHERE (d.subscription_id, d.position) = (dropped.subscription_id, dropped.position);
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
