CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON workspace_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON workspace_members
    FOR EACH ROW WHEN ((OLD.workspace_id, OLD.user_id) IS DISTINCT FROM (NEW.workspace_id, NEW.user_id))
    EXECUTE FUNCTION refuse_key_change();

-- Nobody is added to a workspace by another user unless no invitation is needed. An operator in psql, without an acting
-- user, may.
CREATE FUNCTION require_consent() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT comes_unasked(NEW.user_id, NEW.workspace_id, acting_user()) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'invitation_needed',
            MESSAGE = format('user %s must be invited into workspace %s', NEW.user_id, NEW.workspace_id),
            HINT = 'INSERT INTO workspace_invitations …; they accept or decline.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_consent BEFORE INSERT ON workspace_members
    FOR EACH ROW WHEN (acting_user() <> NEW.user_id) EXECUTE FUNCTION require_consent();

-- A new member's invitation ends. For a member who leaves by themselves, that is recorded; their own invitations end,
-- and so does any role above their own in others.
CREATE FUNCTION keep_invitations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        DELETE FROM workspace_invitations WHERE workspace_id = NEW.workspace_id AND user_id = NEW.user_id;
        DELETE FROM workspace_departures WHERE workspace_id = NEW.workspace_id AND user_id = NEW.user_id;
        RETURN NULL;
    END IF;
    DELETE FROM workspace_invitations
    WHERE workspace_id = OLD.workspace_id AND invited_by = OLD.user_id
      AND (TG_OP = 'DELETE' OR NEW.role = 'member' OR NEW.role = 'admin' AND role = 'owner');
    IF TG_OP = 'DELETE' AND acting_user() = OLD.user_id THEN
        INSERT INTO workspace_departures (workspace_id, user_id)
        SELECT OLD.workspace_id, OLD.user_id WHERE EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_invitations AFTER INSERT OR DELETE ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION keep_invitations();
CREATE TRIGGER p95_invitations_role AFTER UPDATE OF role ON workspace_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION keep_invitations();

CREATE TRIGGER p10_lock_demote BEFORE UPDATE ON workspace_members
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION lock_place('workspace');
CREATE TRIGGER p10_lock_leave BEFORE DELETE ON workspace_members
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION lock_place('workspace');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON workspace_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION keeps_owner('workspace');
CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON workspace_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keeps_owner('workspace');

