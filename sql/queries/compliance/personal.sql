-- name: personal_profile(person)
-- What a person's profile says, and how they may be reached.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT u.id, u.username, u.email, u.email_verified_at, u.fullname, u.avatar, u.avatar_file_id, u.status, u.status_text, u.status_emoji,
           u.status_until, u.presence_mode, u.created_at, u.updated_at
    FROM users u WHERE u.id = :person) shape;

-- name: personal_identities(person)
-- The providers at which a person signs in.
SELECT identity_json(i)::text AS record FROM identities i WHERE i.user_id = :person ORDER BY i.id;

-- name: personal_sessions(person)
-- A person's sessions and tokens, also those that have ended and are still there.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT s.id, s.provider, s.amr, s.device_name, s.address, s.token_name, s.scopes, s.created_at, s.auth_time, s.last_seen_at, s.expires_at,
           s.revoked_at, s.revoked_reason
    FROM sessions s WHERE s.user_id = :person ORDER BY s.id) shape;

-- name: personal_memberships(person)
-- The places that a person is a member of, with their own settings there.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT 'workspace' AS kind, w.id, w.name, m.role, m.joined_at, NULL::bigint AS last_read_seq, NULL::text AS notification_level
    FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = :person
    UNION ALL
    SELECT 'chat', c.id, c.name, m.role, m.joined_at, m.last_read_seq, m.notification_level
    FROM chat_members m JOIN chats c ON c.id = m.chat_id WHERE m.user_id = :person
    UNION ALL
    SELECT d.kind, d.id, d.name, m.role, m.joined_at, NULL, NULL
    FROM document_members m JOIN documents d ON d.id = m.document_id WHERE m.user_id = :person ORDER BY 1, 2) shape;

-- name: personal_messages(person)
-- What a person has said, with the earlier versions; of a deleted message nothing is left but its place.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT m.id, m.chat_id, m.seq, m.type, m.content, m.metadata, m.reply_to, m.thread_id, m.forwarded_from, m.files, m.created_at, m.updated_at,
           m.deleted_at,
           (SELECT json_agg(message_edit_json(e) ORDER BY e.version) FROM message_edits e WHERE e.message_id = m.id) AS earlier
    FROM messages m WHERE m.sender_id = :person ORDER BY m.id) shape;

-- name: personal_drafts(person)
-- What a person has begun to write.
SELECT record::text FROM (
    SELECT draft_json(d) AS record, d.chat_id, NULL AS thread_id FROM drafts d WHERE d.user_id = :person
    UNION ALL
    SELECT thread_draft_json(d), d.chat_id, d.thread_id FROM thread_drafts d WHERE d.user_id = :person) begun
ORDER BY chat_id, thread_id NULLS FIRST;

-- name: personal_reactions(person)
-- A person's reactions.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT r.message_id, r.emoji, r.created_at FROM message_reactions r WHERE r.user_id = :person ORDER BY r.id) shape;

-- name: personal_audit(person)
-- Administrative acts by a person, and upon them; of others neither name nor address.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT a.id, a.at, a.workspace_id, a.chat_id, a.action, a.actor_id = :person IS TRUE AS own, CASE WHEN a.actor_id = :person THEN a.address END AS address,
           a.target_type, a.target_id, a.before, a.after
    FROM audit_log a WHERE a.actor_id = :person OR (a.target_type = 'user' AND a.target_id = :person) ORDER BY a.id) shape;

-- name: personal_files(person)
-- What a person has uploaded and is still there. What is there for a hold alone has been deleted.
SELECT row_to_json(shape)::text AS record FROM (
    SELECT f.id, f.workspace_id, f.name, f.type, f.size, encode(f.sha256, 'hex') AS sha256, f.state, f.created_at
    FROM files f WHERE f.uploader_id = :person AND f.held_at IS NULL ORDER BY f.id) shape;

-- name: personal_blobs(person, after, amount)
-- Where the bytes of the next files after this id are.
SELECT f.id, f.name, f.size, b.key, b.store, b.sealed_key FROM files f JOIN blobs b USING (workspace_id, sha256)
WHERE f.uploader_id = :person AND f.held_at IS NULL AND f.id > :after ORDER BY f.id LIMIT :amount;
