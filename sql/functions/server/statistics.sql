-- Statistics of tables that grow fast. A session keeps a plan until the statistics of its tables change. One made for
-- few or no rows reads the whole table, even when it has thousands. Autovacuum runs only once a minute.

-- Analyzes each table that has more than doubled since the last time, and returns their names. It is bounded: above
-- 1,000 pages no plan depends on the size any more, and autovacuum suffices. A table with another owner is skipped.
CREATE FUNCTION analyze_grown_tables() RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    grown text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('fechatter.statistics')) THEN
        RETURN;
    END IF;
    FOR grown IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpages <= 1000
          AND pg_has_role(relowner, 'USAGE')
          AND pg_relation_size(oid) / current_setting('block_size')::integer > 2 * relpages
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %I', grown);
        RETURN NEXT grown;
    END LOOP;
END
$$;
