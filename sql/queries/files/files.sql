-- name: file_seen(file, user)
-- A file that the user may fetch now; nothing otherwise.
SELECT f.name, f.size, f.type, f.state, encode(f.sha256, 'hex') AS sha256, b.key, file_json(f)::text AS json
FROM files f JOIN blobs b USING (workspace_id, sha256) WHERE f.id = :file AND sees_file(f, :user);

-- name: file_by_id(file)
-- A file that has just been made.
SELECT file_json(files)::text FROM files WHERE id = :file;

-- name: file_discard(file, user)
-- Deletes a file that its uploader has not used anywhere.
DELETE FROM files WHERE id = :file AND uploader_id = :user AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id)
RETURNING 1;
