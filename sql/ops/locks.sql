-- Locks: who waits for whom.

CREATE VIEW ops.blocked AS
SELECT waiting.pid, waiting.application_name AS application,
       round(extract(epoch FROM clock_timestamp() - lock.waitstart), 1) AS waits_seconds,
       coalesce(of_row.place, lock.relation::regclass::text, lock.locktype) AS waits_for,
       left(regexp_replace(waiting.query, '\s+', ' ', 'g'), 60) AS query,
       blocker.pid AS blocked_by, blocker.usename AS by_role, blocker.application_name AS by_application,
       blocker.state AS by_state,
       round(extract(epoch FROM clock_timestamp() - blocker.xact_start), 1) AS by_transaction_seconds,
       left(regexp_replace(blocker.query, '\s+', ' ', 'g'), 60) AS by_query
FROM pg_stat_activity waiting
JOIN pg_locks lock ON lock.pid = waiting.pid AND NOT lock.granted
-- A session that waits for a row holds a lock of its tuple, or waits for that too.
LEFT JOIN LATERAL (
    SELECT format('%s, row at (%s,%s)', relation::regclass, page, tuple) AS place
    FROM pg_locks WHERE pg_locks.pid = waiting.pid AND locktype = 'tuple' LIMIT 1
) of_row ON true
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
JOIN pg_stat_activity blocker ON blocker.pid = blocking.pid
WHERE waiting.datname = current_database()
ORDER BY lock.waitstart, waiting.pid, blocker.pid;
COMMENT ON VIEW ops.blocked IS 'Sessions that wait for a lock, such as that of a row (its ctid in its table), and the transaction that holds it or waits before them. End one with pg_terminate_backend(blocked_by).';
