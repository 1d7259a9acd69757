-- Reads from a standby (ADR 101): how far the primary is, and whether the standby has come so far.

-- The epoch and the newest position of the log, and up to where Postgres has flushed its own log: before that lies all that
-- anybody may have seen. No row on another timeline than the epoch's: the places of two timelines do not compare, and the
-- next epoch begins with the next event.
CREATE FUNCTION log_reached() RETURNS TABLE (epoch text, head bigint, flushed pg_lsn) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT state.epoch, log_head(), pg_current_wal_flush_lsn() FROM log_state state
    WHERE log_timeline(state.cluster) = left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
$$;

-- On a standby: waits until it has a position of an epoch and, if that is given, what the primary had flushed. 'there',
-- 'behind' if it does not come within the patience, or 'promoted' on what is no standby. Nothing can LISTEN there, so it
-- looks each millisecond. To be called outside a transaction: what is read next then sees no less.
CREATE FUNCTION log_replayed(of_epoch text, head bigint, flushed pg_lsn, patience_ms integer) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    until CONSTANT timestamptz := clock_timestamp() + make_interval(secs => patience_ms / 1000.0);
BEGIN
    LOOP
        IF NOT pg_is_in_recovery() THEN
            RETURN 'promoted';
        END IF;
        IF (flushed IS NULL OR pg_last_wal_replay_lsn() >= flushed)
           AND EXISTS (SELECT FROM log_state WHERE epoch = of_epoch) AND log_head() >= head THEN
            RETURN 'there';
        END IF;
        IF clock_timestamp() >= until THEN
            RETURN 'behind';
        END IF;
        PERFORM pg_sleep(0.001);
    END LOOP;
END
$$;
