-- name: organization_lock(organization, user)
-- Locks the roles in an organisation until the end of the transaction, for its people only.
SELECT true FROM organizations
WHERE id = :organization AND EXISTS (SELECT FROM organization_members WHERE organization_id = :organization AND user_id = :user)
FOR NO KEY UPDATE;

-- name: organization_access(organization, user, target)
-- What permissions depend on: kind and role of the caller, and the role of the member concerned.
SELECT caller.role, caller.kind, target.role AS target_role
FROM organizations
LEFT JOIN organization_members caller ON caller.organization_id = organizations.id AND caller.user_id = :user
LEFT JOIN organization_members target ON target.organization_id = organizations.id AND target.user_id = :target
WHERE organizations.id = :organization;

-- name: organization_create(user, name)
-- A new organisation, owned by the user.
SELECT create_organization(:user, :name)::text;

-- name: organization_by_id(organization, user)
-- An organisation as the user has it.
SELECT own_organization_json(o, m)::text FROM organizations o JOIN organization_members m ON m.organization_id = o.id
WHERE o.id = :organization AND m.user_id = :user;

-- name: organizations_of_user(user, after, limit)
-- A page of the user's organisations, by id.
WITH page AS (
    SELECT o.id, own_organization_json(o, m) AS item FROM organization_members m JOIN organizations o ON o.id = m.organization_id
    WHERE m.user_id = :user AND o.id > :after ORDER BY o.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: organization_rename(organization, name)
-- Names it anew.
UPDATE organizations SET name = :name WHERE id = :organization;

-- name: organization_delete(organization)
-- Deletes it with its directory; its workspaces have left it before.
DELETE FROM organizations WHERE id = :organization;

-- name: organization_members(organization, after, limit)
-- A page of its people, by user id.
WITH page AS (
    SELECT user_id AS id, organization_member_json(m) AS item FROM organization_members m
    WHERE organization_id = :organization AND user_id > :after ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: organization_member_add(organization, user, kind, role)
-- Adds one of its people.
INSERT INTO organization_members (organization_id, user_id, kind, role) VALUES (:organization, :user, :kind, :role)
RETURNING organization_member_json(organization_members)::text;

-- name: organization_member_update(organization, user, kind, role, set_manager, manager)
-- Null leaves a kind or role as it is; the manager is set if set_manager says so, to null too.
UPDATE organization_members SET kind = coalesce(:kind, kind), role = coalesce(:role, role),
    manager_id = CASE WHEN :set_manager THEN :manager ELSE manager_id END
WHERE organization_id = :organization AND user_id = :user RETURNING organization_member_json(organization_members)::text;

-- name: organization_member_remove(organization, user)
-- Removes one of its people, and so from its workspaces.
DELETE FROM organization_members WHERE organization_id = :organization AND user_id = :user;

-- name: organization_workspaces(organization, after, limit)
-- A page of its workspaces, by id: their names, and how many members they have.
WITH page AS (
    SELECT id, row_to_json(shape) AS item FROM workspaces w CROSS JOIN LATERAL (
        SELECT w.id AS workspace_id, w.name, (SELECT count(*) FROM workspace_members m WHERE m.workspace_id = w.id) AS member_count) shape
    WHERE organization_id = :organization AND id > :after ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: organization_workspace_put(organization, workspace)
-- Puts a workspace that is in no other organisation into this one; nothing if it is in another.
UPDATE workspaces SET organization_id = :organization
WHERE id = :workspace AND (organization_id IS NULL OR organization_id = :organization) RETURNING id;

-- name: organization_workspace_take(organization, workspace)
-- Takes a workspace out of the organisation.
UPDATE workspaces SET organization_id = NULL WHERE id = :workspace AND organization_id = :organization;

-- name: organization_feature_set(organization, name, enabled)
-- Switches a feature for the organisation; what is so already stays.
INSERT INTO organization_features (organization_id, name, enabled) VALUES (:organization, :name, :enabled)
ON CONFLICT (organization_id, name) DO UPDATE SET enabled = excluded.enabled;

-- name: organization_feature_reset(organization, name)
-- From here on the organisation has the feature if the server has.
DELETE FROM organization_features WHERE organization_id = :organization AND name = :name;
