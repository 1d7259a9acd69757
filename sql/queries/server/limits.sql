-- name: rate_limit_lease(buckets, needed, quotas, window_seconds)
-- Takes parts of quotas in advance: a row for each bucket, in their order.
SELECT granted, free, window_ends, seconds FROM rate_limit_lease(:buckets, :needed, :quotas, :window_seconds);

-- name: statement_timeout_set(timeout)
-- How long each further statement of this transaction may take, in milliseconds or as Postgres says it. Returns the former limit.
SELECT current_setting('statement_timeout') AS former, set_config('statement_timeout', :timeout, true) AS set;
