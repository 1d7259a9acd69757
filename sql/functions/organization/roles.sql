-- Roles: sets of permissions, bound to people, groups and departments (ADR 76). Bindings only ever add to what a member of a
-- place may do. One function says what they add: granted_permissions().

-- The least role that each permission needs: of its place or, for a chat, by its type (Single, Group, PrivateChannel and
-- PublicChannel). chat_server/access/actions.py has the same table.
CREATE FUNCTION permissions_needed() RETURNS TABLE (name text, needed text[]) LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('organization.see', '{member}'::text[]),
        ('organization.leave', '{member}'),
        ('organization.read_directory', '{member}'),
        ('organization.list_people', '{admin}'),
        ('organization.add_person', '{admin}'),
        ('organization.change_role', '{admin}'),
        ('organization.remove_person', '{admin}'),
        ('organization.keep_directory', '{admin}'),
        ('organization.publish_announcements', '{admin}'),
        ('organization.keep_roles', '{admin}'),
        ('organization.handle_personal_data', '{owner}'),
        ('organization.see_online_time', '{admin}'),
        ('organization.see_figures', '{admin}'),
        ('organization.see_sessions', '{admin}'),
        ('organization.suspend', '{admin}'),
        ('organization.read_audit_log', '{owner}'),
        ('organization.rename', '{admin}'),
        ('organization.put_workspace', '{owner}'),
        ('organization.choose_features', '{owner}'),
        ('organization.delete', '{owner}'),
        ('workspace.see', '{member}'),
        ('workspace.list_members', '{member}'),
        ('workspace.see_presence', '{member}'),
        ('workspace.see_storage', '{member}'),
        ('workspace.create_chat', '{member}'),
        ('workspace.create_board', '{member}'),
        ('workspace.add_emoji', '{member}'),
        ('workspace.create_page', '{member}'),
        ('workspace.create_bot', '{admin}'),
        ('workspace.manage_bots', '{admin}'),
        ('workspace.manage_apps', '{admin}'),
        ('workspace.leave', '{member}'),
        ('workspace.rename', '{admin}'),
        ('workspace.add_member', '{admin}'),
        ('workspace.change_role', '{admin}'),
        ('workspace.remove_member', '{admin}'),
        ('workspace.remove_emoji', '{admin}'),
        ('workspace.set_retention', '{owner}'),
        ('workspace.show_addresses', '{owner}'),
        ('workspace.fetch_links', '{admin}'),
        ('workspace.choose_sign_in', '{owner}'),
        ('workspace.handle_reports', '{admin}'),
        ('workspace.read_audit_log', '{owner}'),
        ('workspace.hold', '{owner}'),
        ('workspace.export_cases', '{owner}'),
        ('workspace.set_dlp_rules', '{owner}'),
        ('workspace.review_held', '{owner}'),
        ('workspace.allow_public_pages', '{admin}'),
        ('workspace.delete', '{owner}'),
        ('chat.see', '{member,member,member,workspace member}'),
        ('chat.list_members', '{member,member,member,member}'),
        ('chat.read_messages', '{member,member,member,member}'),
        ('chat.post_message', '{member,member,member,member}'),
        ('chat.edit_own_messages', '{member,member,member,member}'),
        ('chat.delete_others_messages', '{nobody,admin,admin,admin}'),
        ('chat.react', '{member,member,member,member}'),
        ('chat.pin', '{member,member,admin,admin}'),
        ('chat.follow_thread', '{member,member,member,member}'),
        ('chat.report_typing', '{member,member,member,member}'),
        ('chat.report_message', '{member,member,member,member}'),
        ('chat.move_read_marker', '{member,member,member,member}'),
        ('chat.see_readers', '{member,member,member,member}'),
        ('chat.choose_notifications', '{member,member,member,member}'),
        ('chat.keep_draft', '{member,member,member,member}'),
        ('chat.join', '{nobody,nobody,workspace member,workspace member}'),
        ('chat.leave', '{nobody,member,member,member}'),
        ('chat.rename', '{owner,admin,admin,admin}'),
        ('chat.add_member', '{nobody,member,admin,admin}'),
        ('chat.change_role', '{nobody,admin,admin,admin}'),
        ('chat.remove_member', '{nobody,admin,admin,admin}'),
        ('chat.silence_member', '{nobody,admin,admin,admin}'),
        ('chat.ban', '{nobody,admin,admin,admin}'),
        ('chat.invite', '{nobody,member,admin,admin}'),
        ('chat.revoke_invites', '{nobody,admin,admin,admin}'),
        ('chat.set_password', '{nobody,nobody,admin,nobody}'),
        ('chat.archive', '{nobody,admin,admin,admin}'),
        ('chat.transfer', '{nobody,owner,owner,owner}'),
        ('chat.set_retention', '{owner,owner,owner,owner}'),
        ('chat.delete', '{owner,owner,owner,owner}'),
        ('document.see', '{viewer}'),
        ('document.list_members', '{viewer}'),
        ('document.leave', '{viewer}'),
        ('document.rename', '{editor}'),
        ('document.attach_file', '{editor}'),
        ('document.edit', '{editor}'),
        ('document.make_version', '{editor}'),
        ('document.delete_versions', '{owner}'),
        ('document.comment', '{viewer}'),
        ('document.resolve_comments', '{editor}'),
        ('document.delete_comments', '{owner}'),
        ('document.publish', '{editor}'),
        ('document.add_member', '{editor}'),
        ('document.invite', '{editor}'),
        ('document.revoke_invites', '{owner}'),
        ('document.change_role', '{owner}'),
        ('document.remove_member', '{owner}'),
        ('document.transfer', '{owner}'),
        ('document.see_quarantine', '{owner}'),
        ('document.delete', '{owner}')