-- A new member signs in as the workspace requires, and can be required to by one provider alone.
CREATE FUNCTION join_required_provider() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM required_providers WHERE workspace_id = NEW.workspace_id) THEN
        PERFORM end_other_ways_in(ARRAY[NEW.user_id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_required_provider AFTER INSERT ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION join_required_provider();

-- Whoever joins a workspace that demands a second factor, and has shown none, signs in again, and enrols one.
CREATE FUNCTION join_required_second_factor() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM required_second_factors WHERE workspace_id = NEW.workspace_id) THEN
        PERFORM end_sessions('second_factor', NEW.user_id, lacking_factor => true);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_required_second_factor AFTER INSERT ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION join_required_second_factor();

-- The break-glass owner stays an owner until another one is named.
CREATE FUNCTION keep_break_glass_owner() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM required_providers r JOIN workspaces w ON w.id = r.workspace_id
               WHERE (r.workspace_id, r.break_glass_owner) = (OLD.workspace_id, OLD.user_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'break_glass_owner_stays',
            MESSAGE = format('user %s is the break-glass owner of workspace %s', OLD.user_id, OLD.workspace_id),
            HINT = 'UPDATE required_providers SET break_glass_owner = …';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER p30_break_glass_leave BEFORE DELETE ON workspace_members
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keep_break_glass_owner();
CREATE TRIGGER p30_break_glass_demote BEFORE UPDATE ON workspace_members
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION keep_break_glass_owner();

-- A Single chat goes with either of its two members.
CREATE TRIGGER p40_pass_on_chats BEFORE DELETE ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION pass_on_places('chat', 'admin', 'type = ''Single''');
CREATE TRIGGER p40_pass_on_documents BEFORE DELETE ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION pass_on_places('document', 'editor');

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION audit_members('workspace');
CREATE TRIGGER p50_audit_role AFTER UPDATE OF role ON workspace_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_members('workspace');

CREATE FUNCTION log_workspace_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    elsewhere text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM refuse_old_snapshot();
        IF EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
            PERFORM log_append('WorkspaceMemberLeft', 'workspaces', row_to_json(shape),
                               user_id => OLD.user_id, workspace_ids => ARRAY[OLD.workspace_id], effect => 'revoke')
            FROM (SELECT OLD.workspace_id, OLD.user_id) shape;
        ELSE
            -- By this transaction: one that moved away may have come back since.
            SELECT moved_to INTO elsewhere FROM moved_workspaces m WHERE m.workspace_id = OLD.workspace_id AND m.moved_at = now();
            IF elsewhere IS NULL THEN
                PERFORM log_append('WorkspaceDeleted', 'user', row_to_json(shape),
                                   user_id => OLD.user_id, workspace_ids => ARRAY[OLD.workspace_id], effect => 'revoke')
                FROM (SELECT OLD.workspace_id AS id) shape;
            ELSE
                PERFORM log_append('WorkspaceMoved', 'user', row_to_json(shape),
                                   user_id => OLD.user_id, workspace_ids => ARRAY[OLD.workspace_id], effect => 'revoke')
                FROM (SELECT OLD.workspace_id AS id, elsewhere AS "to") shape;
            END IF;
        END IF;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM log_defer('WorkspaceMemberJoined', 'workspaces', 'workspace_members',
                          user_id => NEW.user_id, workspace_ids => ARRAY[NEW.workspace_id],
                          effect => access_effect(NULL, NEW.role));
        PERFORM log_defer('EmojiListed', 'user', 'workspace_members',
                          user_id => NEW.user_id, workspace_ids => ARRAY[NEW.workspace_id]);
    ELSE
        PERFORM log_defer('WorkspaceMemberUpdated', 'workspaces', 'workspace_members',
                          user_id => NEW.user_id, workspace_ids => ARRAY[NEW.workspace_id],
                          effect => access_effect(OLD.role, NEW.role));
    END IF;
    -- A new admin must learn what the others know, if there is anything.
    IF NEW.role <> 'member' AND (TG_OP = 'INSERT' OR OLD.role = 'member') THEN
        PERFORM log_defer('WorkspaceAdminAdded', 'admins', 'workspace_members',
                          workspace_ids => ARRAY[NEW.workspace_id], about => NEW.user_id);
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, with the members at COMMIT.
CREATE FUNCTION tell_workspace_members() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (
        SELECT m.workspace_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status, m.role, m.joined_at,
               workspace_json(w, m.role) AS workspace) shape), effect = access_effect(NULL, m.role)
    FROM workspace_members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id
    WHERE p.xid = own AND p.kind = 'WorkspaceMemberJoined' AND p.workspace_ids[1] = m.workspace_id AND p.user_id = m.user_id;

    UPDATE log_pending p SET payload = workspace_member_json(m), effect = effect_at_commit(p.effect, m.role)
    FROM workspace_members m
    WHERE p.xid = own AND p.kind = 'WorkspaceMemberUpdated' AND p.workspace_ids[1] = m.workspace_id AND p.user_id = m.user_id;

    UPDATE log_pending p SET payload = told
    FROM workspace_members m CROSS JOIN LATERAL (
        SELECT row_to_json(shape) AS told
        FROM (SELECT m.workspace_id, m.user_id, array_to_json(array_agg(report_event_json(r) ORDER BY r.id DESC)) AS reports
              FROM open_reports(m.workspace_id) r) shape
        WHERE reports IS NOT NULL
    ) of_reports
    WHERE p.xid = own AND p.kind = 'WorkspaceAdminAdded' AND p.workspace_ids[1] = m.workspace_id AND p.about = m.user_id
      AND m.role <> 'member';

    UPDATE log_pending p SET payload = told
    FROM workspace_members m CROSS JOIN LATERAL (
        SELECT row_to_json(shape) AS told FROM (SELECT m.workspace_id, emoji_of(m.workspace_id) AS emoji) shape
        WHERE EXISTS (SELECT FROM custom_emoji e WHERE e.workspace_id = m.workspace_id)
    ) of_emoji
    WHERE p.xid = own AND p.kind = 'EmojiListed' AND p.workspace_ids[1] = m.workspace_id AND p.user_id = m.user_id;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON workspace_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_workspace_members();
CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE ON workspace_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION log_workspace_members();

-- Whoever joins a workspace of an organisation is in the organisation, and whoever came by workspaces alone leaves it with the
-- last one. A guest in its chats is one no more. The workspaces' rows are locked by their counts, so that none changes its organisation meanwhile.
CREATE FUNCTION follow_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM join_with_workspace(organization_id, array_agg(user_id ORDER BY user_id))
        FROM changed JOIN workspaces ON workspaces.id = workspace_id WHERE organization_id IS NOT NULL GROUP BY organization_id;
        UPDATE chat_members m SET guest_of = NULL FROM changed
        WHERE m.workspace_id = changed.workspace_id AND m.user_id = changed.user_id AND m.guest_of IS NOT NULL;
        PERFORM settle_chats(array_agg(DISTINCT chat_id), (SELECT array_agg(user_id) FROM changed))
        FROM (SELECT chat_id FROM department_chats UNION ALL SELECT chat_id FROM role_bindings WHERE chat_id IS NOT NULL) following
        JOIN chats ON chats.id = chat_id WHERE chats.workspace_id IN (SELECT workspace_id FROM changed) HAVING count(*) > 0;
        PERFORM settle_documents(array_agg(DISTINCT document_id), (SELECT array_agg(user_id) FROM changed))
        FROM role_bindings b JOIN documents ON documents.id = document_id
        WHERE documents.workspace_id IN (SELECT workspace_id FROM changed) HAVING count(*) > 0;
    ELSE
        PERFORM leave_with_workspace(organization_id, array_agg(user_id ORDER BY user_id))
        FROM changed JOIN workspaces ON workspaces.id = workspace_id WHERE organization_id IS NOT NULL GROUP BY organization_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_organization_join AFTER INSERT ON workspace_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_members();
CREATE TRIGGER p95_organization_leave AFTER DELETE ON workspace_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_members();
CREATE TRIGGER p30_bot BEFORE INSERT OR UPDATE OF role ON workspace_members FOR EACH ROW EXECUTE FUNCTION bound_bot();
CREATE TRIGGER p95_bots AFTER DELETE ON workspace_members FOR EACH ROW EXECUTE FUNCTION leave_bots();
CREATE TRIGGER p95_apps AFTER DELETE ON workspace_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION leave_apps();
