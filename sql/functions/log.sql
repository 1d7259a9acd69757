-- The event log: how rows get in, which log this is, and how long they stay.

-- Takes the log's lock, which is kept until this transaction is visible to all. A trigger that tells of other rows
-- than its own calls it before it reads them: what was told before is then seen, and what is not seen will be told
-- later. An older snapshot than the lock would break that, so such transactions are refused.
CREATE OR REPLACE FUNCTION log_lock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE feature_not_supported USING
            MESSAGE = format('members and profiles cannot be changed in %s', upper(current_setting('transaction_isolation'))),
            DETAIL = 'Their events tell of other rows too, which may have changed since this transaction began.',
            HINT = 'Use READ COMMITTED.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.log'));
END
$$;

-- Appends one event. Called at COMMIT by the deferred triggers of sql/triggers/, never by hand.
-- The lock is kept until the transaction is visible to all, so positions become visible in order;
-- it comes before nextval, and no row lock may be waited for after it. message_id: whose content the payload carries.
-- Readers see a commit only once it is durable, whatever the session asks for: a crash takes back nothing that was read.
DROP FUNCTION IF EXISTS log_append(text, text, json, bigint, bigint, bigint[], bigint);
CREATE OR REPLACE FUNCTION log_append(
    kind text, audience text, payload json, chat_id bigint DEFAULT NULL, board_id bigint DEFAULT NULL,
    user_id bigint DEFAULT NULL, workspace_ids bigint[] DEFAULT NULL, message_id bigint DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'local', true);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.log'));
    INSERT INTO events (position, kind, audience, chat_id, board_id, user_id, workspace_ids, message_id, payload)
    VALUES (nextval('events_position_seq'), kind, audience, chat_id, board_id, user_id, workspace_ids, message_id, payload);
    PERFORM pg_notify('fechatter_log', '');
END
$$;

-- Takes the content of a deleted message out of the log: what told of it tells of its tombstone now, also in the
-- snapshots of those who joined later. Called under the log's lock, so that two deletions never wait for each other's rows.
CREATE OR REPLACE FUNCTION log_redact(tombstone messages) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    redacted json := message_json(tombstone);
BEGIN
    UPDATE events SET payload = redacted WHERE message_id = tombstone.id;
    -- A snapshot that has a message was made after it.
    UPDATE events SET payload = (
        SELECT json_object_agg(key, CASE key WHEN 'messages' THEN (
            SELECT array_to_json(array_agg(
                CASE WHEN (message ->> 'id')::bigint = tombstone.id THEN redacted ELSE message END ORDER BY place))
            FROM json_array_elements(value) WITH ORDINALITY AS listed (message, place)
        ) ELSE value END) FROM json_each(payload))
    WHERE kind = 'NewChat' AND chat_id = tombstone.chat_id AND created_at >= tombstone.created_at
      AND EXISTS (SELECT FROM json_array_elements(payload -> 'messages') AS message
                  WHERE (message ->> 'id')::bigint = tombstone.id);
END
$$;

