-- name: page_history(page, before, limit)
-- The newest patches of a page, or those before a version, newest first, without such as are large.
SELECT o.version, o.op_id, o.user_id, o.client_id, o.base, o.created_at, octet_length(o.patch) AS bytes,
       CASE WHEN octet_length(o.patch) <= 65536 THEN o.patch END AS patch,
       CASE WHEN octet_length(o.inverse) <= 65536 THEN o.inverse END AS inverse
FROM page_ops o WHERE o.page_id = :page AND (:before::bigint IS NULL OR o.version < :before)
ORDER BY o.version DESC LIMIT :limit;
