-- The JSON of every resource, built in one place: REST responses, events and the snapshot of /api/sync all use it.
-- Times are in the session's zone, which the servers and the log's triggers set to UTC. Arrays are built by
-- array_to_json, since json_agg puts line breaks between its elements and an event must fit on one line.

-- Messages and members come by the thousand, reactions and read markers by the batch. As rows of a type that names their
-- fields, in functions of one expression, they become part of the calling query, and take a third of the time. Nothing
-- else depends on these types.
CREATE TYPE message_shape AS (
    id bigint, chat_id bigint, seq bigint, sender_id bigint, type text, content text, metadata jsonb,
    reply_to bigint, thread_id bigint, thread_seq bigint, thread jsonb, mentions bigint[], mentions_everyone text,
    forwarded_from jsonb, files json, links jsonb, reactions jsonb, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, deleted_by bigint
);
CREATE TYPE chat_member_shape AS (
    chat_id bigint, user_id bigint, username text, fullname text, avatar text, status text, custom_status json,
    role text, silenced_until timestamptz, joined_at timestamptz, last_read_seq bigint
);
CREATE TYPE board_member_shape AS (
    board_id bigint, user_id bigint, username text, fullname text, avatar text, status text, custom_status json,
    role text, invited_by bigint, joined_at timestamptz
);
CREATE TYPE page_member_shape AS (
    page_id bigint, user_id bigint, username text, fullname text, avatar text, status text, custom_status json,
    role text, invited_by bigint, joined_at timestamptz
);
CREATE TYPE message_reactions_shape AS (chat_id bigint, message_id bigint, reactions jsonb);
CREATE TYPE reaction_event_shape AS (chat_id bigint, message_id bigint, user_id bigint, emoji text, reactions jsonb);
CREATE TYPE read_marker_shape AS (chat_id bigint, last_read_seq bigint, unread bigint);

-- The newest messages of a chat in a snapshot, as many as fit into this many bytes of JSON; the bytes of all snapshots
-- for users who join a chat in one transaction; and the number of members beyond which the list is omitted.
CREATE FUNCTION snapshot_messages() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';
CREATE FUNCTION snapshot_bytes() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 32768::bigint';
CREATE FUNCTION snapshot_bytes_of_joins() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1048576::bigint';
CREATE FUNCTION snapshot_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- The bytes beyond which a lean snapshot leaves out a chat's newest message.
CREATE FUNCTION lean_bytes() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 4096';

-- Limits of a message's reactions and thread (users named), a chat's pins, a snapshot's threads, bans and invites of a
-- chat, invites of a document and open reports of a workspace.
CREATE FUNCTION named_users() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 10';
CREATE FUNCTION snapshot_threads() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
CREATE FUNCTION snapshot_for_admins() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
CREATE FUNCTION chat_pins() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- A user's status in words; null if there is none. It ends at until, and is removed a little later.
CREATE FUNCTION custom_status_json(u users) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN u.status_text IS NOT NULL OR u.status_emoji IS NOT NULL THEN
        json_build_object('text', u.status_text, 'emoji', u.status_emoji, 'until', u.status_until) END
$$;

-- A user, as those see them who share a workspace with them: without the address if they may not see it.
CREATE FUNCTION user_json(u users, shows_email boolean DEFAULT true) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT u.id, u.username, CASE WHEN shows_email THEN u.email END AS email, u.fullname, u.kind, u.avatar, u.status, custom_status_json(u) AS custom_status, u.created_at, u.updated_at
    ) shape
$$;

-- A file, as those see it who may fetch it. It has no URL: that depends on who asks, and when.
CREATE FUNCTION file_json(f files) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT f.id, f.name, f.size, f.type, f.width, f.height, f.animated, f.pages, f.duration, f.placeholder, f.waveform,
               ARRAY(SELECT p.name FROM previews p WHERE (p.workspace_id, p.sha256) = (f.workspace_id, f.sha256) AND f.state = 'ready'
                     ORDER BY p.width, p.height, p.name)
                   AS previews, f.no_preview, f.refusal, f.state
    ) shape
$$;

-- The files of a message, in its order, without those that are gone. For a message without files nothing is looked up, and
-- it is part of the calling query.
CREATE FUNCTION shown_files(ids bigint[]) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_to_json(array_agg(file_json(f) ORDER BY place)), '[]')
    FROM unnest(ids) WITH ORDINALITY AS asked (id, place) JOIN files f USING (id)
