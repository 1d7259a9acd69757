-- name: holders(tables)
-- Who has locks of tables and views of these names, or, where that is null, of our tables: the oldest transactions first.
SELECT DISTINCT pid, application_name AS application, state, round(extract(epoch FROM clock_timestamp() - xact_start)) AS seconds
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation IN (SELECT tgrelid FROM pg_trigger WHERE NOT tgisinternal AND :tables::text[] IS NULL
                   UNION ALL SELECT oid FROM pg_class WHERE relname = ANY (:tables::text[]))
ORDER BY seconds DESC NULLS LAST LIMIT 3;