$$;

-- What lets somebody see a place makes them a member of it: of a chat, or of a document as a viewer or an editor. A role with
-- these is bound to that place alone.
CREATE FUNCTION permissions_showing() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['chat.read_messages', 'document.see', 'document.edit']
$$;

-- What a role of an organisation's own may permit: nothing that hands on rights, credentials or ownership.
CREATE FUNCTION permissions_bindable() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY[
        'organization.list_people', 'organization.add_person', 'organization.remove_person', 'organization.keep_directory',
        'organization.rename', 'organization.publish_announcements', 'organization.see_figures', 'organization.read_audit_log',
        'workspace.rename', 'workspace.add_member', 'workspace.remove_member', 'workspace.remove_emoji',
        'workspace.fetch_links', 'workspace.allow_public_pages', 'workspace.handle_reports', 'workspace.read_audit_log',
        'workspace.hold', 'workspace.export_cases', 'workspace.set_dlp_rules', 'workspace.review_held', 'chat.pin',
        'chat.rename', 'chat.add_member', 'chat.remove_member', 'chat.silence_member', 'chat.ban', 'chat.invite',
        'chat.revoke_invites', 'chat.archive', 'chat.delete_others_messages', 'document.rename', 'document.delete_versions',
        'document.resolve_comments', 'document.delete_comments', 'document.publish', 'document.add_member', 'document.invite',
        'document.revoke_invites', 'document.remove_member', 'document.see_quarantine'
    ] || permissions_showing()
$$;

