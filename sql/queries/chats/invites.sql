-- name: invites(chat, document, after, limit)
-- A page of the invites to a chat or to a document, the other being null, that have not expired; by id.
WITH page AS (
    SELECT id, invite_json(invites) AS item FROM invites
    WHERE (chat_id = :chat OR document_id = :document) AND id > :after AND expires_at > now()
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: invite_create(chat, document, user, hash, role, seconds, max_uses)
-- An invite to a chat or to a document, for this many seconds; a null max_uses means any number.
INSERT INTO invites (chat_id, document_id, created_by, token_hash, role, expires_at, max_uses)
VALUES (:chat, :document, :user, :hash, :role, now() + make_interval(secs => :seconds::integer), :max_uses)
RETURNING invite_json(invites)::text;

-- name: invite_creator(chat, document, invite)
-- The maker of an invite to a chat or to a document.
SELECT created_by FROM invites WHERE id = :invite AND (chat_id = :chat OR document_id = :document);

-- name: invite_delete(invite)
-- Revokes an invite.
DELETE FROM invites WHERE id = :invite;

-- name: invite_by_token(hash)
-- An invite that has not ended, to a chat or a document of some kind. It may be used up, which does not matter to
-- members.
SELECT i.id, i.chat_id, i.document_id, documents.kind, i.role, i.created_by,
       coalesce(chats.workspace_id, documents.workspace_id) AS workspace_id
FROM invites i JOIN users ON users.id = i.created_by
LEFT JOIN chats ON chats.id = i.chat_id LEFT JOIN documents ON documents.id = i.document_id
WHERE token_hash = :hash AND i.expires_at > now() AND users.status = 'active' AND documents.deleted_at IS NULL;

-- name: invite_lets_in(hash)
-- Whether an invite would still admit a new user.
SELECT EXISTS (SELECT FROM invites i JOIN users ON users.id = i.created_by LEFT JOIN documents ON documents.id = i.document_id
               WHERE i.token_hash = :hash AND i.expires_at > now() AND users.status = 'active'
                 AND documents.deleted_at IS NULL AND (i.max_uses IS NULL OR i.uses < i.max_uses));

-- name: invite_shown(invite, user)
-- What an invite leads to, for a user who may not be a member there.
SELECT row_to_json(shape)::text FROM (
    SELECT i.chat_id, CASE documents.kind WHEN 'board' THEN documents.id END AS board_id,
           CASE documents.kind WHEN 'page' THEN documents.id END AS page_id, chats.type, coalesce(chats.name, documents.name) AS name, chats.description,
           coalesce(chats.member_count, documents.member_count) AS member_count,
           workspaces.id AS workspace_id, workspaces.name AS workspace_name, i.role,
           inviter.id AS invited_by, inviter.fullname AS invited_by_name, i.expires_at,
           EXISTS (SELECT FROM chat_members m WHERE m.chat_id = i.chat_id AND m.user_id = :user)
               OR EXISTS (SELECT FROM document_members m WHERE m.document_id = i.document_id AND m.user_id = :user) AS joined
    FROM invites i LEFT JOIN chats ON chats.id = i.chat_id LEFT JOIN documents ON documents.id = i.document_id
    JOIN workspaces ON workspaces.id = coalesce(chats.workspace_id, documents.workspace_id)
    JOIN users inviter ON inviter.id = i.created_by WHERE i.id = :invite
) shape;

-- name: invite_preview(invite)
-- What an invite shows to anyone with its link; no row if it is used up.
SELECT row_to_json(shape)::text FROM (
    SELECT chats.type, coalesce(chats.name, documents.name) AS name, workspaces.name AS workspace_name, i.role,
           inviter.fullname AS invited_by_name, i.expires_at
    FROM invites i LEFT JOIN chats ON chats.id = i.chat_id LEFT JOIN documents ON documents.id = i.document_id
    JOIN workspaces ON workspaces.id = coalesce(chats.workspace_id, documents.workspace_id)
    JOIN users inviter ON inviter.id = i.created_by
    WHERE i.id = :invite AND (uses < max_uses) IS NOT FALSE
) shape;

-- name: invite_use(invite)
-- Counts a use under the row's lock, so that the last one goes to one user; no row if none is left.
UPDATE invites SET uses = uses + 1
WHERE id = :invite AND expires_at > now() AND (uses < max_uses) IS NOT FALSE RETURNING uses;
