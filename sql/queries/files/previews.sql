-- name: look_claim(seconds)
-- A file that is to be scanned or looked at and due, if there is one. Nobody else gets it for that time.
SELECT * FROM claim_look(:seconds);

-- name: look_put_off(file, seconds, error)
-- The store or the scanner was unavailable: another time, and this one does not count.
UPDATE file_looks SET tries = tries - 1, due_at = now() + make_interval(secs => :seconds), error = left(:error, 500)
WHERE file_id = :file RETURNING 1;

-- name: look_end(file, began_as, facts, copies, file_words)
-- What was found out of a file that was in this state; false if it is gone.
SELECT end_look(:file, :began_as, :facts::jsonb, :copies::jsonb, :file_words::text[]);

-- name: copies_scan(file)
-- Has all other files with the same bytes scanned again; returns how many.
SELECT scan_copies(:file);

-- name: file_refuse(file, reason)
-- Refuses a file that is being scanned.
SELECT refuse_file(:file, :reason);

-- name: looks_waiting()
-- How many files wait to be scanned or looked at, by state.
SELECT f.state, count(*) AS files
FROM file_looks l JOIN files f ON f.id = l.file_id GROUP BY f.state;

-- name: keys_queue(keys, seconds)
-- Deletes what will be stored under these keys, unless it is in use by then.
INSERT INTO blob_deletions (key, since) SELECT key, now() + make_interval(secs => :seconds) FROM unnest(:keys::uuid[]) AS key
RETURNING 1;

-- name: preview_seen(file, name, user)
-- A copy of a file that the user may fetch now; nothing otherwise.
SELECT p.key, p.store, p.sealed_key, p.lost_at IS NOT NULL AS lost, p.size, 'image/webp' AS type, f.name || '.webp' AS name, encode(f.sha256, 'hex') || '-' || p.name AS sha256
FROM files f JOIN previews p USING (workspace_id, sha256)
WHERE f.id = :file AND p.name = :name AND f.state = 'ready' AND sees_file(f, :user);
