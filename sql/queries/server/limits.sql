-- name: rate_limit_lease(buckets, needed, quotas, window_seconds)
-- Takes parts of quotas in advance: a row for each bucket, in their order.
SELECT granted, free, window_ends, seconds FROM rate_limit_lease(:buckets, :needed, :quotas, :window_seconds);
