-- name: document_members(kind, document, after, limit)
-- A page of the members, by user id.
WITH page AS (
    SELECT user_id AS id, document_member_json(m, users) AS item FROM document_members m JOIN users ON users.id = user_id
    WHERE document_id = :document AND m.kind = :kind AND user_id > :after
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: document_member_add(kind, document, user, role, inviter)
-- Adds a member.
INSERT INTO document_members AS m (document_id, user_id, role, invited_by)
SELECT id, :user, :role, :inviter FROM documents WHERE id = :document AND kind = :kind
RETURNING (SELECT document_member_json(m, users) FROM users WHERE id = m.user_id)::text;

-- name: document_member_set_role(kind, document, user, role)
-- Changes a member's role.
UPDATE document_members m SET role = :role WHERE document_id = :document AND kind = :kind AND user_id = :user
RETURNING (SELECT document_member_json(m, users) FROM users WHERE id = m.user_id)::text;

-- name: document_transfer(kind, document, user, target)
-- Makes another member the owner, and the user an editor; as chat_transfer.
UPDATE document_members SET role = CASE WHEN user_id = :target THEN 'owner' ELSE 'editor' END
WHERE document_id = :document AND kind = :kind AND user_id IN (:user, :target)
  AND EXISTS (SELECT FROM users WHERE id = :target AND status = 'active')
RETURNING user_id;

-- name: document_member_remove(kind, document, user)
-- Removes a member.
DELETE FROM document_members WHERE document_id = :document AND kind = :kind AND user_id = :user;
