-- Acting for somebody else (ADR 75). One function decides what a delegate may do for a principal at a place:
-- delegated_permissions(). That the principal may do it is decided where it always is.

-- Every permission by its stable name (chat_server/access/names.py), and whether it may be done for somebody else.
CREATE FUNCTION permissions_known() RETURNS TABLE (name text, delegable boolean) LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('organization.see', false),
        ('organization.leave', false),
        ('organization.read_directory', false),
        ('organization.list_people', false),
        ('organization.add_person', false),
        ('organization.change_role', false),
        ('organization.remove_person', false),
        ('organization.keep_directory', false),
        ('organization.publish_announcements', false),
        ('organization.keep_roles', false),
        ('organization.see_figures', false),
        ('organization.handle_personal_data', false),
        ('organization.see_online_time', false),
        ('organization.see_sessions', false),
        ('organization.suspend', false),
        ('organization.read_audit_log', false),
        ('organization.rename', false),
        ('organization.put_workspace', false),
        ('organization.choose_features', false),
        ('organization.delete', false),
        ('workspace.see', true),
        ('workspace.list_members', true),
        ('workspace.see_presence', false),
        ('workspace.see_storage', false),
        ('workspace.create_chat', false),
        ('workspace.create_board', false),
        ('workspace.add_emoji', false),
        ('workspace.create_page', false),
        ('workspace.leave', false),
        ('workspace.rename', false),
        ('workspace.add_member', false),
        ('workspace.change_role', false),
        ('workspace.remove_member', false),
        ('workspace.remove_emoji', false),
        ('workspace.set_retention', false),
        ('workspace.show_addresses', false),
        ('workspace.fetch_links', false),
        ('workspace.choose_sign_in', false),
        ('workspace.handle_reports', true),
        ('workspace.read_audit_log', false),
        ('workspace.hold', false),
        ('workspace.export_cases', false),
        ('workspace.set_dlp_rules', false),
        ('workspace.review_held', false),
        ('workspace.allow_public_pages', false),
        ('workspace.create_bot', false),
        ('workspace.manage_bots', false),
        ('workspace.manage_apps', false),
        ('workspace.delete', false),
        ('chat.see', true),
        ('chat.list_members', true),
        ('chat.read_messages', true),
        ('chat.post_message', true),
        ('chat.edit_own_messages', true),
        ('chat.delete_others_messages', true),
        ('chat.react', false),
        ('chat.pin', false),
        ('chat.follow_thread', false),
        ('chat.report_typing', false),
        ('chat.report_message', false),
        ('chat.move_read_marker', false),
        ('chat.see_readers', true),
        ('chat.choose_notifications', false),
        ('chat.keep_draft', false),
        ('chat.join', false),
        ('chat.leave', false),
        ('chat.rename', true),
        ('chat.add_member', false),
        ('chat.change_role', false),
        ('chat.remove_member', false),
        ('chat.silence_member', false),
        ('chat.ban', false),
        ('chat.invite', false),
        ('chat.revoke_invites', false),
        ('chat.set_password', false),
        ('chat.archive', true),
        ('chat.transfer', false),
        ('chat.set_retention', false),
        ('chat.delete', false),
        ('document.see', true),
        ('document.list_members', true),
        ('document.leave', false),
        ('document.rename', false),
        ('document.attach_file', false),
        ('document.edit', false),
        ('document.make_version', false),
        ('document.delete_versions', false),
        ('document.comment', false),
        ('document.resolve_comments', false),
        ('document.delete_comments', false),
        ('document.publish', false),
        ('document.add_member', false),
        ('document.invite', false),
        ('document.revoke_invites', false),
        ('document.change_role', false),
        ('document.remove_member', false),
        ('document.transfer', false),
        ('document.see_quarantine', false),
        ('document.delete', false)
$$;

-- Open delegations of one principal, and to one delegate.
CREATE FUNCTION most_delegations() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

CREATE FUNCTION delegation_json(d delegations) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT d.id, d.principal_id, d.delegate_id, d.permissions, d.workspace_id, d.chat_id,
               CASE kind WHEN 'board' THEN d.document_id END AS board_id, CASE kind WHEN 'page' THEN d.document_id END AS page_id,
               d.starts_at, d.ends_at, d.reason, d.created_at, d.accepted_at, d.revoked_at
        FROM (SELECT (SELECT documents.kind FROM documents WHERE documents.id = d.document_id) AS kind) place
    ) shape
$$;

-- The open delegations that a user has given or received, by id.
CREATE FUNCTION delegations_of(person bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_to_json(array_agg(delegation_json(d) ORDER BY d.id)), '[]')
    FROM delegations d WHERE (d.principal_id = person OR d.delegate_id = person) AND d.revoked_at IS NULL AND d.ends_at > now()
$$;

-- The delegations in force between two users: accepted, not revoked, within their time, both accounts active.
CREATE FUNCTION delegations_in_force(delegate bigint, principal bigint) RETURNS SETOF delegations LANGUAGE sql STABLE ROWS 2 AS $$
    SELECT d.* FROM delegations d
    WHERE d.delegate_id = delegate AND d.principal_id = principal AND d.revoked_at IS NULL AND d.accepted_at IS NOT NULL
      AND d.starts_at <= now() AND d.ends_at > now()
      AND (SELECT count(*) FROM users WHERE users.id IN (delegate, principal) AND users.status = 'active') = 2
$$;