-- The same for the messages of a chat below a seq, which retention has taken: no snapshot has them any more. What told
-- of each by itself is redacted as they go (log_messages).
CREATE OR REPLACE FUNCTION log_redact_below(chat bigint, first_seq bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE events SET payload = (
        SELECT json_object_agg(key, CASE key WHEN 'messages' THEN (
            SELECT coalesce(array_to_json(array_agg(message ORDER BY place)), '[]')
            FROM json_array_elements(value) WITH ORDINALITY AS listed (message, place)
            WHERE (message ->> 'seq')::bigint >= first_seq
        ) ELSE value END) FROM json_each(payload))
    WHERE kind = 'NewChat' AND chat_id = chat
      AND EXISTS (SELECT FROM json_array_elements(payload -> 'messages') AS message
                  WHERE (message ->> 'seq')::bigint < first_seq)
$$;

-- Takes what a user had begun to write in a chat out of the log, with the newest event of it alone left to tell of a draft.
-- A NewChat has a draft where both came in one transaction.
CREATE OR REPLACE FUNCTION log_redact_draft(chat bigint, writer bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE events SET payload = (
        SELECT json_object_agg(key, CASE WHEN key <> 'draft' THEN value END) FROM json_each(payload))
    WHERE kind IN ('DraftChanged', 'NewChat') AND chat_id = chat AND user_id = writer AND payload ->> 'draft' IS NOT NULL
$$;

-- The newest position that this snapshot sees: what it shows includes that event and all before it.
CREATE OR REPLACE FUNCTION log_head() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest((SELECT max(position) FROM events), (SELECT floor FROM log_state))
$$;

-- 'epoch.position' of this snapshot: the cursor a client resumes from.
CREATE OR REPLACE FUNCTION log_cursor() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT epoch || '.' || log_head() FROM log_state
$$;

-- Which log this is: the cluster and its timeline, and the database. It changes by a restore into another cluster or
-- beside the original, and by a failover. What it cannot see is a restore in place: log_move_epoch() is for that.
CREATE OR REPLACE FUNCTION log_cluster() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('.', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_database.oid)
    FROM pg_control_system(), pg_database WHERE datname = current_database()
$$;

-- Starts a new epoch, so that every cursor given out before is answered by a reset.
CREATE OR REPLACE FUNCTION log_move_epoch() RETURNS text LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO log_state (epoch, cluster)
    VALUES (left(replace(gen_random_uuid()::text, '-', ''), 8), log_cluster())
    ON CONFLICT (singleton) DO UPDATE
        SET epoch = excluded.epoch, cluster = excluded.cluster, moved_at = now();
    SELECT pg_notify('fechatter_log', '');
    SELECT epoch FROM log_state
$$;

DROP FUNCTION IF EXISTS log_continues(bigint, timestamptz);

-- Starts a new epoch, unless that has been done since `seen` was the epoch, and lets positions go on above all that were
-- ever used. Returns the epoch.
CREATE OR REPLACE FUNCTION log_break(seen text) RETURNS text LANGUAGE plpgsql
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

-- Moves the epoch when history may have been lost: another cluster, timeline or database, or positions that would be used
-- again. Returns the epoch.
CREATE OR REPLACE FUNCTION log_check_epoch() RETURNS text LANGUAGE plpgsql
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
    -- Several servers notice at once after a failover: the first moves it, the others see that it has.
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.epoch'));
    SELECT * INTO state FROM log_state;
    IF state.cluster = log_cluster() THEN
        RETURN state.epoch;
    END IF;
    RETURN log_move_epoch();
END
$$;

-- The partition of one UTC day, with what the default partition has caught of it.
CREATE OR REPLACE FUNCTION log_make_day(day date) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO' SET fechatter.maintenance = 'on' AS $$
DECLARE
    name text := 'events_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Made beside the log and attached, which needs the default partition for itself, but only for a moment.
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', name);
    IF day <= current_date THEN
        PERFORM log_lock();  -- a day that has begun is being written to
        EXECUTE format('WITH moved AS (DELETE FROM events_default WHERE created_at >= %L AND created_at < %L RETURNING *)
                        INSERT INTO %I SELECT * FROM moved', day, day + 1, name);
    END IF;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
END
$$;

-- The day up to which the log has come, which retention counts from. A clock may jump ahead: a day that lies further from
-- the one before than the retention is believed once another day has followed it.
CREATE OR REPLACE FUNCTION log_today(retention interval) RETURNS date LANGUAGE plpgsql STABLE
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

-- Makes the coming days' partitions and drops those older than the retention; returns the dropped ones.
-- One caller at a time; where somebody reads the log for long (a backup), it fails at once with lock_not_available
-- and has changed nothing: whoever waits for such a lock keeps all others waiting.
CREATE OR REPLACE FUNCTION log_maintain(retention interval) RETURNS SETOF text LANGUAGE plpgsql
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
END
$$;
