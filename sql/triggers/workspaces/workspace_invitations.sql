-- An invitation is valid while it exists: whatever ends its maker's right to invite deletes it. Viewing and accepting
-- it therefore have the same condition.

CREATE FUNCTION most_invitations() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

CREATE FUNCTION make_workspace_invitation() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- One at a time per inviter, so that each sees the number of existing ones.
    SELECT fullname INTO NEW.inviter_name FROM users WHERE id = NEW.invited_by FOR NO KEY UPDATE;
    SELECT name INTO NEW.workspace_name FROM workspaces WHERE id = NEW.workspace_id;
    IF EXISTS (SELECT FROM workspace_members WHERE workspace_id = NEW.workspace_id AND user_id = NEW.user_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'workspace_members_pkey',
            MESSAGE = format('user %s is a member of workspace %s already', NEW.user_id, NEW.workspace_id);
    END IF;
    IF invitation_is_blocked(NEW.user_id, NEW.workspace_id, NEW.invited_by) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'invitation_is_blocked',
            MESSAGE = format('user %s accepts no invitation into workspace %s, or none from user %s', NEW.user_id, NEW.workspace_id, NEW.invited_by);
    END IF;
    IF (SELECT count(*) FROM workspace_invitations WHERE invited_by = NEW.invited_by) >= most_invitations() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'workspace_invitations_amount',
            MESSAGE = format('user %s already has %s unanswered invitations to others', NEW.invited_by, most_invitations());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_make BEFORE INSERT ON workspace_invitations
    FOR EACH ROW EXECUTE FUNCTION make_workspace_invitation();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON workspace_invitations
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- A user who deletes their own invitation without joining has declined.
CREATE FUNCTION note_declined() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO workspace_departures (workspace_id, user_id)
    SELECT OLD.workspace_id, OLD.user_id
    WHERE NOT EXISTS (SELECT FROM workspace_members WHERE workspace_id = OLD.workspace_id AND user_id = OLD.user_id)
      AND EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_declined AFTER DELETE ON workspace_invitations
    FOR EACH ROW WHEN (acting_user() = OLD.user_id) EXECUTE FUNCTION note_declined();

-- Answering an invitation, or losing the right to it, is not an act of an admin.
CREATE FUNCTION audit_workspace_invitations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invitation workspace_invitations := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND (acting_user() = OLD.user_id OR pg_trigger_depth() > 1) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'workspace_invitation_made' ELSE 'workspace_invitation_withdrawn' END,
                  workspace_id => invitation.workspace_id, target_type => 'user', target_id => invitation.user_id,
                  before => role_audit(OLD.role), after => role_audit(NEW.role));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON workspace_invitations
    FOR EACH ROW EXECUTE FUNCTION audit_workspace_invitations();

-- To the invited user. It has the names at that time, so that later changes need no event.
CREATE FUNCTION log_workspace_invitations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_append('WorkspaceInvitationAdded', 'user', workspace_invitation_json(NEW), user_id => NEW.user_id);
    ELSE
        PERFORM log_append('WorkspaceInvitationDeleted', 'user', row_to_json(shape), user_id => OLD.user_id)
        FROM (SELECT OLD.workspace_id, OLD.user_id) shape;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON workspace_invitations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_workspace_invitations();
