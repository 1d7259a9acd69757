-- name: boards_of_workspace(workspace, user, deleted, search, after, limit)
-- A page of the user's boards in a workspace, by id: those that are there, or the deleted ones that they own.
WITH page AS (
    SELECT board_id AS id, board_json(boards, :user) AS item FROM board_members JOIN boards ON boards.id = board_id
    WHERE user_id = :user AND board_members.workspace_id = :workspace AND board_id > :after
      AND CASE WHEN :deleted THEN deleted_at IS NOT NULL AND role = 'owner' ELSE deleted_at IS NULL END
      AND position(fold_name(:search) IN fold_name(name)) > 0
    ORDER BY board_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: board_lock(board, user)
-- Makes a board, its members and their roles stand still until the end of the transaction. Only its members can.
SELECT true FROM boards
WHERE id = :board AND EXISTS (SELECT FROM board_members WHERE board_id = :board AND user_id = :user)
FOR NO KEY UPDATE;

-- name: board_access(board, user, target)
-- What permissions depend on: the board's size, whether it is deleted, and the roles of the caller and of the member the call
-- is about.
SELECT boards.member_count, boards.deleted_at IS NOT NULL AS deleted, caller.role, target.role AS target_role
FROM boards
LEFT JOIN board_members caller ON caller.board_id = boards.id AND caller.user_id = :user
LEFT JOIN board_members target ON target.board_id = boards.id AND target.user_id = :target
WHERE boards.id = :board;

-- name: board_create(user, workspace, name)
-- A new board, owned by the user.
SELECT create_board(:user, :workspace, :name)::text;

-- name: board_by_id(board, user)
-- A board as the user sees it.
SELECT board_json(boards, :user)::text FROM boards WHERE id = :board;

-- name: board_seq(board)
-- How many updates it has had.
SELECT last_seq FROM boards WHERE id = :board;

-- name: board_update(board, user, name)
-- Null leaves the name as it is.
UPDATE boards SET name = coalesce(:name, name) WHERE id = :board RETURNING board_json(boards, :user)::text;

-- name: board_delete(board)
-- To be restored, until then. To delete it again changes nothing.
UPDATE boards SET deleted_at = now() WHERE id = :board AND deleted_at IS NULL;

-- name: board_restore(board, user)
-- Takes a deletion back.
UPDATE boards SET deleted_at = NULL WHERE id = :board RETURNING board_json(boards, :user)::text;

-- name: board_members(board, after, limit)
-- A page of the members, by user id.
WITH page AS (
    SELECT user_id AS id, board_member_json(board_members, users) AS item FROM board_members JOIN users ON users.id = user_id
    WHERE board_id = :board AND user_id > :after
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: board_member_add(board, user, role, inviter)
-- Lets somebody in.
INSERT INTO board_members (board_id, user_id, role, invited_by) VALUES (:board, :user, :role, :inviter)
RETURNING (SELECT board_member_json(board_members, users) FROM users WHERE id = user_id)::text;

-- name: board_member_set_role(board, user, role)
-- Changes a member's role.
UPDATE board_members SET role = :role WHERE board_id = :board AND user_id = :user
RETURNING (SELECT board_member_json(board_members, users) FROM users WHERE id = user_id)::text;

-- name: board_transfer(board, user, target)
-- Makes another member owner, and the user an editor; as chat_transfer.
UPDATE board_members SET role = CASE WHEN user_id = :target THEN 'owner' ELSE 'editor' END
WHERE board_id = :board AND user_id IN (:user, :target) AND EXISTS (SELECT FROM users WHERE id = :target AND status = 'active')
RETURNING user_id;

-- name: board_member_remove(board, user)
-- Takes somebody out.
DELETE FROM board_members WHERE board_id = :board AND user_id = :user;

-- name: board_thumbnail(board, unless)
-- A board's thumbnail and its version, without the picture if that is the version which the client has already.
SELECT media_type, version, CASE WHEN version IS DISTINCT FROM :unless::text THEN data END AS data
FROM board_thumbnails CROSS JOIN LATERAL (SELECT '"' || (extract(epoch FROM updated_at) * 1000000)::bigint || '"' AS version) etag
WHERE board_id = :board;

-- name: board_thumbnail_set(board, data)
-- In place of the one before.
INSERT INTO board_thumbnails (board_id, data) VALUES (:board, :data)
ON CONFLICT (board_id) DO UPDATE SET data = excluded.data
RETURNING board_thumbnail_json(board_thumbnails)::text;

-- name: board_thumbnail_remove(board)
-- Without one it has none.
DELETE FROM board_thumbnails WHERE board_id = :board;