$$;
CREATE FUNCTION files_json(ids bigint[]) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN ids IS NULL THEN '[]'::json ELSE shown_files(ids) END
$$;

CREATE FUNCTION own_message_json(m messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(ROW(
        m.id, m.chat_id, m.seq, m.sender_id, m.type, m.content, m.metadata,
        m.reply_to, m.thread_id, m.thread_seq, m.thread, coalesce(m.mentions, '{}'), m.mentions_everyone,
        m.forwarded_from, files_json(m.files), coalesce(m.links, '[]'), coalesce(m.reactions, '[]'), m.created_at, m.updated_at, m.deleted_at, m.deleted_by
    )::message_shape)
$$;

-- A JSON object with more members; null adds none.
CREATE FUNCTION with_fields(object json, fields json) RETURNS json LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN fields IS NULL THEN object ELSE (left(object::text, -1) || ',' || substr(fields::text, 2))::json END
$$;

-- One that somebody else has written in its sender's name says so.
CREATE FUNCTION message_json(m messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN m.delegate_id IS NULL THEN own_message_json(m)
                ELSE with_fields(own_message_json(m), json_build_object('delegate_id', m.delegate_id)) END
$$;

-- The same as text, for snapshots, which have messages by the thousand: a plain text is put together by itself, in half the
-- time. Text is only turned into json by parsing it, so this is not for those who need json.
CREATE FUNCTION message_text(m messages) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN num_nonnulls(m.metadata, m.reply_to, m.thread_id, m.thread_seq, m.thread, m.mentions, m.mentions_everyone,
                                  m.forwarded_from, m.files, m.links, m.reactions, m.updated_at, m.deleted_at, m.deleted_by, m.delegate_id) = 0
    THEN concat('{"id":', m.id, ',"chat_id":', m.chat_id, ',"seq":', m.seq, ',"sender_id":', m.sender_id, ',"type":"', m.type,
                '","content":', to_json(m.content), ',"metadata":null,"reply_to":null,"thread_id":null,"thread_seq":null,'
                '"thread":null,"mentions":[],"mentions_everyone":null,"forwarded_from":null,"files":[],"links":[],"reactions":[],"created_at":',
                to_json(m.created_at), ',"updated_at":null,"deleted_at":null,"deleted_by":null}')
    ELSE message_json(m)::text END
$$;

-- A deleted message: its tombstone, and whether even that is gone.
CREATE FUNCTION deleted_message_json(m messages, removed boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_object_agg(key, value) FROM (
        SELECT key, value FROM json_each(message_json(m))
        UNION ALL SELECT 'removed', to_json(removed)
    ) fields
$$;

CREATE FUNCTION message_edit_json(e message_edits) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT e.version, e.type, e.content, e.metadata, files_json(e.files) AS files, e.written_at
    ) shape
$$;

CREATE FUNCTION reaction_json(r message_reactions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.user_id, u.fullname, u.avatar, r.emoji, r.created_at
        FROM users u WHERE u.id = r.user_id
    ) shape
$$;

CREATE FUNCTION pin_json(p message_pins) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT p.chat_id, p.message_id, p.pinned_by, p.pinned_at) shape
$$;

CREATE FUNCTION pinned_message_json(p message_pins, m messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT message_json(m) AS message, p.pinned_by, p.pinned_at) shape
$$;

-- When a thread was last active: a message's id, since ids rise with time. Without a reply its own.
CREATE FUNCTION thread_activity(root messages) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((root.thread ->> 'last_reply_id')::bigint, root.id)
$$;

-- A follower's unread replies: no more than exist, since deleted replies keep their numbers.
CREATE FUNCTION thread_unread(root messages, last_read_seq bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(least((root.thread ->> 'last_seq')::bigint - last_read_seq, (root.thread ->> 'reply_count')::bigint), 0)
$$;

-- A thread as its follower sees it.
CREATE FUNCTION followed_thread_json(f thread_followers, root messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT f.chat_id, f.thread_id, f.last_read_seq,
               thread_unread(root, f.last_read_seq) AS unread, root.thread
    ) shape
$$;

-- The same in the list of threads, with its first message.
CREATE FUNCTION thread_with_message_json(f thread_followers, root messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT f.chat_id, f.thread_id, f.last_read_seq,
               thread_unread(root, f.last_read_seq) AS unread, message_json(root) AS message
    ) shape
$$;

CREATE FUNCTION workspace_json(w workspaces, role text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT w.id, w.name, w.description, w.retention_days, w.show_emails, w.link_previews, w.public_publishing,
               (SELECT file_json(f) FROM files f WHERE f.id = w.icon_file_id) AS icon, role, w.created_at, w.updated_at
    ) shape
$$;

-- The same in events, which are for members of every role.
CREATE FUNCTION workspace_event_json(w workspaces) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT w.id, w.name, w.description, w.retention_days, w.show_emails, w.link_previews, w.public_publishing,
               (SELECT file_json(f) FROM files f WHERE f.id = w.icon_file_id) AS icon, w.created_at, w.updated_at
    ) shape
$$;

-- Custom emoji of a workspace: the most, and the most bytes of a picture.
CREATE FUNCTION emoji_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 500';
CREATE FUNCTION emoji_bytes() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 262144::bigint';
CREATE FUNCTION emoji_json(e custom_emoji) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT e.workspace_id, e.name, e.file_id, e.created_by, e.created_at) shape
$$;
CREATE FUNCTION emoji_of(workspace bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_to_json(array_agg(emoji_json(e) ORDER BY e.name)), '[]') FROM custom_emoji e WHERE e.workspace_id = workspace
$$;

