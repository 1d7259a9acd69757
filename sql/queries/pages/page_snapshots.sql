-- name: page_snapshot_due(page, patches, seconds)
-- Whether a page's snapshot lacks so many patches, or lacks any and is that old.
SELECT d.last_seq >= s.version + :patches::bigint
    OR d.last_seq > s.version AND s.made_at <= now() - :seconds::float8 * interval '1 second'
FROM documents d JOIN page_snapshots s ON s.page_id = d.id WHERE d.id = :page;
