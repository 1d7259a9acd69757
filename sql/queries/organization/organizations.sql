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

-- name: organization_members(organization, words, patterns, department, kind, ids, after, limit)
-- A page of its people, by user id, with their appointments: all, or those whom each word finds as in the directory, in a
-- department and those below it, of a kind, with one of these ids.
WITH page AS (
    SELECT m.user_id AS id, with_fields(organization_member_json(m), json_build_object(
               'appointments', (SELECT coalesce(json_agg(appointment_json(a) ORDER BY a.is_primary DESC, a.id), '[]') FROM unnest(shown) a),
               'manager_fullname', (SELECT fullname FROM users manager WHERE manager.id = m.manager_id),
               'is_suspended_here', EXISTS (SELECT FROM suspensions s WHERE (s.user_id, s.source) = (m.user_id, suspending_source(:organization))))) AS item
    FROM organization_members m JOIN users ON users.id = m.user_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(a ORDER BY a.is_primary DESC, a.id), '{}') AS shown FROM appointments a
        WHERE a.organization_id = m.organization_id AND a.user_id = m.user_id AND a.is_current
    ) seen
    WHERE m.organization_id = :organization AND m.user_id > :after AND (:kind::text IS NULL OR m.kind = :kind)
      AND (:ids::bigint[] IS NULL OR m.user_id = ANY (:ids))
      AND (:department::bigint IS NULL OR EXISTS (
               SELECT FROM unnest(shown) a JOIN department_tree t ON t.department_id = a.department_id WHERE t.ancestor_id = :department))
      AND is_meant(users, shown, :words, :patterns)
    ORDER BY m.user_id LIMIT :limit + 1
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
