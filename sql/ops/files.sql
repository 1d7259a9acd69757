-- Files, what is to be looked at, and what is to be deleted.

CREATE VIEW ops.files AS
SELECT f.id, f.workspace_id AS workspace, f.name, f.type, pg_size_pretty(f.size) AS size, f.state, f.refusal, u.email AS uploader,
       (SELECT count(*) FROM public.file_uses use WHERE use.file_id = f.id) AS uses, b.key, f.created_at, b.lost_at
FROM public.files f LEFT JOIN public.blobs b USING (workspace_id, sha256) LEFT JOIN public.users u ON u.id = f.uploader_id
ORDER BY f.id DESC;
COMMENT ON VIEW ops.files IS 'Every file: who uploaded it, how many places use it, the key of its bytes in the store, and since when they are known to be lost. The newest first.';

CREATE VIEW ops.uploads AS
SELECT up.id, up.workspace_id AS workspace, u.email, up.name, pg_size_pretty(up.received) AS received,
       pg_size_pretty(up.size) AS size, up.file_id, up.created_at, up.expires_at
FROM public.uploads up JOIN public.users u ON u.id = up.user_id ORDER BY up.created_at DESC;
COMMENT ON VIEW ops.uploads IS 'Uploads that have not expired, with those that have become files. The newest first.';

CREATE VIEW ops.file_looks AS
SELECT l.file_id, f.name, f.type, pg_size_pretty(f.size) AS size, f.state, f.created_at, l.tries, l.due_at, l.error
FROM public.file_looks l JOIN public.files f ON f.id = l.file_id ORDER BY l.due_at, l.file_id;
COMMENT ON VIEW ops.file_looks IS 'Files that wait to be scanned or looked at: when, how often it was tried, and why the last attempt failed. The next first.';

CREATE VIEW ops.blob_deletions AS
SELECT key, since, tried_at, error FROM public.blob_deletions ORDER BY since;
COMMENT ON VIEW ops.blob_deletions IS 'Keys whose bytes chat_server still has to delete, and why the last attempt failed. The oldest first.';

CREATE VIEW ops.stores AS
SELECT store, count(*) AS blobs, count(sealed_key) AS encrypted, pg_size_pretty(sum(size)) AS size
FROM (SELECT store, sealed_key, size FROM public.blobs UNION ALL SELECT store, sealed_key, size FROM public.previews) stored
GROUP BY store ORDER BY store;
COMMENT ON VIEW ops.stores IS 'What is in each store: blobs of files and previews, how many of them are encrypted, and their size before that.';
