-- name: page_snapshot_due(page, patches, seconds)
-- Whether a page's snapshot lacks this number of patches, or lacks any and is this old.
SELECT d.last_seq >= s.version + :patches::bigint
    OR d.last_seq > s.version AND s.made_at <= now() - :seconds::float8 * interval '1 second'
FROM documents d JOIN page_snapshots s ON s.page_id = d.id WHERE d.id = :page;

-- name: pages_without_snapshot(after, seconds, limit)
-- Pages, by id, with a patch that their snapshot lacks although it is that old: one came from psql or over REST, and no
-- server has the page open, which would keep one.
SELECT d.id AS page_id FROM page_snapshots s JOIN documents d ON d.id = s.page_id
WHERE d.last_seq > s.version AND s.made_at <= now() - :seconds::float8 * interval '1 second'
  AND d.deleted_at IS NULL AND d.id > :after
ORDER BY d.id LIMIT :limit;
