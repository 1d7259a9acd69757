-- name: database_takes_writes()
-- False on a standby, and if transactions are read-only by default.
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off';

-- name: database_time()
-- The database's time, with which the times of rows are compared.
SELECT now();

-- name: database_figures()
-- The age of the oldest transaction, and the synchronous standbys; null for what the database's owner may not see.
SELECT transaction_seconds, sync_standbys, sync_standbys_wanted FROM database_figures();
