-- The relay (ADR 91): one notify_server reads the log for all.

-- Makes this session the leader, for as long as it lasts; null if another one is. Returns the number of its term, which
-- is higher than that of every leader before, and that of the epoch.
CREATE FUNCTION relay_lead() RETURNS TABLE (term bigint, epoch_no bigint) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT nextval('relay_terms'), state.epoch_no FROM log_state state
    WHERE pg_try_advisory_lock(hashtext('fechatter.relay'))
$$;

-- Ends the session that leads, unless it began less than this long ago: its frames do not arrive. It may be frozen, and
-- would then keep the lock for ever. Returns how many were ended.
CREATE FUNCTION relay_evict(lease_seconds double precision) RETURNS bigint LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FILTER (WHERE pg_terminate_backend(activity.pid))
    FROM pg_locks JOIN pg_stat_activity activity USING (pid)
    WHERE locktype = 'advisory' AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtext('fechatter.relay')::bigint AND objsubid = 1 AND granted
      AND activity.usename = current_user AND activity.backend_start < clock_timestamp() - make_interval(secs => lease_seconds)
$$;