CREATE FUNCTION role_rank(role text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN role IN ('member', 'viewer') THEN 1 WHEN role IN ('admin', 'editor') THEN 2 WHEN role = 'owner' THEN 3 ELSE 0 END
$$;

CREATE FUNCTION role_suffices(role text, needed text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT needed = 'workspace member' AND role IS NOT NULL OR role_rank(needed) > 0 AND role_rank(role) >= role_rank(needed)
$$;

-- The permissions of a role: of a built-in one, those for which it suffices, in some chats at least.
CREATE FUNCTION role_permissions(r roles) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN r.organization_id IS NOT NULL THEN r.permissions ELSE (
        SELECT coalesce(array_agg(p.name ORDER BY p.name), '{}') FROM permissions_needed() p
        WHERE CASE
            WHEN r.name = 'guest' THEN p.name IN ('organization.see', 'organization.leave')
            WHEN r.name IN ('editor', 'viewer') AND p.name NOT LIKE 'document.%' OR r.name IN ('admin', 'member') AND p.name LIKE 'document.%' THEN false
            ELSE EXISTS (SELECT FROM unnest(p.needed) AS needed WHERE role_suffices(r.name, needed)) END) END
$$;

CREATE FUNCTION role_json(r roles) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.id, r.organization_id, r.name, r.description, role_permissions(r) AS permissions, r.organization_id IS NULL AS built_in,
               r.source, r.created_at, r.updated_at
    ) shape
$$;

-- Somebody's role in a place, by membership alone.
CREATE FUNCTION role_at(person bigint, kind text, place bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE kind
        WHEN 'organization' THEN (SELECT CASE m.kind WHEN 'member' THEN m.role ELSE 'guest' END FROM organization_members m
                                  WHERE m.organization_id = place AND m.user_id = person)
        WHEN 'workspace' THEN (SELECT role FROM workspace_members m WHERE m.workspace_id = place AND m.user_id = person)
        WHEN 'chat' THEN (SELECT role FROM chat_members m WHERE m.chat_id = place AND m.user_id = person)
        ELSE (SELECT role FROM document_members m WHERE m.document_id = place AND m.user_id = person AND m.kind = role_at.kind)
    END
$$;

-- The least role that a permission needs in a place; null if it is one of another kind of place. A private channel with a
-- password is seen by those who could join it.
CREATE FUNCTION needed_at(permission text, kind text, place bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN split_part(permission, '.', 1) <> CASE WHEN kind IN ('board', 'page') THEN 'document' ELSE kind END THEN NULL
        WHEN kind <> 'chat' THEN p.needed[1]
        ELSE (SELECT p.needed[array_position('{Single,Group,PrivateChannel,PublicChannel}'::text[],
                  CASE WHEN permission = 'chat.see' AND c.password_hash IS NOT NULL THEN 'PublicChannel' ELSE c.type END)]
              FROM chats c WHERE c.id = place)
    END FROM permissions_needed() p WHERE p.name = permission
$$;

-- Whether a membership alone permits it.
CREATE FUNCTION has_by_membership(person bigint, permission text, kind text, place bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE
        WHEN needed = 'workspace member' THEN role_at(person, 'workspace', workspace_of_place(kind, place)) IS NOT NULL
        WHEN role = 'guest' THEN permission IN ('organization.see', 'organization.leave')
        ELSE role_suffices(role, needed) END, false)
    FROM (SELECT needed_at(permission, kind, place) AS needed, role_at(person, kind, place) AS role) there
$$;

-- The bindings that reach somebody and a place now. None where the feature is off, for whoever is not in the place, and in
-- Single chats.
CREATE FUNCTION bindings_at(person bigint, kind text, place bigint) RETURNS SETOF role_bindings LANGUAGE plpgsql STABLE ROWS 5
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    home bigint;
    organization bigint;
BEGIN
    CASE kind
        WHEN 'chat' THEN
            SELECT m.workspace_id, w.organization_id INTO home, organization
            FROM chat_members m JOIN chats c ON c.id = m.chat_id JOIN workspaces w ON w.id = m.workspace_id
            WHERE m.chat_id = place AND m.user_id = person AND c.type <> 'Single';
        WHEN 'workspace' THEN
            SELECT w.id, w.organization_id INTO home, organization FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
            WHERE m.workspace_id = place AND m.user_id = person;
        WHEN 'organization' THEN
            organization := place;
        ELSE
            SELECT m.workspace_id, w.organization_id INTO home, organization
            FROM document_members m JOIN workspaces w ON w.id = m.workspace_id
            WHERE m.document_id = place AND m.user_id = person AND m.kind = bindings_at.kind;
    END CASE;
    IF organization IS NULL OR NOT feature_enabled('enable_user_roles', organization)
       OR NOT EXISTS (SELECT FROM organization_members m WHERE m.organization_id = organization AND m.user_id = person AND m.kind = 'member') THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT DISTINCT ON (b.id) b.* FROM bindings_of(organization, person) b
        WHERE (b.ends_at > now()) IS NOT FALSE
          AND CASE WHEN b.workspace_id IS NOT NULL THEN b.workspace_id = home
                   WHEN b.chat_id IS NOT NULL THEN kind = 'chat' AND b.chat_id = place
                   WHEN b.document_id IS NOT NULL THEN kind IN ('board', 'page') AND b.document_id = place
                   WHEN b.scope_department_id IS NOT NULL THEN kind = 'chat' AND EXISTS (
                       SELECT FROM department_chats f JOIN department_tree t ON t.department_id = f.department_id
                       WHERE f.chat_id = place AND t.ancestor_id = b.scope_department_id)
                   ELSE true END;
END
$$;

-- What bound roles permit somebody in a place now, beyond their membership. Without one: nothing.
CREATE FUNCTION granted_permissions(person bigint, kind text, place bigint) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT permission), '{}')
            FROM bindings_at(person, kind, place) b JOIN roles r ON r.id = b.role_id CROSS JOIN unnest(r.permissions) AS permission);
