-- name: database_takes_writes()
-- False on a standby, and if transactions are read-only by default.
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off';

-- name: database_time()
-- The database's time, with which the times of rows are compared.
SELECT now();
