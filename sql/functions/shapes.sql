-- The JSON of every resource, made in one place: REST answers, events and the snapshot of /api/sync all carry these.
-- Times are in the session's zone, which the servers and the log's triggers set to UTC. Arrays are made by array_to_json,
-- since json_agg puts line breaks between its elements and an event has to fit on one line.

-- How many newest messages of a chat a snapshot carries, and how many members before it leaves the list out.
CREATE OR REPLACE FUNCTION snapshot_messages() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';
CREATE OR REPLACE FUNCTION snapshot_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- How many users a message names under each of its reactions and of its thread's, how many messages a chat can have pinned,
-- and how many threads a snapshot carries.
CREATE OR REPLACE FUNCTION named_users() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 10';
CREATE OR REPLACE FUNCTION snapshot_threads() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
CREATE OR REPLACE FUNCTION chat_pins() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- What a user says of themselves in words; null: nothing. It is over at until, and is taken away a little later.
CREATE OR REPLACE FUNCTION custom_status_json(u users) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN u.status_text IS NOT NULL OR u.status_emoji IS NOT NULL THEN
        json_build_object('text', u.status_text, 'emoji', u.status_emoji, 'until', u.status_until) END
$$;

-- A user, as those see them who share a workspace with them.
CREATE OR REPLACE FUNCTION user_json(u users) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT u.id, u.username, u.email, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status, u.created_at, u.updated_at
    ) shape
$$;

CREATE OR REPLACE FUNCTION message_json(m messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT m.id, m.chat_id, m.seq, m.sender_id, m.type, m.content, m.metadata, m.reply_to, m.thread_id, m.thread_seq, m.thread,
               coalesce(m.mentions, '{}') AS mentions, m.mentions_everyone,
               m.forwarded_from, coalesce(m.reactions, '[]') AS reactions, m.created_at, m.updated_at, m.deleted_at, m.deleted_by
    ) shape
$$;

-- A deleted message: its tombstone, and whether even that is gone.
CREATE OR REPLACE FUNCTION deleted_message_json(m messages, removed boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_object_agg(key, value) FROM (
        SELECT key, value FROM json_each(message_json(m))
        UNION ALL SELECT 'removed', to_json(removed)
    ) fields
$$;

CREATE OR REPLACE FUNCTION message_edit_json(e message_edits) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT e.version, e.type, e.content, e.metadata, e.written_at
    ) shape
$$;

CREATE OR REPLACE FUNCTION reaction_json(r message_reactions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.user_id, u.fullname, u.avatar, r.emoji, r.created_at
        FROM users u WHERE u.id = r.user_id
    ) shape
$$;

CREATE OR REPLACE FUNCTION pin_json(p message_pins) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT p.chat_id, p.message_id, p.pinned_by, p.pinned_at) shape
$$;

CREATE OR REPLACE FUNCTION pinned_message_json(p message_pins, m messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT message_json(m) AS message, p.pinned_by, p.pinned_at) shape
$$;

-- When a thread was last active: a message's id, since ids rise with time. Without a reply its own.
CREATE OR REPLACE FUNCTION thread_activity(root messages) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((root.thread ->> 'last_reply_id')::bigint, root.id)
$$;

-- A thread as one who follows it sees it.
CREATE OR REPLACE FUNCTION followed_thread_json(f thread_followers, root messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT f.chat_id, f.thread_id, f.last_read_seq,
               coalesce((root.thread ->> 'last_seq')::bigint, 0) - f.last_read_seq AS unread, root.thread
    ) shape
$$;

-- The same in the list of threads, with the message that it began with.
CREATE OR REPLACE FUNCTION thread_with_message_json(f thread_followers, root messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT f.chat_id, f.thread_id, f.last_read_seq,
               coalesce((root.thread ->> 'last_seq')::bigint, 0) - f.last_read_seq AS unread, message_json(root) AS message
    ) shape
$$;

CREATE OR REPLACE FUNCTION workspace_json(w workspaces, role text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT w.id, w.name, w.description, w.retention_days, role, w.created_at, w.updated_at
    ) shape
$$;

CREATE OR REPLACE FUNCTION workspace_member_json(m workspace_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT m.workspace_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status, m.role, m.joined_at
        FROM users u WHERE u.id = m.user_id
    ) shape
$$;

CREATE OR REPLACE FUNCTION chat_member_json(m chat_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT m.chat_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status,
               m.role, m.silenced_until, m.joined_at, m.last_read_seq
        FROM users u WHERE u.id = m.user_id
    ) shape
$$;

-- How a member wants to hear of a chat.
CREATE OR REPLACE FUNCTION chat_notifications_json(m chat_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT m.chat_id, m.user_id, m.notification_level, m.muted_until) shape
$$;

CREATE OR REPLACE FUNCTION draft_json(d drafts) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT d.chat_id, d.content, d.updated_at) shape
$$;

