-- name: look_claim(seconds)
-- A pending file that is due, if there is one. Nobody else gets it for so long.
SELECT * FROM claim_look(:seconds);

-- name: look_put_off(file, seconds)
-- The store was unavailable: another time, and this one does not count.
UPDATE file_looks SET tries = tries - 1, due_at = now() + make_interval(secs => :seconds) WHERE file_id = :file RETURNING 1;

-- name: look_end(file, facts, copies, file_words)
-- What was found out of a pending file; false if it is gone.
SELECT end_look(:file, :facts::jsonb, :copies::jsonb, :file_words::text[]);

-- name: keys_queue(keys, seconds)
-- Deletes what will be stored under these keys, unless it is in use by then.
INSERT INTO blob_deletions (key, since) SELECT key, now() + make_interval(secs => :seconds) FROM unnest(:keys::uuid[]) AS key
RETURNING 1;

-- name: preview_seen(file, name, user)
-- A copy of a file that the user may fetch now; nothing otherwise.
SELECT p.key, p.size, 'image/webp' AS type, f.name || '.webp' AS name, encode(f.sha256, 'hex') || '-' || p.name AS sha256
FROM files f JOIN previews p USING (workspace_id, sha256)
WHERE f.id = :file AND p.name = :name AND f.state = 'ready' AND sees_file(f, :user);
