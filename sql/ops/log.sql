-- The event log: its size and rate, its readers, and what blocks it.

CREATE VIEW ops.log AS
SELECT epoch, floor, coalesce(newest.position, floor) AS head, newest.created_at AS newest_at,
       (SELECT count(*) FROM public.events WHERE created_at > now() - interval '1 minute') AS last_minute,
       (SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits
        WHERE inhparent = 'public.events'::regclass) AS size,
       round(pg_notification_queue_usage()::numeric * 100, 1) AS notify_queue_percent
FROM public.log_state
LEFT JOIN LATERAL (SELECT position, created_at FROM public.events ORDER BY position DESC LIMIT 1) newest ON true;
COMMENT ON VIEW ops.log IS 'An overview of the log: epoch, highest position dropped by retention (floor), newest (head), events in the last minute, size on disk.';

CREATE FUNCTION ops.log_days()
RETURNS TABLE (partition text, first_position bigint, last_position bigint, size text)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    FOR partition, size IN
        SELECT relname, pg_size_pretty(pg_total_relation_size(pg_class.oid))
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'events'::regclass ORDER BY relname
    LOOP
        EXECUTE format('SELECT min(position), max(position) FROM %I', partition) INTO first_position, last_position;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION ops.log_days IS 'The log''s partitions, a UTC day each, with their positions. events_default should be empty: if not, nobody maintains the log.';

CREATE VIEW ops.listeners AS
SELECT pid, client_addr AS address, backend_start AS connected_at,
       round(extract(epoch FROM clock_timestamp() - query_start), 1) AS seconds_since_read,
       (SELECT count(*) FROM public.events WHERE created_at > query_start) AS events_since_read,
       wait_event
FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'fechatter notify log'
ORDER BY backend_start;
COMMENT ON VIEW ops.listeners IS 'The connections on which notify_servers follow the log. Healthy: read within notify.poll_seconds (4), and 0 or few events since.';

CREATE VIEW ops.log_lock AS
SELECT pid, CASE WHEN granted THEN 'holds' ELSE 'waits' END AS log_lock, usename AS role,
       application_name AS application, state,
       round(extract(epoch FROM clock_timestamp() - xact_start), 1) AS transaction_seconds,
       pg_blocking_pids(pid) AS blocked_by, left(query, 60) AS query
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = hashtext('fechatter.log')
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY granted DESC, waitstart, pid;
COMMENT ON VIEW ops.log_lock IS 'Sessions that are committing to the log, and those that wait for it: none for longer than a commit takes. End a stuck one with pg_terminate_backend(pid).';

CREATE FUNCTION ops.move_epoch(OUT epoch text) LANGUAGE sql AS 'SELECT public.log_move_epoch()';
COMMENT ON FUNCTION ops.move_epoch IS 'After a restore in place: every client gets a reset and starts from a fresh snapshot. Other restores are noticed without this.';