CREATE FUNCTION workspace_member_json(m workspace_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT m.workspace_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status, m.role, m.joined_at
        FROM users u WHERE u.id = m.user_id
    ) shape
$$;

-- An invitation into a workspace, as it was made.
CREATE FUNCTION workspace_invitation_json(i workspace_invitations) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT i.workspace_id, i.workspace_name, i.user_id, i.role, i.invited_by, i.inviter_name, i.created_at
    ) shape
$$;

CREATE FUNCTION invitation_block_json(b invitation_blocks) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT b.id, b.workspace_id, b.inviter_id, b.created_at) shape
$$;

-- How many invitations into workspaces a snapshot has, the newest first.
CREATE FUNCTION snapshot_invitations() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

CREATE FUNCTION chat_member_json(m chat_members, u users) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(ROW(
        m.chat_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u),
        m.role, m.silenced_until, m.joined_at, m.last_read_seq
    )::chat_member_shape)
$$;

-- The same as text, as message_text is. The names of users have nothing that JSON escapes.
CREATE FUNCTION chat_member_text(m chat_members, u users) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN num_nonnulls(u.status_text, u.status_emoji, m.silenced_until) = 0
    THEN concat('{"chat_id":', m.chat_id, ',"user_id":', m.user_id, ',"username":"', u.username, '","fullname":', to_json(u.fullname),
                ',"avatar":', coalesce(to_json(u.avatar), 'null'), ',"status":"', u.status, '","custom_status":null,"role":"', m.role,
                '","silenced_until":null,"joined_at":', to_json(m.joined_at), ',"last_read_seq":', m.last_read_seq, '}')
    ELSE chat_member_json(m, u)::text END
$$;

-- A member's notification settings for a chat.
CREATE FUNCTION chat_notifications_json(m chat_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT m.chat_id, m.user_id, m.notification_level, m.muted_until) shape
$$;

CREATE FUNCTION draft_json(d drafts) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT d.chat_id, NULL::bigint AS thread_id, d.content, d.updated_at) shape
$$;

CREATE FUNCTION thread_draft_json(d thread_drafts) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT d.chat_id, d.thread_id, d.content, d.updated_at) shape
$$;

-- A ban, as those see it who may ban.
CREATE FUNCTION chat_ban_json(b chat_bans) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT b.chat_id, b.user_id, u.username, u.fullname, b.banned_by, b.reason, b.created_at, b.expires_at
        FROM users u WHERE u.id = b.user_id
    ) shape
$$;

-- The same in events and snapshots: without names, since changes of these would have to be published too.
CREATE FUNCTION chat_ban_event_json(b chat_bans) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT b.chat_id, b.user_id, b.banned_by, b.reason, b.created_at, b.expires_at
    ) shape
$$;

-- An invite, as those see it who may invite: everything but its token, which is never shown again; it has a chat_id, or
-- the id of a document.
CREATE FUNCTION invite_json(i invites) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'id', i.id, CASE WHEN i.chat_id IS NULL THEN (SELECT of_kind('document_id', kind) FROM documents WHERE id = i.document_id)
                    ELSE 'chat_id' END, coalesce(i.chat_id, i.document_id), 'role', i.role,
        'created_by', i.created_by, 'created_at', i.created_at, 'expires_at', i.expires_at, 'max_uses', i.max_uses, 'uses', i.uses)
