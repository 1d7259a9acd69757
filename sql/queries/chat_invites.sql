-- name: chat_invites(chat, after, limit)
-- A page of the invites that have not expired, by id.
WITH page AS (
    SELECT id, chat_invite_json(chat_invites) AS item FROM chat_invites
    WHERE chat_id = :chat AND id > :after AND expires_at > now()
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: chat_invite_create(chat, user, hash, role, seconds, max_uses)
-- An invite for so many seconds; a max_uses of null lets any number in.
INSERT INTO chat_invites (chat_id, created_by, token_hash, role, expires_at, max_uses)
VALUES (:chat, :user, :hash, :role, now() + make_interval(secs => :seconds::integer), :max_uses)
RETURNING chat_invite_json(chat_invites)::text;

-- name: chat_invite_creator(chat, invite)
-- Whose invite it is.
SELECT created_by FROM chat_invites WHERE id = :invite AND chat_id = :chat;

-- name: chat_invite_delete(chat, invite)
-- From now on it lets nobody in.
DELETE FROM chat_invites WHERE id = :invite AND chat_id = :chat;

-- name: invite_by_token(hash)
-- An invite that has not ended, to a chat or a board; it may be used up, which is nothing to who is in already.
SELECT i.id, i.chat_id, i.board_id, i.role, i.created_by, i.workspace_id
FROM (
    SELECT i.id, chat_id, NULL AS board_id, role, i.created_by, workspace_id, expires_at
    FROM chat_invites i JOIN chats ON chats.id = chat_id WHERE token_hash = :hash
    UNION ALL
    SELECT i.id, NULL, board_id, role, i.created_by, workspace_id, expires_at
    FROM board_invites i JOIN boards ON boards.id = board_id WHERE token_hash = :hash AND deleted_at IS NULL
) i JOIN users ON users.id = created_by
WHERE users.status = 'active' AND expires_at > now();

-- name: chat_invite_shown(invite, user)
-- What an invite leads to, for somebody who may be no member of anything there; no row where it is used up for them.
SELECT row_to_json(shape)::text FROM (
    SELECT chats.id AS chat_id, NULL AS board_id, chats.type, chats.name, chats.description, chats.member_count,
           workspaces.id AS workspace_id, workspaces.name AS workspace_name, i.role,
           inviter.id AS invited_by, inviter.fullname AS invited_by_name, i.expires_at,
           EXISTS (SELECT FROM chat_members m WHERE m.chat_id = chats.id AND m.user_id = :user) AS joined
    FROM chat_invites i JOIN chats ON chats.id = i.chat_id JOIN workspaces ON workspaces.id = chats.workspace_id
    JOIN users inviter ON inviter.id = i.created_by WHERE i.id = :invite
) shape
WHERE joined OR EXISTS (SELECT FROM chat_invites WHERE id = :invite AND (uses < max_uses) IS NOT FALSE);

-- name: chat_invite_use(invite)
-- Counts a use under the row's lock, so that the last one is one person's; no row where there is none left.
UPDATE chat_invites SET uses = uses + 1
WHERE id = :invite AND expires_at > now() AND (uses < max_uses) IS NOT FALSE RETURNING uses;
