-- name: page_history(page, before, limit)
-- The newest patches of a page, or those before a version, newest first, without such as are large; no more of them than
-- have 4 MiB together, and at least one. is_last: there is no earlier one.
SELECT version, op_id, user_id, client_id, base, created_at, bytes, patch, inverse, is_last FROM (
    SELECT o.*, lead(version) OVER newest IS NULL AS is_last,
           sum(coalesce(octet_length(patch), 0) + coalesce(octet_length(inverse), 0)) OVER newest
               - coalesce(octet_length(patch), 0) - coalesce(octet_length(inverse), 0) AS bytes_before
    FROM (
        SELECT version, op_id, user_id, client_id, base, created_at, octet_length(patch) AS bytes,
               CASE WHEN octet_length(patch) <= 65536 THEN patch END AS patch,
               CASE WHEN octet_length(inverse) <= 65536 THEN inverse END AS inverse
        FROM page_ops WHERE page_id = :page AND (:before::bigint IS NULL OR version < :before)
        ORDER BY version DESC LIMIT :limit + 1
    ) o WINDOW newest AS (ORDER BY version DESC)
) o WHERE bytes_before <= 4194304 ORDER BY version DESC LIMIT :limit;