$$;

-- What only the admins of a chat or the owners of a document see: the newest bans and invites that have not expired,
-- newest first. Sets of one, as chat_snapshot_text is.
CREATE FUNCTION newest_chat_bans_json(chat bigint) RETURNS SETOF json LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT coalesce(array_to_json(array_agg(ban ORDER BY created_at DESC, user_id DESC)), '[]')
    FROM (SELECT created_at, user_id, chat_ban_event_json(chat_bans) AS ban FROM chat_bans
          WHERE chat_id = chat AND (expires_at > now()) IS NOT FALSE
          ORDER BY created_at DESC, user_id DESC LIMIT snapshot_for_admins()) newest
$$;
CREATE FUNCTION newest_invites_json(chat bigint, document bigint) RETURNS SETOF json LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT coalesce(array_to_json(array_agg(invite ORDER BY id DESC)), '[]')
    FROM (SELECT id, invite_json(invites) AS invite FROM invites
          WHERE (chat_id = chat OR document_id = document) AND expires_at > now() ORDER BY id DESC LIMIT snapshot_for_admins()) newest
$$;

-- The newest open reports of a workspace: as many as a snapshot has.
CREATE FUNCTION open_reports(workspace bigint) RETURNS SETOF reports LANGUAGE sql STABLE AS $$
    SELECT * FROM reports WHERE workspace_id = workspace AND status = 'open' ORDER BY id DESC LIMIT snapshot_for_admins()
$$;

