-- name: granted(user, kind, place)
-- What bound roles permit the user in a place now, beyond their membership.
SELECT granted_permissions(:user, :kind, :place);

-- name: permission_sources(user, permission, kind, place)
-- The membership and the bindings by which the user may do it in a place.
SELECT permission_sources(:user, :permission, :kind, :place)::text;

-- name: permissions_list()
-- Every permission: the roles that it needs, whether an organisation's role can have it, whether it can be done for somebody else.
SELECT coalesce(json_agg(row_to_json(shape) ORDER BY name), '[]')::text FROM (
    SELECT name, split_part(name, '.', 1) AS kind, needed, name = ANY (permissions_bindable()) AS bindable,
           name = ANY (permissions_showing()) AS shows, delegable
    FROM permissions_known() JOIN permissions_needed() USING (name)
) shape;

-- name: roles_of(organization, after, limit)
-- A page of the roles, by id, built-in ones too.
WITH page AS (
    SELECT r.id, role_json(r) AS item FROM roles r
    WHERE (organization_id = :organization OR organization_id IS NULL) AND r.id > :after ORDER BY r.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: role_create(organization, name, description, permissions)
-- A new role.
INSERT INTO roles (organization_id, name, description, permissions) VALUES (:organization, :name, :description, :permissions)
RETURNING role_json(roles)::text;

-- name: role_update(organization, role, name, description, permissions)
-- Null leaves a name, a description or the permissions as they are.
UPDATE roles SET name = coalesce(:name, name), description = coalesce(:description, description), permissions = coalesce(:permissions, permissions)
WHERE id = :role AND organization_id = :organization RETURNING role_json(roles)::text;

-- name: role_delete(organization, role)
-- Deletes it with its bindings.
DELETE FROM roles WHERE id = :role AND organization_id = :organization RETURNING id;

-- name: role_bindings_of(organization, role, user, after, limit)
-- A page of the bindings, by id: all, those of a role, those that reach a user.
WITH page AS (
    SELECT b.id, role_binding_json(b) AS item FROM role_bindings b
    WHERE b.organization_id = :organization AND b.id > :after AND (:role::bigint IS NULL OR b.role_id = :role)
      AND (:user::bigint IS NULL OR b.id IN (SELECT id FROM bindings_of(:organization, :user)))
    ORDER BY b.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: role_bind(organization, role, user, group, department, with_below, workspace, scope_department, chat, document, kind, ends_at)
-- A new binding; null if there is no document of this kind.
SELECT bind_role(:organization, :role, :user, :group, :department, :with_below, :workspace, :scope_department, :chat, :document, :kind,
                 :ends_at)::text;

-- name: role_binding_update(organization, binding, ends_at)
-- It ends then; null: it does not.
UPDATE role_bindings SET ends_at = :ends_at WHERE id = :binding AND organization_id = :organization
RETURNING role_binding_json(role_bindings)::text;

-- name: role_binding_delete(organization, binding)
-- From here on it grants nothing.
DELETE FROM role_bindings WHERE id = :binding AND organization_id = :organization RETURNING id;

-- name: role_bindings_expire()
-- Deletes those that have ended, and so ends what they showed.
DELETE FROM role_bindings WHERE id IN (
    SELECT id FROM role_bindings WHERE ends_at <= now() ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING id;