-- The workspace of a place: of a chat, a document of one kind, or itself.
CREATE FUNCTION workspace_of_place(kind text, place bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE kind
        WHEN 'workspace' THEN place
        WHEN 'chat' THEN (SELECT workspace_id FROM chats WHERE id = place)
        ELSE (SELECT workspace_id FROM documents WHERE id = place AND documents.kind = workspace_of_place.kind)
    END
$$;

-- Whether a delegation reaches a place. One that names none reaches them all, and one of a workspace all in it: but a Single
-- chat must be named itself. The delegate is a member of the place's workspace now: whoever is put out of it acts for nobody
-- there, and what the workspace demands of its members' sessions is demanded of theirs.
CREATE FUNCTION delegation_reaches(d delegations, kind text, place bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = workspace_of_place(kind, place) AND m.user_id = d.delegate_id)
       AND CASE
        WHEN d.chat_id IS NOT NULL THEN kind = 'chat' AND d.chat_id = place
        WHEN d.document_id IS NOT NULL THEN
            kind IN ('board', 'page') AND d.document_id = place AND workspace_of_place(kind, place) IS NOT NULL
        ELSE (d.workspace_id IS NULL OR d.workspace_id = workspace_of_place(kind, place))
             AND (kind <> 'chat' OR (SELECT type <> 'Single' FROM chats WHERE id = place))
    END
$$;

-- What a delegate may do for a principal at a place now, as far as delegations go; the principal's own rights there are
-- asked as always. Empty where the feature is off.
CREATE FUNCTION delegated_permissions(delegate bigint, principal bigint, kind text, place bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT permission), '{}')
    FROM delegations_in_force(delegate, principal) d CROSS JOIN unnest(d.permissions) AS permission
    WHERE delegation_reaches(d, kind, place)
      AND feature_enabled('enable_proxy_system', (SELECT w.organization_id FROM workspaces w WHERE w.id = workspace_of_place(kind, place)))
$$;

-- Refuses what a delegate may not do for a principal in a chat. The delegations stay as they are until COMMIT: who revokes
-- one waits for what is being done by it, and nothing is done by it afterwards.
CREATE FUNCTION require_delegation(delegate bigint, principal bigint, permission text, chat bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM delegations d WHERE d.delegate_id = delegate AND d.principal_id = principal AND d.revoked_at IS NULL
    ORDER BY d.id FOR SHARE;
    IF NOT permission = ANY (delegated_permissions(delegate, principal, 'chat', chat)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'delegation_needed',
            MESSAGE = format('user %s may not do this for user %s in chat %s: %s', delegate, principal, chat, permission),
            HINT = 'The principal offers a delegation, and the delegate accepts it.';
    END IF;
END
$$;

-- The workspaces that a delegation concerns: of its place or, if it names none, all that the two share.
CREATE FUNCTION workspaces_of_delegation(d delegations) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT mine.workspace_id FROM workspace_members mine JOIN workspace_members theirs USING (workspace_id)
    WHERE mine.user_id = d.principal_id AND theirs.user_id = d.delegate_id
      AND mine.workspace_id = coalesce(d.workspace_id, (SELECT workspace_id FROM chats WHERE id = d.chat_id),
                                       (SELECT workspace_id FROM documents WHERE id = d.document_id), mine.workspace_id)
    ORDER BY mine.workspace_id
$$;

-- Offers a delegation: null if the place is not one of the principal's, or they share no workspace with the delegate.
CREATE FUNCTION delegate_to(
    principal bigint, delegate bigint, permissions text[], workspace bigint, chat bigint, document bigint, kind text,
    starts_at timestamptz, ends_at timestamptz, reason text
) RETURNS json LANGUAGE sql AS $$
    INSERT INTO delegations (principal_id, delegate_id, permissions, workspace_id, chat_id, document_id, starts_at, ends_at, reason)
    SELECT principal, delegate, permissions, workspace, chat, document, coalesce(delegate_to.starts_at, now()), delegate_to.ends_at, reason
    WHERE document IS NULL OR workspace_of_place(kind, document) IS NOT NULL
    RETURNING delegation_json(delegations)
$$;

-- What a delegate's stream for a principal needs: the position of the log, whether the session is valid, whether the feature
-- is on anywhere, the seconds until the first delegation in force ends (null without one), and what is delegated in each
-- chat of the principal of which a stream shows something.
CREATE FUNCTION delegated_stream(
    delegate bigint, session bigint, principal bigint,
    OUT epoch text, OUT floor bigint, OUT head bigint, OUT good boolean, OUT enabled boolean, OUT seconds float8, OUT delegated json
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.epoch, s.floor, log_head(),
           EXISTS (SELECT FROM sessions JOIN users ON users.id = sessions.user_id
                   WHERE sessions.id = session AND users.id = delegate AND users.status = 'active'
                     AND sessions.revoked_at IS NULL AND sessions.expires_at > now()),
           feature_enabled('enable_proxy_system')
               OR EXISTS (SELECT FROM organization_features o WHERE o.name = 'enable_proxy_system' AND o.enabled),
           (SELECT extract(epoch FROM min(d.ends_at) - now())::float8 FROM delegations_in_force(delegate, principal) d),
           (SELECT coalesce(json_object_agg(chat_id, permissions), '{}')
            FROM (SELECT m.chat_id, delegated_permissions(delegate, principal, 'chat', m.chat_id) AS permissions
                  FROM chat_members m
                  WHERE m.user_id = principal AND EXISTS (SELECT FROM delegations_in_force(delegate, principal))) reached
            WHERE permissions && '{chat.see,chat.list_members,chat.read_messages}')
    FROM log_state s
$$;