-- The messages since a member last read, counting only those that still exist.
CREATE FUNCTION unread(c chats, last_read_seq bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN last_read_seq IS NOT NULL THEN greatest(c.last_seq - greatest(last_read_seq, c.first_seq - 1), 0) END
$$;

-- The reactions to a message as the message has them.
CREATE FUNCTION message_reactions_json(m messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(ROW(m.chat_id, m.id, coalesce(m.reactions, '[]'))::message_reactions_shape)
$$;

-- How far a member has read, and how much that leaves.
CREATE FUNCTION read_marker_json(c chats, last_read_seq bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(ROW(c.id, last_read_seq, unread(c, last_read_seq))::read_marker_shape)
$$;

-- A chat as one user sees it. For one who could join it and has not, role, read state and last message are null.
CREATE FUNCTION chat_json(c chats, viewer bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.workspace_id, c.type, c.name, c.description, c.password_hash IS NOT NULL AS has_password, c.archived_at,
               c.retention_days, m.role, m.silenced_until, c.member_count,
               c.first_seq, c.first_message_id, c.last_seq, m.last_read_seq, unread(c, m.last_read_seq) AS unread,
               CASE WHEN m.user_id IS NOT NULL THEN cardinality(mentioned.seqs) END AS mention_count,
               m.notification_level, m.muted_until,
               (SELECT message_json(newest) FROM messages newest WHERE newest.chat_id = c.id AND m.user_id IS NOT NULL
                ORDER BY newest.seq DESC LIMIT 1) AS last_message,
               c.created_at, c.updated_at
        FROM (SELECT 1) here LEFT JOIN chat_members m ON m.chat_id = c.id AND m.user_id = viewer
             CROSS JOIN LATERAL unread_mentions(c, m) mentioned (seqs)
    ) shape
$$;

-- What all members of a chat share in their snapshots of it, as JSON in texts: its members (null if there are more than
-- snapshot_members()), the newest messages that fit into this many bytes, oldest first, and pinned messages, newest pin
-- first. Each member's user is looked up separately: with a join, all users are read for each chat if the average chat
-- has many members. Callers plan with enable_seqscan = off: all of a few hundred users are read for each member otherwise.
CREATE TYPE chat_shared AS (members text, messages text, pinned_message_ids text);
CREATE FUNCTION chat_shared(c chats, bytes bigint) RETURNS SETOF chat_shared LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT CASE WHEN c.member_count <= snapshot_members() THEN
               (SELECT '[' || string_agg(
                    (SELECT chat_member_text(other, u) FROM users u WHERE u.id = other.user_id), ',' ORDER BY other.user_id) || ']'
                FROM chat_members other WHERE other.chat_id = c.id)
           END,
           (SELECT coalesce('[' || string_agg(message, ',' ORDER BY seq) FILTER (WHERE size <= bytes) || ']', '[]')
            FROM (SELECT seq, message, sum(octet_length(message)) OVER (ORDER BY seq DESC) AS size
                  FROM (SELECT seq, message_text(messages) AS message FROM messages
                        WHERE chat_id = c.id ORDER BY seq DESC LIMIT snapshot_messages()) newest) measured),
           (SELECT coalesce('[' || string_agg(message_id::text, ',' ORDER BY id DESC) || ']', '[]')
            FROM message_pins WHERE chat_id = c.id)
$$;

-- The same in a lean snapshot: the newest message alone, and members only of Single chats, whose names are theirs.
CREATE FUNCTION lean_shared(c chats) RETURNS SETOF chat_shared LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT CASE WHEN c.type = 'Single' THEN
               (SELECT '[' || string_agg(
                    (SELECT chat_member_text(other, u) FROM users u WHERE u.id = other.user_id), ',' ORDER BY other.user_id) || ']'
                FROM chat_members other WHERE other.chat_id = c.id)
           END,
           coalesce('[' || (SELECT CASE WHEN octet_length(message) <= lean_bytes() THEN message END
                            FROM (SELECT message_text(messages) AS message FROM messages
                                  WHERE chat_id = c.id ORDER BY seq DESC LIMIT 1) newest) || ']', '[]'),
           (SELECT coalesce('[' || string_agg(message_id::text, ',' ORDER BY id DESC) || ']', '[]')
            FROM message_pins WHERE chat_id = c.id)
$$;

-- A chat in a snapshot, as one of its members sees it, as text: the shared part and their draft; for admins also bans
-- and invites (else null). It is a set of one, which becomes part of the calling query, so that GET /api/sync plans all
-- of a user's chats together. OFFSET 0 keeps the mentions from being looked up for each of the two fields.
CREATE FUNCTION chat_snapshot_text(c chats, m chat_members, shared chat_shared, draft json, for_admins boolean)
RETURNS SETOF text LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT concat(left(row_to_json(shape)::text, -1),
                  ',"draft":', coalesce(draft, 'null'), ',"members":', coalesce(shared.members, 'null'),
                  ',"messages":', shared.messages, ',"pinned_message_ids":', shared.pinned_message_ids,
                  ',"bans":', CASE WHEN for_admins THEN (SELECT bans FROM newest_chat_bans_json(c.id) bans) ELSE 'null' END,
                  ',"invites":', CASE WHEN for_admins THEN (SELECT invites FROM newest_invites_json(c.id, NULL) invites) ELSE 'null' END,
                  '}')
    FROM (
        SELECT c.id, c.workspace_id, c.type, c.name, c.description, c.password_hash IS NOT NULL AS has_password, c.archived_at,
               c.retention_days, m.role, m.silenced_until, c.member_count,
               c.first_seq, c.first_message_id, c.last_seq, m.last_read_seq, unread(c, m.last_read_seq) AS unread,
               cardinality(mentioned.seqs) AS mention_count, mentioned.seqs AS unread_mentions, m.notification_level, m.muted_until,
               c.created_at, c.updated_at
        FROM (SELECT seqs FROM unread_mentions(c, m) AS found (seqs) OFFSET 0) mentioned
    ) shape
$$;

-- Each kind has a type of its own, which names its id.
CREATE FUNCTION document_member_json(m document_members, u users) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE m.kind
        WHEN 'board' THEN row_to_json(ROW(
            m.document_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u),
            m.role, m.invited_by, m.joined_at
        )::board_member_shape)
        WHEN 'page' THEN row_to_json(ROW(
            m.document_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u),
            m.role, m.invited_by, m.joined_at
        )::page_member_shape) END
$$;

-- A document's thumbnail, without the picture. One expression, as part of a query, does not even read that.
CREATE FUNCTION document_thumbnail_json(t document_thumbnails) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('media_type', t.media_type, 'bytes', length(t.data), 'updated_at', t.updated_at)
$$;

-- A version, without its state; also one expression. A document has at most this many.
CREATE FUNCTION document_versions_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
CREATE FUNCTION document_version_json(v document_versions, kind text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', v.id, of_kind('document_id', kind), v.document_id, 'name', v.name, 'seq', v.seq,
                             'created_by', v.created_by, 'created_at', v.created_at)
$$;

-- What a page has besides what every document has; null of another kind. `version` is its newest.
CREATE FUNCTION page_fields(d documents) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT p.schema, p.is_template, d.last_seq AS version FROM pages p WHERE p.page_id = d.id) shape
$$;

