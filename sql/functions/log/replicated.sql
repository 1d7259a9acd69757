-- Strict delivery (docs/operations/failover.md): whether the synchronous standbys have what is visible.

-- Whether as many synchronous standbys as a commit waits for, one at least, have flushed the log of Postgres up to `asked`.
-- Without it, up to `written`, its present end: all that is visible to the caller lies before that. `pushing`: what others
-- have written and not flushed, as in a transaction that is still open, is flushed now and not within some seconds.
-- pg_stat_replication hides this from roles without pg_read_all_stats.
CREATE FUNCTION log_replicated(asked pg_lsn, pushing boolean, OUT written pg_lsn, OUT replicated boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    past_page CONSTANT numeric := (pg_current_wal_insert_lsn() - '0/0') % current_setting('wal_block_size')::integer;
BEGIN
    IF NOT pg_has_role('pg_read_all_stats', 'USAGE') THEN
        RAISE EXCEPTION 'strict delivery needs to see what standbys have: GRANT pg_monitor TO %', current_user
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- At the end of a page the next place is behind the header of the next one (24 or 40 bytes), where nothing is written yet.
    written := coalesce(asked, pg_current_wal_insert_lsn() - CASE WHEN past_page IN (24, 40) THEN past_page ELSE 0 END);
    IF pushing THEN
        PERFORM set_config('synchronous_commit', 'local', true);
        PERFORM pg_logical_emit_message(true, 'fechatter', '');
    END IF;
    replicated := (
        SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') AND flush_lsn >= written
    ) >= greatest(1, standbys_wanted(current_setting('synchronous_standby_names')));
END
$$;
