-- name: uploads_expire(limit)
-- Ends expired uploads, and deletes their files that nothing uses; returns how many uploads there were.
SELECT expire_uploads(:limit);

-- name: blob_deletions_take(limit)
-- Keys whose bytes may go, locked until the end of the transaction, those that failed before last. Proves again that
-- nothing refers to them: a key that is in use is `used`.
SELECT key, EXISTS (SELECT FROM blobs WHERE blobs.key = d.key)
            OR EXISTS (SELECT FROM previews WHERE previews.key = d.key)
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
  AND NOT EXISTS (SELECT FROM uploads u WHERE u.id = key.key)
  AND NOT EXISTS (SELECT FROM blob_deletions d WHERE d.key = key.key);

-- name: stored_keys(after, limit)
-- What should be in the store: blobs, and previews, whose sha256 is not known, by key.
SELECT key, size, sha256, workspace_id, 'a blob' AS what FROM blobs WHERE key > :after
UNION ALL SELECT key, size, NULL, workspace_id, 'a preview' FROM previews WHERE key > :after
ORDER BY key LIMIT :limit;
