-- name: workspaces_of_user(user, workspace, after, limit)
-- A page of the user's workspaces, by id: all, or one.
WITH page AS (
    SELECT workspace_id AS id, workspace_json(workspaces, role) AS item FROM workspace_members JOIN workspaces ON workspaces.id = workspace_id
    WHERE user_id = :user AND workspace_id > :after AND (:workspace::bigint IS NULL OR workspace_id = :workspace)
    ORDER BY workspace_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: workspace_home(user)
-- The default workspace of a new chat: the one in which its creator has been longest.
SELECT workspace_id FROM workspace_members WHERE user_id = :user ORDER BY joined_at, workspace_id LIMIT 1;

-- name: workspace_lock(workspace, user)
-- Locks the roles in a workspace until the end of the transaction, for its members only.
SELECT true FROM workspaces
WHERE id = :workspace AND EXISTS (SELECT FROM workspace_members WHERE workspace_id = :workspace AND user_id = :user)
FOR NO KEY UPDATE;

-- name: workspace_access(workspace, user, target)
-- What permissions depend on: the roles of the caller and of the member concerned.
SELECT caller.role, target.role AS target_role
FROM workspaces
LEFT JOIN workspace_members caller ON caller.workspace_id = workspaces.id AND caller.user_id = :user
LEFT JOIN workspace_members target ON target.workspace_id = workspaces.id AND target.user_id = :target
WHERE workspaces.id = :workspace;

-- name: workspace_create(user, name, description)
-- A new workspace, owned by the user.
SELECT create_workspace(:user, :name, :description)::text;

-- name: workspace_by_id(workspace, user)
-- A workspace as the user sees it.
SELECT workspace_json(workspaces, role)::text
FROM workspaces JOIN workspace_members ON workspace_id = id AND user_id = :user WHERE id = :workspace;

-- name: workspace_update(workspace, name, description, set_retention, retention_days, show_emails, link_previews, public_publishing, set_icon, icon_file)
-- Null leaves a name, a description, show_emails, link_previews or public_publishing as it is; the retention is set if
-- set_retention says so, and the icon if set_icon does, to null too.
UPDATE workspaces SET name = coalesce(:name, name), description = coalesce(:description, description),
    retention_days = CASE WHEN :set_retention THEN :retention_days ELSE retention_days END,
    show_emails = coalesce(:show_emails, show_emails), link_previews = coalesce(:link_previews, link_previews),
    public_publishing = coalesce(:public_publishing, public_publishing),
    icon_file_id = CASE WHEN :set_icon THEN :icon_file ELSE icon_file_id END
WHERE id = :workspace;

-- name: workspace_delete(workspace)
-- Deletes it with everything in it.
DELETE FROM workspaces WHERE id = :workspace;

-- name: workspace_members(workspace, words, after, limit)
-- A page of the members, by user id: of those whose full or user names have all of these words.
WITH page AS (
    SELECT user_id AS id, workspace_member_json(workspace_members) AS item FROM workspace_members JOIN users ON users.id = user_id
    WHERE workspace_id = :workspace AND user_id > :after
      AND NOT EXISTS (SELECT FROM unnest(:words::text[]) word
                      WHERE position(fold_name(word) IN fold_name(fullname)) = 0
                        AND position(fold_name(word) IN fold_name(username)) = 0)
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: user_find(user, email, username)
-- The id of the user who is named by id, by address or by user name.
SELECT id FROM users WHERE id = :user OR lower(email) = lower(:email) OR lower(username) = lower(:username);

-- name: workspace_member_add(workspace, user, role)
-- Adds a member.
INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (:workspace, :user, :role)
RETURNING workspace_member_json(workspace_members)::text;

-- name: workspace_member_set_role(workspace, user, role)
-- Changes a member's role.
UPDATE workspace_members SET role = :role WHERE workspace_id = :workspace AND user_id = :user
RETURNING workspace_member_json(workspace_members)::text;

-- name: workspace_member_remove(workspace, user)
-- Removes a member, and so from the workspace's chats.
DELETE FROM workspace_members WHERE workspace_id = :workspace AND user_id = :user;
