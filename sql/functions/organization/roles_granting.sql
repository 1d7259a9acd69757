-- Nobody grants what they lack: what the acting user would grant is compared with what they may do themselves. An operator in
-- psql, without an acting user, grants what they want.

-- Those of a role's permissions that mean something where it is bound.
CREATE FUNCTION permissions_within(permissions text[], b role_bindings) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(permission), '{}') FROM unnest(permissions) AS permission
    WHERE CASE WHEN b.workspace_id IS NOT NULL THEN permission NOT LIKE 'organization.%'
               WHEN b.chat_id IS NOT NULL OR b.scope_department_id IS NOT NULL THEN permission LIKE 'chat.%'
               WHEN b.document_id IS NOT NULL THEN permission LIKE 'document.%'
               ELSE true END
$$;

-- Whether somebody may hand on a permission in all of a workspace. What chats' and documents' own members may do there is its
-- owners' to hand on.
CREATE FUNCTION hands_on_in_workspace(person bigint, permission text, workspace bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN permission LIKE 'workspace.%' THEN has_by_membership(person, permission, 'workspace', workspace)
                ELSE role_at(person, 'workspace', workspace) = 'owner' END
$$;

-- What somebody would grant by a binding with these permissions, and may not do themselves everywhere that it reaches, as a
-- member: what they may do by a role, perhaps for an hour, is not theirs to hand on. Who makes members of a place adds them.
-- In a whole organisation only its owners hand on what is its workspaces' affair.
CREATE FUNCTION lacked_permissions(person bigint, permissions text[], b role_bindings) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(permission ORDER BY permission), '{}') FROM unnest(permissions_within(permissions, b)) AS permission
    WHERE (CASE
        WHEN b.chat_id IS NOT NULL THEN
            has_by_membership(person, permission, 'chat', b.chat_id)
            AND (permission <> ALL (permissions_showing()) OR has_by_membership(person, 'chat.add_member', 'chat', b.chat_id))
        WHEN b.document_id IS NOT NULL THEN (
            SELECT has_by_membership(person, permission, d.kind, d.id)
                   AND (permission <> ALL (permissions_showing()) OR has_by_membership(person, 'document.add_member', d.kind, d.id))
            FROM documents d WHERE d.id = b.document_id)
        WHEN b.scope_department_id IS NOT NULL THEN NOT EXISTS (
            SELECT FROM department_tree t JOIN department_chats f ON f.department_id = t.department_id
            WHERE t.ancestor_id = b.scope_department_id AND NOT has_by_membership(person, permission, 'chat', f.chat_id))
        WHEN b.workspace_id IS NOT NULL THEN hands_on_in_workspace(person, permission, b.workspace_id)
        WHEN permission LIKE 'organization.%' THEN has_by_membership(person, permission, 'organization', b.organization_id)
        ELSE role_at(person, 'organization', b.organization_id) = 'owner' AND NOT EXISTS (
            SELECT FROM workspaces w WHERE w.organization_id = b.organization_id AND NOT hands_on_in_workspace(person, permission, w.id))
    END) IS NOT TRUE
$$;

-- Refuses the acting user's granting these permissions by a binding.
CREATE FUNCTION require_held(permissions text[], b role_bindings) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    lacked text[];
BEGIN
    IF acting_user() IS NOT NULL THEN
        lacked := lacked_permissions(acting_user(), permissions, b);
        IF lacked <> '{}' THEN
            RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'granted_is_held',
                MESSAGE = format('user %s may not do this themselves everywhere that binding %s reaches: %s', acting_user(), b.id,
                                 array_to_string(lacked, ', ')),
                HINT = 'Nobody grants what they lack.';
        END IF;
    END IF;
END
$$;

-- The same of these bindings as they are, which somebody comes to be reached by.
CREATE FUNCTION require_all_held(bindings bigint[]) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM require_held(r.permissions, b) FROM role_bindings b JOIN roles r ON r.id = b.role_id WHERE b.id = ANY (bindings) ORDER BY b.id;
END
$$;

-- Whether the acting user keeps the organisation's roles, or nobody acts.
CREATE FUNCTION require_roles_kept(organization bigint) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF acting_user() IS NOT NULL AND NOT has_by_membership(acting_user(), 'organization.keep_roles', 'organization', organization) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'roles_are_kept_by_admins',
            MESSAGE = format('user %s is no admin of organisation %s', acting_user(), organization);
    END IF;
END
$$;
