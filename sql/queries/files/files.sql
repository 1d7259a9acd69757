-- name: file_seen(file, user)
-- A file that the user sees now; nothing otherwise. A refused one has no key.
SELECT f.name, f.size, f.type, f.state, f.refusal, encode(f.sha256, 'hex') AS sha256,
       b.key, b.store, b.sealed_key, b.lost_at IS NOT NULL AS lost, file_json(f)::text AS json
FROM files f LEFT JOIN blobs b USING (workspace_id, sha256) WHERE f.id = :file AND sees_file(f, :user);

-- name: files_of_uploader(user, workspace, before, limit)
-- A page of what a user has uploaded and what exists of it, newest first: in all their workspaces or one, before a file id.
WITH page AS (
    SELECT f.id, row_to_json(shape) AS item
    FROM files f CROSS JOIN LATERAL (
        SELECT file_json(f) AS file, f.workspace_id, f.created_at,
               (SELECT count(*) FROM file_uses use WHERE use.file_id = f.id) AS uses) shape
    WHERE f.uploader_id = :user AND f.id < :before AND (:workspace::bigint IS NULL OR f.workspace_id = :workspace)
      AND EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = f.workspace_id AND m.user_id = :user)
    ORDER BY f.id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: picture_seen(file, user)
-- What is shown of a picture in small: its thumbnail, or itself while it has none.
SELECT coalesce(p.key, b.key) AS key, coalesce(p.size, f.size) AS size, coalesce(p.store, b.store) AS store,
       CASE WHEN p.key IS NULL THEN b.sealed_key ELSE p.sealed_key END AS sealed_key,
       CASE WHEN p.key IS NULL THEN b.lost_at ELSE p.lost_at END IS NOT NULL AS lost,
       CASE WHEN p.key IS NULL THEN f.type ELSE 'image/webp' END AS type,
       f.name || CASE WHEN p.key IS NULL THEN '' ELSE '.webp' END AS name,
       encode(f.sha256, 'hex') || CASE WHEN p.key IS NULL THEN '' ELSE '-' || p.name END AS sha256
FROM files f JOIN blobs b USING (workspace_id, sha256)
     LEFT JOIN previews p ON (p.workspace_id, p.sha256, p.name) = (f.workspace_id, f.sha256, 'thumbnail') AND f.state = 'ready'
WHERE f.id = :file AND f.type LIKE 'image/%' AND f.state NOT IN ('scanning', 'refused') AND sees_file(f, :user);

-- name: file_by_id(file)
-- A file that has just been made.
SELECT file_json(files)::text FROM files WHERE id = :file;

-- name: file_discard(file, user)
-- Deletes a file that its uploader has not used anywhere.
DELETE FROM files WHERE id = :file AND uploader_id = :user AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id)
RETURNING 1;
