-- name: export_begin(workspace, private, format)
-- Begins an export, if the workspace may have it.
SELECT export_begin(:workspace, :private, :format);

-- name: export_workspace(workspace)
-- The workspace itself, where its export comes from, and the moment of it.
SELECT w.name, w.description, w.created_at, now() AS made_at, (SELECT cluster FROM log_state) || '.' || w.id AS origin
FROM workspaces w WHERE w.id = :workspace;

-- name: export_people(workspace, private)
-- People, with their roles in the workspace.
SELECT u.id, u.fullname, u.username, u.email, u.kind, u.status, u.created_at, u.updated_at, u.time_zone, u.avatar_file_id, m.role
FROM users u LEFT JOIN workspace_members m ON m.workspace_id = :workspace AND m.user_id = u.id
WHERE u.id IN (SELECT export_people(:workspace, :private)) ORDER BY u.id;

-- name: export_files(workspace, private)
-- Files, without their bytes.
SELECT f.id, f.name, encode(f.sha256, 'hex') AS sha256, f.created_at, p.id AS uploader
FROM export_files(:workspace, :private) f
LEFT JOIN (SELECT export_people(:workspace, :private) AS id) p ON p.id = f.uploader_id ORDER BY f.id;

-- name: export_blobs(files)
-- Where the bytes of files are that are still there.
SELECT f.id, b.key, b.size, b.store, b.sealed_key FROM files f JOIN blobs b USING (workspace_id, sha256)
WHERE f.id = ANY(:files::bigint[]) AND f.state <> 'refused' ORDER BY f.id;

-- name: export_emoji(workspace, private)
-- Custom emoji.
SELECT e.name, e.file_id, p.id AS creator, e.created_at FROM custom_emoji e
LEFT JOIN (SELECT export_people(:workspace, :private) AS id) p ON p.id = e.created_by
WHERE e.workspace_id = :workspace ORDER BY e.name;

-- name: export_chats(workspace, private)
-- Chats.
SELECT id, type, name, description, created_at, updated_at, archived_at FROM export_chats(:workspace, :private) ORDER BY id;

-- name: export_members(workspace, private)
-- Who is in them, and up to which message they have read; null: to the end.
SELECT m.chat_id, m.user_id, m.role, m.joined_at, m.notification_level, m.muted_until,
       CASE WHEN m.last_read_seq < c.last_seq THEN
           coalesce((SELECT id FROM messages WHERE chat_id = m.chat_id AND seq <= m.last_read_seq ORDER BY seq DESC LIMIT 1), 0) END AS read
FROM export_chats(:workspace, :private) c JOIN chat_members m ON m.chat_id = c.id ORDER BY m.chat_id, m.user_id;

-- name: export_messages(workspace, private)
-- Messages in the order of their ids, with all that belongs to them.
SELECT m.id, m.chat_id, m.sender_id, m.type, m.content, m.metadata::text AS metadata, m.created_at, m.updated_at, m.deleted_at, m.deleted_by,
       m.reply_to, m.files, m.mentions, m.mentions_everyone,
       CASE WHEN m.forwarded_from IS NOT NULL AND EXISTS (
           SELECT FROM export_chats(:workspace, :private) c WHERE c.id = (m.forwarded_from -> 'chat_id')::bigint) THEN m.forwarded_from::text END AS forwarded_from,
       CASE WHEN m.mentions IS NOT NULL THEN
           (SELECT jsonb_object_agg(username, id)::text FROM users WHERE id = ANY (m.mentions)) END AS names,
       CASE WHEN m.reactions IS NOT NULL THEN
           (SELECT array_agg(ROW (r.emoji, r.user_id, r.created_at) ORDER BY r.id) FROM message_reactions r WHERE r.message_id = m.id) END AS reactions,
       CASE WHEN m.updated_at IS NOT NULL THEN
           (SELECT array_agg(ROW (e.type, e.content, e.metadata::text, e.files, e.written_at) ORDER BY e.version) FROM message_edits e WHERE e.message_id = m.id) END AS edits,
       pin.pinned_by, pin.pinned_at
FROM messages m LEFT JOIN message_pins pin ON pin.message_id = m.id
WHERE m.chat_id IN (SELECT id FROM export_chats(:workspace, :private)) ORDER BY m.id;

-- name: export_follows(workspace, private)
-- Who follows threads, and up to which reply they have read; null: to the end.
SELECT f.thread_id, f.user_id, f.followed_at,
       CASE WHEN f.last_read_seq < coalesce((root.thread ->> 'last_seq')::bigint, 0) THEN
           coalesce((SELECT id FROM messages WHERE thread_id = f.thread_id AND thread_seq <= f.last_read_seq ORDER BY thread_seq DESC LIMIT 1), 0) END AS read
FROM thread_followers f JOIN messages root ON root.id = f.thread_id
WHERE f.chat_id IN (SELECT id FROM export_chats(:workspace, :private)) ORDER BY f.thread_id, f.user_id;

-- name: export_left_out(workspace, private)
-- What the archive has no records for.
SELECT kind || 's' AS what, count(*) AS amount FROM documents WHERE workspace_id = :workspace AND deleted_at IS NULL GROUP BY kind
UNION ALL
SELECT 'private chats', count(*) FROM chats c WHERE workspace_id = :workspace AND id NOT IN (SELECT id FROM export_chats(:workspace, :private)) HAVING count(*) > 0
UNION ALL
SELECT 'bans', count(*) FROM chat_bans WHERE chat_id IN (SELECT id FROM export_chats(:workspace, :private)) HAVING count(*) > 0;

-- name: import_avatar_numbers(people, files)
-- Which file each person's picture is.
UPDATE import_people p SET avatar = given.file
FROM unnest(:people::integer[], :files::integer[]) AS given (person, file) WHERE p.n = given.person RETURNING p.n;

-- name: export_messages_of(chat)
-- Messages of a chat in the order of their times, for an export in Slack's shape.
SELECT m.id, m.sender_id, m.content, m.created_at, m.updated_at, m.deleted_at, m.thread_id, m.files, m.mentions_everyone,
       (m.thread ->> 'reply_count')::bigint AS replies, (SELECT root.created_at FROM messages root WHERE root.id = m.thread_id) AS thread_began,
       CASE WHEN m.mentions IS NOT NULL THEN
           (SELECT jsonb_object_agg(username, id)::text FROM users WHERE id = ANY (m.mentions)) END AS names,
       CASE WHEN m.reactions IS NOT NULL THEN
           (SELECT array_agg(ROW (r.emoji, r.user_id, r.created_at) ORDER BY r.id) FROM message_reactions r WHERE r.message_id = m.id) END AS reactions
FROM messages m WHERE m.chat_id = :chat ORDER BY m.created_at, m.id;
