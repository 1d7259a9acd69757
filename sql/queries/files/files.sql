-- name: file_seen(file, user)
-- A file that the user sees now; nothing otherwise. A refused one has no key.
SELECT f.name, f.size, f.type, f.state, f.refusal, encode(f.sha256, 'hex') AS sha256,
       b.key, b.store, b.sealed_key, file_json(f)::text AS json
FROM files f LEFT JOIN blobs b USING (workspace_id, sha256) WHERE f.id = :file AND sees_file(f, :user);

-- name: files_of_uploader(user, workspace, before, limit)
-- A page of what a user has uploaded and what exists of it, newest first: in all their workspaces or one, before a file id.
WITH page AS (
    SELECT f.id, row_to_json(shape) AS item
    FROM files f CROSS JOIN LATERAL (
        SELECT file_json(f) AS file, f.workspace_id, f.created_at,
               (SELECT count(*) FROM file_uses use WHERE use.file_id = f.id) AS messages) shape
    WHERE f.uploader_id = :user AND f.id < :before AND (:workspace::bigint IS NULL OR f.workspace_id = :workspace)
      AND EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = f.workspace_id AND m.user_id = :user)
    ORDER BY f.id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: file_by_id(file)
-- A file that has just been made.
SELECT file_json(files)::text FROM files WHERE id = :file;

-- name: file_discard(file, user)
-- Deletes a file that its uploader has not used anywhere.
DELETE FROM files WHERE id = :file AND uploader_id = :user AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id)
RETURNING 1;
