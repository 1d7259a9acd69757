-- name: uploads_expire(limit)
-- Ends expired uploads, and deletes their files that nothing uses; returns how many uploads there were.
SELECT expire_uploads(:limit);

-- name: blob_deletions_take(limit)
-- Keys whose bytes may go, locked until the end of the transaction, those that failed before last. Proves again that
-- nothing refers to them: a key that is in use is `used`.
SELECT key, EXISTS (SELECT FROM blobs WHERE blobs.key = d.key)
            OR EXISTS (SELECT FROM previews WHERE previews.key = d.key)
            OR EXISTS (SELECT FROM link_previews l WHERE l.key = d.key)
            OR EXISTS (SELECT FROM uploads WHERE uploads.id = d.key AND finished_at IS NULL) AS used
FROM blob_deletions d WHERE since <= now() ORDER BY tried_at NULLS FIRST, since LIMIT :limit FOR UPDATE SKIP LOCKED;

-- name: blob_deletions_done(keys)
-- Their bytes are gone.
DELETE FROM blob_deletions WHERE key = ANY (:keys);

-- name: blob_deletion_failed(key, error)
-- Tried again after the others.
UPDATE blob_deletions SET tried_at = now(), error = left(:error, 500) WHERE key = :key;

-- name: keys_unknown(keys)
-- Those of these keys to which nothing refers, and whose deletion is not queued.
SELECT key FROM unnest(:keys::uuid[]) AS key
WHERE NOT EXISTS (SELECT FROM blobs b WHERE b.key = key.key) AND NOT EXISTS (SELECT FROM previews p WHERE p.key = key.key)
  AND NOT EXISTS (SELECT FROM link_previews l WHERE l.key = key.key)
  AND NOT EXISTS (SELECT FROM uploads u WHERE u.id = key.key)
  AND NOT EXISTS (SELECT FROM blob_deletions d WHERE d.key = key.key);

-- name: stored_keys(after, limit)
-- What should be in the store: blobs, and previews of files and links, whose sha256 is not known, by key.
SELECT key, size, store, sealed_key, sha256, workspace_id, 'a blob' AS what, lost_at IS NOT NULL AS lost FROM blobs WHERE key > :after
UNION ALL SELECT key, size, store, sealed_key, NULL, workspace_id, 'a preview', lost_at IS NOT NULL FROM previews WHERE key > :after
UNION ALL SELECT key, size, store, sealed_key, NULL, NULL, 'a picture of a link', false FROM link_previews WHERE key > :after
ORDER BY key LIMIT :limit;

-- name: blobs_to_move(after, store, master_key, limit)
-- Blobs and previews, by key, that are in another store than this one, or not encrypted under this master key; null: not
-- encrypted at all. A key that several workspaces have comes once. `stored_keys` has these columns, too.
SELECT DISTINCT ON (key) * FROM (
    SELECT key, size, store, sealed_key, sha256, workspace_id, 'a blob' AS what FROM blobs
    UNION ALL SELECT key, size, store, sealed_key, NULL, workspace_id, 'a preview' FROM previews
    UNION ALL SELECT key, size, store, sealed_key, NULL, NULL, 'a picture of a link' FROM link_previews WHERE key IS NOT NULL) stored
WHERE key > :after AND (store <> :store OR substr(sealed_key, 1, 8) IS DISTINCT FROM :master_key)
ORDER BY key LIMIT :limit;

-- name: blobs_left_to_move(store, master_key)
-- How many there are, and their bytes.
SELECT count(*) AS blobs, coalesce(sum(size), 0)::bigint AS bytes FROM (
    SELECT key, size, store, sealed_key FROM blobs UNION SELECT key, size, store, sealed_key FROM previews
    UNION SELECT key, size, store, sealed_key FROM link_previews WHERE key IS NOT NULL) stored
WHERE store <> :store OR substr(sealed_key, 1, 8) IS DISTINCT FROM :master_key;

-- name: blob_move(old_key, key, store, sealed_key)
-- The bytes are stored again, under another key; false if nothing has the old key any more.
SELECT move_blob(:old_key, :key, :store, :sealed_key);

-- name: blobs_by_store()
-- What is stored where, for metrics.
SELECT store, count(*) AS blobs, coalesce(sum(size), 0)::bigint AS bytes FROM (
    SELECT store, size FROM blobs UNION ALL SELECT store, size FROM previews
    UNION ALL SELECT store, size FROM link_previews WHERE key IS NOT NULL) stored GROUP BY store;

-- name: files_waiting()
-- Uploads that have not ended, keys whose bytes are due to be deleted, and bytes that the store has lost, for metrics.
SELECT (SELECT count(*) FROM uploads WHERE finished_at IS NULL) AS uploads,
       (SELECT count(*) FROM blobs WHERE lost_at IS NOT NULL) + (SELECT count(*) FROM previews WHERE lost_at IS NOT NULL) AS lost,
       (SELECT count(*) FROM blob_deletions WHERE since <= now()) AS deletions;

-- name: bytes_note(blob, lost)
-- Notes that the bytes of a key are lost, or have been read; the files that they belong to, if nobody had noted it.
SELECT note_bytes(:blob, :lost) AS file_id;

-- name: files_with_key(blob)
-- The files whose bytes, or previews, are stored under a key.
SELECT f.id FROM files f WHERE (f.workspace_id, f.sha256) IN (
    SELECT workspace_id, sha256 FROM blobs WHERE key = :blob UNION SELECT workspace_id, sha256 FROM previews WHERE key = :blob)
ORDER BY f.id;