-- A ban, as those see it who may ban.
CREATE OR REPLACE FUNCTION chat_ban_json(b chat_bans) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT b.chat_id, b.user_id, u.username, u.fullname, b.banned_by, b.reason, b.created_at, b.expires_at
        FROM users u WHERE u.id = b.user_id
    ) shape
$$;

-- An invite, as those see it who may invite: all but its token, which nobody sees again.
CREATE OR REPLACE FUNCTION chat_invite_json(i chat_invites) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT i.id, i.chat_id, i.role, i.created_by, i.created_at, i.expires_at, i.max_uses, i.uses
    ) shape
$$;

-- What has come since a member read, of what is still there.
CREATE OR REPLACE FUNCTION unread(c chats, last_read_seq bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN last_read_seq IS NOT NULL THEN greatest(c.last_seq - greatest(last_read_seq, c.first_seq - 1), 0) END
$$;

-- A chat as one user sees it. For one who has not joined what they may join, role, read state and last message are null.
CREATE OR REPLACE FUNCTION chat_json(c chats, viewer bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.workspace_id, c.type, c.name, c.description, c.password_hash IS NOT NULL AS has_password, c.archived_at,
               c.retention_days, m.role, m.silenced_until, c.member_count,
               c.first_seq, c.first_message_id, c.last_seq, m.last_read_seq, unread(c, m.last_read_seq) AS unread,
               CASE WHEN m.user_id IS NOT NULL THEN cardinality(unread_mentions(c, viewer, m.last_read_seq)) END AS mention_count,
               m.notification_level, m.muted_until,
               (SELECT message_json(newest) FROM messages newest WHERE newest.chat_id = c.id AND m.user_id IS NOT NULL
                ORDER BY newest.seq DESC LIMIT 1) AS last_message,
               c.created_at, c.updated_at
        FROM (SELECT 1) here LEFT JOIN chat_members m ON m.chat_id = c.id AND m.user_id = viewer
    ) shape
$$;

-- A chat in a snapshot: with its members (null where there are more than snapshot_members()), newest messages, oldest first, and
-- pinned messages, the newest pin first.
CREATE OR REPLACE FUNCTION chat_snapshot_json(c chats, viewer bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.workspace_id, c.type, c.name, c.description, c.password_hash IS NOT NULL AS has_password, c.archived_at,
               c.retention_days, m.role, m.silenced_until, c.member_count,
               c.first_seq, c.first_message_id, c.last_seq, m.last_read_seq, unread(c, m.last_read_seq) AS unread,
               cardinality(mentioned.seqs) AS mention_count, mentioned.seqs AS unread_mentions, m.notification_level, m.muted_until,
               c.created_at, c.updated_at,
               (SELECT draft_json(d) FROM drafts d WHERE d.chat_id = c.id AND d.user_id = viewer) AS draft,
               CASE WHEN c.member_count <= snapshot_members() THEN
                   (SELECT array_to_json(array_agg(chat_member_json(other) ORDER BY other.user_id))
                    FROM chat_members other WHERE other.chat_id = c.id)
               END AS members,
               (SELECT coalesce(array_to_json(array_agg(message_json(newest) ORDER BY newest.seq)), '[]')
                FROM (SELECT * FROM messages WHERE chat_id = c.id ORDER BY seq DESC LIMIT snapshot_messages()) page
                     JOIN messages newest USING (id)) AS messages,
               (SELECT coalesce(array_to_json(array_agg(message_id ORDER BY id DESC)), '[]')
                FROM message_pins WHERE chat_id = c.id) AS pinned_message_ids
        FROM chat_members m CROSS JOIN LATERAL (SELECT unread_mentions(c, viewer, m.last_read_seq) AS seqs OFFSET 0) mentioned
        WHERE m.chat_id = c.id AND m.user_id = viewer
    ) shape
$$;

-- All that one user may see. In a single statement, so that it and log_cursor() are of one snapshot.
CREATE OR REPLACE FUNCTION sync_json(viewer bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT log_cursor() AS cursor,
               (SELECT user_json(u) FROM users u WHERE u.id = viewer) AS "user",
               (SELECT presence_mode FROM users WHERE id = viewer) AS presence_mode,
               (SELECT coalesce(array_to_json(array_agg(workspace_json(w, m.role) ORDER BY w.id)), '[]')
                FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
                WHERE m.user_id = viewer) AS workspaces,
               (SELECT coalesce(array_to_json(array_agg(chat_snapshot_json(c, viewer) ORDER BY c.id)), '[]')
                FROM chat_members m JOIN chats c ON c.id = m.chat_id
                WHERE m.user_id = viewer) AS chats,
               (SELECT coalesce(array_to_json(array_agg(followed_thread_json(f, root) ORDER BY activity DESC)), '[]')
                FROM (SELECT f, root, thread_activity(root) AS activity
                      FROM thread_followers f JOIN messages root ON root.id = f.thread_id
                      WHERE f.user_id = viewer ORDER BY activity DESC LIMIT snapshot_threads()) newest) AS threads
    ) shape
$$;
