-- name: boot_limit()
-- How many clients may start cold in a second, over all servers. No row: as many as come.
SELECT per_second FROM boot_limit;

-- name: boot_lease(buckets, needed, quotas, window_seconds)
-- Takes a part of what may start cold in this second, as rate_limit_lease().
SELECT granted, free, window_ends, seconds FROM boot_lease(:buckets, :needed, :quotas, :window_seconds);
