-- name: workspace_invitation_add(workspace, user, role, inviter)
-- Invites a user into a workspace.
INSERT INTO workspace_invitations (workspace_id, user_id, role, invited_by) VALUES (:workspace, :user, :role, :inviter)
RETURNING workspace_invitation_json(workspace_invitations)::text;

-- name: workspace_invitations(workspace, after, limit)
-- A page of a workspace's unanswered invitations, by user id.
WITH page AS (
    SELECT user_id AS id, workspace_invitation_json(workspace_invitations) AS item FROM workspace_invitations
    WHERE workspace_id = :workspace AND user_id > :after
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: workspace_invitation_role(workspace, user)
-- The role with which a user was invited; no row if they were not.
SELECT role FROM workspace_invitations WHERE workspace_id = :workspace AND user_id = :user;

-- name: workspace_invitation_withdraw(workspace, user)
-- Withdraws an invitation.
DELETE FROM workspace_invitations WHERE workspace_id = :workspace AND user_id = :user RETURNING user_id;

-- name: invitations_of_user(user, after, limit)
-- A page of the user's invitations, by workspace id.
WITH page AS (
    SELECT workspace_id AS id, workspace_invitation_json(workspace_invitations) AS item FROM workspace_invitations
    WHERE user_id = :user AND workspace_id > :after
    ORDER BY workspace_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: invitation_accept(user, workspace)
-- Accepts an invitation; false if there is none.
SELECT accept_workspace_invitation(:user, :workspace);

-- name: invitation_decline(user, workspace, block)
-- Declines an invitation, and blocks the workspace or the inviter if block names one; false if there is none.
SELECT decline_workspace_invitation(:user, :workspace, :block);

-- name: invitation_blocks(user, after, limit)
-- A page of the user's blocks, by id.
WITH page AS (
    SELECT id, invitation_block_json(invitation_blocks) AS item FROM invitation_blocks
    WHERE user_id = :user AND id > :after
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: invitation_block_lift(user, block_id)
-- Removes a block; no row if the user has none.
DELETE FROM invitation_blocks WHERE id = :block_id AND user_id = :user RETURNING id;
