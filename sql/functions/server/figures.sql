-- Figures of the whole database for /metrics, which a server's own role may not see.

-- How many standbys a commit waits for, by the setting synchronous_standby_names.
CREATE FUNCTION standbys_wanted(names text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN trim(names) = '' THEN 0
                ELSE coalesce((regexp_match(names, '^\s*(?:(?:ANY|FIRST)\s+)?(\d+)\s*\(', 'i'))[1]::integer, 1) END
$$;

-- The age of the oldest open transaction on this database (a prepared one, too); how many synchronous standbys are
-- connected, and how many a commit waits for. Null for what this function's owner may not see either:
-- GRANT pg_monitor TO it. Neither statements nor names: whoever sees it reads nobody's data by it.
CREATE FUNCTION database_figures(
    OUT transaction_seconds float8, OUT sync_standbys integer, OUT sync_standbys_wanted integer
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN sees_all THEN (
               SELECT coalesce(extract(epoch FROM clock_timestamp() - min(began)), 0)::float8 FROM (
                   SELECT xact_start AS began FROM pg_stat_activity
                   WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
                   UNION ALL SELECT prepared FROM pg_prepared_xacts WHERE database = current_database()) transactions) END,
           CASE WHEN sees_all THEN (
               SELECT count(*)::integer FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) END,
           CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 0
                ELSE standbys_wanted(current_setting('synchronous_standby_names')) END
    FROM (SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all) asked
$$;
