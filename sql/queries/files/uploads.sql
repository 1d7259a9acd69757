-- name: upload_begin(user, workspace, name, size, seconds)
-- Reserves the size in the quotas; nothing if the user is not in the workspace.
SELECT id, expires_at FROM begin_upload(:user, :workspace, :name, :size, :seconds);

-- name: upload_of(upload, user)
-- An upload of this user that has not expired.
SELECT id, size, received, file_id, finished_at IS NOT NULL AS finished, expires_at FROM uploads
WHERE id = :upload AND user_id = :user AND expires_at > now()
  AND EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = uploads.workspace_id AND m.user_id = uploads.user_id);

-- name: upload_state(upload)
-- How far an upload is, whoever began it.
SELECT received, finished_at IS NOT NULL AS finished, file_id FROM uploads WHERE id = :upload;

-- name: upload_received(upload, received, seconds)
-- Counts bytes that are on disk; the upload expires that long after them.
UPDATE uploads SET received = :received, expires_at = now() + make_interval(secs => :seconds)
WHERE id = :upload AND finished_at IS NULL AND received <= :received RETURNING expires_at;

-- name: upload_finish(upload, sha256, type, begins_as, key, store, sealed_key)
-- Makes the file whose bytes are stored under this key; returns its id.
SELECT finish_upload(:upload, :sha256, :type, :begins_as, :key, :store, :sealed_key);

-- name: upload_end(upload, user)
-- Ends an upload of this user, and releases what it has reserved.
DELETE FROM uploads WHERE id = :upload AND user_id = :user RETURNING 1;
