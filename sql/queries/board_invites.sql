-- name: board_invites(board, after, limit)
-- A page of the invites that have not expired, by id.
WITH page AS (
    SELECT id, board_invite_json(board_invites) AS item FROM board_invites
    WHERE board_id = :board AND id > :after AND expires_at > now()
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: board_invite_create(board, user, hash, role, seconds, max_uses)
-- An invite for so many seconds; a max_uses of null lets any number in.
INSERT INTO board_invites (board_id, created_by, token_hash, role, expires_at, max_uses)
VALUES (:board, :user, :hash, :role, now() + make_interval(secs => :seconds::integer), :max_uses)
RETURNING board_invite_json(board_invites)::text;

-- name: board_invite_creator(board, invite)
-- Whose invite it is.
SELECT created_by FROM board_invites WHERE id = :invite AND board_id = :board;

-- name: board_invite_delete(board, invite)
-- From now on it lets nobody in.
DELETE FROM board_invites WHERE id = :invite AND board_id = :board;

-- name: board_invite_shown(invite, user)
-- What an invite leads to, for somebody who may be no member of anything there; no row where it is used up for them.
SELECT row_to_json(shape)::text FROM (
    SELECT NULL AS chat_id, boards.id AS board_id, NULL AS type, boards.name, NULL AS description, boards.member_count,
           workspaces.id AS workspace_id, workspaces.name AS workspace_name, i.role,
           inviter.id AS invited_by, inviter.fullname AS invited_by_name, i.expires_at,
           EXISTS (SELECT FROM board_members m WHERE m.board_id = boards.id AND m.user_id = :user) AS joined
    FROM board_invites i JOIN boards ON boards.id = i.board_id JOIN workspaces ON workspaces.id = boards.workspace_id
    JOIN users inviter ON inviter.id = i.created_by WHERE i.id = :invite
) shape
WHERE joined OR EXISTS (SELECT FROM board_invites WHERE id = :invite AND (uses < max_uses) IS NOT FALSE);

-- name: board_invite_use(invite)
-- Counts a use under the row's lock, so that the last one is one person's; no row where there is none left.
UPDATE board_invites SET uses = uses + 1
WHERE id = :invite AND expires_at > now() AND (uses < max_uses) IS NOT FALSE RETURNING uses;