-- What is told of a document whose name has changed; of a page, also whether it is a template.
CREATE FUNCTION document_updated_json(d documents) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT with_fields(row_to_json(shape), (SELECT json_build_object('is_template', p.is_template) FROM pages p WHERE p.page_id = d.id))
    FROM (SELECT d.id, d.workspace_id, d.name, d.created_by, d.created_at, d.updated_at) shape
$$;

-- A document as a member sees it; only owners get deleted_at.
CREATE FUNCTION document_json(d documents, viewer bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT with_fields(row_to_json(shape), CASE d.kind WHEN 'page' THEN page_fields(d) END) FROM (
        SELECT d.id, d.workspace_id, d.name, m.role, d.member_count,
               (SELECT document_thumbnail_json(t) FROM document_thumbnails t WHERE t.document_id = d.id) AS thumbnail,
               d.created_by, d.created_at, d.updated_at, d.deleted_at
        FROM document_members m WHERE m.document_id = d.id AND m.user_id = viewer
    ) shape
$$;

-- A document in a snapshot, as one of its members sees it: with its members, null if there are more than
-- snapshot_members(), for owners with invites (else null), and with its versions; all three are null if it is lean. A
-- set of one, as chat_snapshot_text is.
CREATE FUNCTION document_snapshot_json(d documents, m document_members, lean boolean) RETURNS SETOF json LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT with_fields(row_to_json(shape), CASE d.kind WHEN 'page' THEN page_fields(d) END) FROM (
        SELECT d.id, d.workspace_id, d.name, m.role, d.member_count,
               (SELECT document_thumbnail_json(t) FROM document_thumbnails t WHERE t.document_id = d.id) AS thumbnail,
               d.created_by, d.created_at, d.updated_at,
               CASE WHEN NOT lean AND d.member_count <= snapshot_members() THEN
                   (SELECT array_to_json(array_agg(
                        (SELECT document_member_json(other, u) FROM users u WHERE u.id = other.user_id) ORDER BY other.user_id))
                    FROM document_members other WHERE other.document_id = d.id)
               END AS members,
               CASE WHEN NOT lean AND m.role = 'owner' THEN (SELECT invites FROM newest_invites_json(NULL, d.id) invites) END AS invites,
               CASE WHEN NOT lean THEN
                   (SELECT coalesce(array_to_json(array_agg(document_version_json(v, d.kind) ORDER BY v.id DESC)), '[]')
                    FROM document_versions v WHERE v.document_id = d.id)
               END AS versions
    ) shape
$$;

-- A quarantined update of a board, without its bytes.
CREATE FUNCTION board_quarantine_json(q board_quarantine) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT q.board_id, q.seq, q.user_id, length(q.data) AS bytes, q.reason, q.created_at, q.quarantined_at
    ) shape
$$;

-- An entry of the audit log; delegate_id is there only if somebody acted for the actor.
CREATE FUNCTION audit_json(a audit_log) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT with_fields(row_to_json(shape), CASE WHEN a.delegate_id IS NOT NULL THEN json_build_object('delegate_id', a.delegate_id) END) FROM (
        SELECT a.id, a.at, a.workspace_id, a.chat_id, CASE a.document_kind WHEN 'board' THEN a.document_id END AS board_id,
               CASE a.document_kind WHEN 'page' THEN a.document_id END AS page_id, a.actor_id, a.database_role, a.address, a.action,
               a.target_type, a.target_id, a.before, a.after
    ) shape
$$;

CREATE FUNCTION organization_member_json(m organization_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT m.organization_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status,
               m.kind, m.role, m.source, m.external_id, m.manager_id, m.joined_at
        FROM users u WHERE u.id = m.user_id
    ) shape
$$;

-- Somebody in the directory, with the appointments that the viewer may see.
CREATE FUNCTION directory_person_json(m organization_members, u users, shown appointments[]) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT u.id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status, m.kind, m.manager_id,
               (SELECT coalesce(json_agg(appointment_json(a) ORDER BY a.is_primary DESC, a.id), '[]') FROM unnest(shown) a) AS appointments
    ) shape
$$;