END
$$;

-- Whether somebody may do something in a place, by their membership or by a role.
CREATE FUNCTION holds(person bigint, permission text, kind text, place bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT has_by_membership(person, permission, kind, place)
        OR needed_at(permission, kind, place) <> 'nobody' AND permission = ANY (granted_permissions(person, kind, place))
$$;

-- Why somebody may do something in a place: their membership, and each binding. Empty: they may not.
CREATE FUNCTION permission_sources(person bigint, permission text, kind text, place bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(source), '[]') FROM (
        SELECT json_build_object('source', 'membership', 'role', coalesce(role_at(person, kind, place), 'member'), 'binding', NULL) AS source
        WHERE has_by_membership(person, permission, kind, place)
        UNION ALL
        SELECT json_build_object('source', 'binding', 'role', r.name, 'binding', role_binding_json(b))
        FROM bindings_at(person, kind, place) b JOIN roles r ON r.id = b.role_id
        WHERE permission = ANY (r.permissions) AND needed_at(permission, kind, place) <> 'nobody'
    ) sources
$$;

-- A new binding; null if there is no document of this kind.
CREATE FUNCTION bind_role(
    organization bigint, role bigint, person bigint, "group" bigint, department bigint, with_below boolean,
    workspace bigint, scope_department bigint, chat bigint, document bigint, kind text, ends_at timestamptz
) RETURNS json LANGUAGE sql AS $$
    INSERT INTO role_bindings (organization_id, role_id, user_id, group_id, department_id, with_below, workspace_id, scope_department_id,
                               chat_id, document_id, ends_at)
    SELECT organization, role, person, "group", department, bind_role.with_below, workspace, scope_department, chat, document, bind_role.ends_at
    WHERE document IS NULL OR workspace_of_place(kind, document) IS NOT NULL
    RETURNING role_binding_json(role_bindings)
$$;

-- Tells these people at COMMIT what they then have in the organisations of these bindings.
CREATE FUNCTION tell_roles(bindings bigint[], people bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT tell_organization(m.organization_id, m.user_id) FROM organization_members m
    WHERE m.organization_id IN (SELECT b.organization_id FROM role_bindings b WHERE b.id = ANY (bindings)) AND m.user_id = ANY (people)
    ORDER BY m.organization_id, m.user_id
$$;
