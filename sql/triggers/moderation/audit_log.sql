-- What goes into the audit log, table by table. With its cause gone (a chat's workspace, a member's chat), that one's
-- entry says it all. People who come and go by themselves are no administrative act.

CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'audit_is_append_only',
        MESSAGE = 'the audit log is only ever appended to',
        HINT = 'ops.prune_audit drops old entries, and leaves one that says so.';
END
$$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
-- For sessions that switch ordinary triggers off too (session_replication_role).
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER append_only;

-- -- workspaces

CREATE OR REPLACE FUNCTION workspace_audit(w workspaces) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN w.id IS NOT NULL THEN jsonb_build_object('name', w.name, 'description', w.description, 'show_emails', w.show_emails) END
$$;
CREATE OR REPLACE FUNCTION audit_workspaces() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    id bigint := coalesce(NEW.id, OLD.id);
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'workspace_created' WHEN 'UPDATE' THEN 'workspace_updated' ELSE 'workspace_deleted' END,
                  workspace_id => id, target_type => 'workspace', target_id => id,
                  before => workspace_audit(OLD), after => workspace_audit(NEW));
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION audit_workspace_retention() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('workspace_retention_changed', workspace_id => NEW.id, target_type => 'workspace', target_id => NEW.id,
                  before => jsonb_build_object('retention_days', OLD.retention_days),
                  after => jsonb_build_object('retention_days', NEW.retention_days));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_retention AFTER UPDATE OF retention_days ON workspaces
    FOR EACH ROW WHEN (OLD.retention_days IS DISTINCT FROM NEW.retention_days) EXECUTE FUNCTION audit_workspace_retention();
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON workspaces FOR EACH ROW EXECUTE FUNCTION audit_workspaces();
CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE OF name, description, show_emails ON workspaces
    FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.show_emails) IS DISTINCT FROM (NEW.name, NEW.description, NEW.show_emails))
    EXECUTE FUNCTION audit_workspaces();

CREATE OR REPLACE FUNCTION role_audit(role text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN role IS NOT NULL THEN jsonb_build_object('role', role) END
$$;
CREATE OR REPLACE FUNCTION audit_workspace_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace bigint := coalesce(NEW.workspace_id, OLD.workspace_id);
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE id = workspace) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'workspace_member_added' WHEN 'UPDATE' THEN 'workspace_member_role_changed'
                             ELSE 'workspace_member_removed' END,
                  workspace_id => workspace, target_type => 'user', target_id => coalesce(NEW.user_id, OLD.user_id),
                  before => role_audit(OLD.role), after => role_audit(NEW.role));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION audit_workspace_members();
CREATE OR REPLACE TRIGGER audit_role AFTER UPDATE OF role ON workspace_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_workspace_members();

-- An invitation that is answered, or goes with its maker's right to it, is no act of an admin.
CREATE OR REPLACE FUNCTION audit_workspace_invitations() RETURNS trigger LANGUAGE plpgsql
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
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON workspace_invitations
    FOR EACH ROW EXECUTE FUNCTION audit_workspace_invitations();

-- -- chats

CREATE OR REPLACE FUNCTION chat_audit(c chats) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.id IS NOT NULL THEN jsonb_build_object('type', c.type, 'name', c.name, 'description', c.description) END
$$;
-- That two begin to talk is nobody's business; that one of them deletes it is.
CREATE OR REPLACE FUNCTION audit_chats() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace bigint := coalesce(NEW.workspace_id, OLD.workspace_id);
    id bigint := coalesce(NEW.id, OLD.id);
BEGIN
    IF TG_OP = 'INSERT' AND NEW.type = 'Single'
       OR TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE workspaces.id = workspace) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'chat_created' WHEN 'UPDATE' THEN 'chat_updated' ELSE 'chat_deleted' END,
                  workspace_id => workspace, chat_id => id, target_type => 'chat', target_id => id,
                  before => chat_audit(OLD), after => chat_audit(NEW));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON chats FOR EACH ROW EXECUTE FUNCTION audit_chats();
-- OF: a chat's row is updated with every message.
CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE OF type, name, description ON chats
    FOR EACH ROW WHEN ((OLD.type, OLD.name, OLD.description) IS DISTINCT FROM (NEW.type, NEW.name, NEW.description))
    EXECUTE FUNCTION audit_chats();

-- What retention takes by itself is no act; to raise first_seq in psql is.
CREATE OR REPLACE FUNCTION audit_chat_retention() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.retention_days IS DISTINCT FROM NEW.retention_days THEN
        PERFORM audit('chat_retention_changed', workspace_id => NEW.workspace_id, chat_id => NEW.id,
                      target_type => 'chat', target_id => NEW.id,
                      before => jsonb_build_object('retention_days', OLD.retention_days),
                      after => jsonb_build_object('retention_days', NEW.retention_days));
    END IF;
    IF OLD.first_seq <> NEW.first_seq AND current_setting('fechatter.retention', true) IS DISTINCT FROM 'on' THEN
        PERFORM audit('chat_cleared', workspace_id => NEW.workspace_id, chat_id => NEW.id,
                      target_type => 'chat', target_id => NEW.id,
                      before => jsonb_build_object('first_seq', OLD.first_seq),
                      after => jsonb_build_object('first_seq', NEW.first_seq));
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_retention AFTER UPDATE OF retention_days, first_seq ON chats
    FOR EACH ROW WHEN ((OLD.retention_days, OLD.first_seq) IS DISTINCT FROM (NEW.retention_days, NEW.first_seq))
    EXECUTE FUNCTION audit_chat_retention();

CREATE OR REPLACE FUNCTION audit_chat_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    member chat_members := coalesce(NEW, OLD);
BEGIN
    IF NOT EXISTS (SELECT FROM chats WHERE id = member.chat_id AND type <> 'Single')
       OR TG_OP = 'DELETE' AND NOT EXISTS (
           SELECT FROM workspace_members WHERE workspace_id = member.workspace_id AND user_id = member.user_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'chat_member_added' WHEN 'UPDATE' THEN 'chat_member_role_changed'
                             ELSE 'chat_member_removed' END,
                  workspace_id => member.workspace_id, chat_id => member.chat_id,
                  target_type => 'user', target_id => member.user_id,
                  before => role_audit(OLD.role), after => role_audit(NEW.role));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_added AFTER INSERT ON chat_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION audit_chat_members();
CREATE OR REPLACE TRIGGER audit_removed AFTER DELETE ON chat_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.user_id) EXECUTE FUNCTION audit_chat_members();
CREATE OR REPLACE TRIGGER audit_role AFTER UPDATE OF role ON chat_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_chat_members();

-- What lets people into a chat, keeps them out or silent, and the archive.
CREATE OR REPLACE FUNCTION audit_chat_state() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.archived_at IS DISTINCT FROM NEW.archived_at THEN
        PERFORM audit(CASE WHEN NEW.archived_at IS NULL THEN 'chat_unarchived' ELSE 'chat_archived' END,
                      workspace_id => NEW.workspace_id, chat_id => NEW.id, target_type => 'chat', target_id => NEW.id);
    END IF;
    IF OLD.password_hash IS DISTINCT FROM NEW.password_hash THEN
        PERFORM audit(CASE WHEN NEW.password_hash IS NULL THEN 'chat_password_removed' ELSE 'chat_password_set' END,
                      workspace_id => NEW.workspace_id, chat_id => NEW.id, target_type => 'chat', target_id => NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_state AFTER UPDATE OF archived_at, password_hash ON chats
    FOR EACH ROW EXECUTE FUNCTION audit_chat_state();

-- To clear away what is over by itself, a silence, a ban or an invite, is no act.
CREATE OR REPLACE FUNCTION audit_silences() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.silenced_until IS NULL AND OLD.silenced_until <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE WHEN NEW.silenced_until IS NULL THEN 'chat_member_silence_ended' ELSE 'chat_member_silenced' END,
                  workspace_id => NEW.workspace_id, chat_id => NEW.chat_id, target_type => 'user', target_id => NEW.user_id,
                  before => jsonb_build_object('silenced_until', OLD.silenced_until),
                  after => jsonb_build_object('silenced_until', NEW.silenced_until));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_silence AFTER UPDATE OF silenced_until ON chat_members
    FOR EACH ROW WHEN (OLD.silenced_until IS DISTINCT FROM NEW.silenced_until) EXECUTE FUNCTION audit_silences();

CREATE OR REPLACE FUNCTION chat_ban_audit(b chat_bans) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN b.chat_id IS NOT NULL THEN jsonb_build_object('reason', b.reason, 'expires_at', b.expires_at) END
$$;
CREATE OR REPLACE FUNCTION audit_chat_bans() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.expires_at <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'DELETE' THEN 'chat_ban_lifted' ELSE 'chat_member_banned' END,
                  workspace_id => workspace_id, chat_id => chats.id, target_type => 'user', target_id => coalesce(NEW.user_id, OLD.user_id),
                  before => chat_ban_audit(OLD), after => chat_ban_audit(NEW))
    FROM chats WHERE chats.id = coalesce(NEW.chat_id, OLD.chat_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON chat_bans
    FOR EACH ROW EXECUTE FUNCTION audit_chat_bans();

CREATE OR REPLACE FUNCTION invite_audit(i invites) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN i.id IS NOT NULL THEN
        jsonb_build_object('role', i.role, 'expires_at', i.expires_at, 'max_uses', i.max_uses) END
$$;
CREATE OR REPLACE FUNCTION audit_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invite invites := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND OLD.expires_at <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'invite_created' WHEN 'UPDATE' THEN 'invite_changed' ELSE 'invite_revoked' END,
                  workspace_id => place.workspace_id, chat_id => invite.chat_id, board_id => invite.board_id,
                  target_type => 'invite', target_id => invite.id, before => invite_audit(OLD), after => invite_audit(NEW))
    FROM (SELECT workspace_id FROM chats WHERE id = invite.chat_id
          UNION ALL SELECT workspace_id FROM boards WHERE id = invite.board_id) place;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF role, expires_at, max_uses ON invites
    FOR EACH ROW EXECUTE FUNCTION audit_invites();

-- -- boards

CREATE OR REPLACE FUNCTION board_audit(b boards) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN b.id IS NOT NULL THEN jsonb_build_object('name', b.name) END
$$;
CREATE OR REPLACE FUNCTION audit_boards() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace bigint := coalesce(NEW.workspace_id, OLD.workspace_id);
    id bigint := coalesce(NEW.id, OLD.id);
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE workspaces.id = workspace) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'board_created' WHEN 'UPDATE' THEN 'board_updated' ELSE 'board_deleted' END,
                  workspace_id => workspace, board_id => id, target_type => 'board', target_id => id,
                  before => board_audit(OLD), after => board_audit(NEW));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON boards FOR EACH ROW EXECUTE FUNCTION audit_boards();
CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE OF name ON boards
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_boards();

CREATE OR REPLACE FUNCTION audit_board_state() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE WHEN NEW.deleted_at IS NULL THEN 'board_restored' ELSE 'board_deleted' END,
                  workspace_id => NEW.workspace_id, board_id => NEW.id, target_type => 'board', target_id => NEW.id,
                  before => CASE WHEN NEW.deleted_at IS NOT NULL THEN board_audit(OLD) END);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_state AFTER UPDATE OF deleted_at ON boards
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION audit_board_state();

CREATE OR REPLACE FUNCTION audit_board_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    member board_members := coalesce(NEW, OLD);
BEGIN
    IF NOT EXISTS (SELECT FROM boards WHERE id = member.board_id)
       OR TG_OP = 'DELETE' AND NOT EXISTS (
           SELECT FROM workspace_members WHERE workspace_id = member.workspace_id AND user_id = member.user_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'board_member_added' WHEN 'UPDATE' THEN 'board_member_role_changed'
                             ELSE 'board_member_removed' END,
                  workspace_id => member.workspace_id, board_id => member.board_id,
                  target_type => 'user', target_id => member.user_id,
                  before => role_audit(OLD.role), after => role_audit(NEW.role));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_added AFTER INSERT ON board_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION audit_board_members();
CREATE OR REPLACE TRIGGER audit_removed AFTER DELETE ON board_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.user_id) EXECUTE FUNCTION audit_board_members();
CREATE OR REPLACE TRIGGER audit_role AFTER UPDATE OF role ON board_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_board_members();

CREATE OR REPLACE FUNCTION board_version_audit(v board_versions) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN v.id IS NOT NULL THEN jsonb_build_object('name', v.name) END
$$;
CREATE OR REPLACE FUNCTION audit_board_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'board_version_created' WHEN 'UPDATE' THEN 'board_version_renamed'
                             ELSE 'board_version_deleted' END,
                  workspace_id => workspace_id, board_id => boards.id, target_type => 'board_version',
                  target_id => coalesce(NEW.id, OLD.id),
                  before => board_version_audit(OLD), after => board_version_audit(NEW))
    FROM boards WHERE boards.id = coalesce(NEW.board_id, OLD.board_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON board_versions
    FOR EACH ROW EXECUTE FUNCTION audit_board_versions();
CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE OF name ON board_versions
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_board_versions();

-- -- people: in no workspace's log, since a person may be in many

CREATE OR REPLACE FUNCTION audit_users() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM audit('user_deleted', target_type => 'user', target_id => OLD.id,
                      before => jsonb_build_object('email', OLD.email, 'fullname', OLD.fullname, 'status', OLD.status));
        RETURN NULL;
    END IF;
    IF OLD.status <> NEW.status THEN
        PERFORM audit(CASE NEW.status WHEN 'suspended' THEN 'user_suspended' WHEN 'inactive' THEN 'user_deactivated'
                                      ELSE 'user_reinstated' END,
                      target_type => 'user', target_id => NEW.id,
                      before => jsonb_build_object('status', OLD.status), after => jsonb_build_object('status', NEW.status));
    END IF;
    -- The same password under newer parameters is no new one: see rehash_password().
    IF OLD.password_hash <> NEW.password_hash AND current_setting('fechatter.rehash', true) IS DISTINCT FROM 'on' THEN
        PERFORM audit('password_changed', target_type => 'user', target_id => NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER DELETE OR UPDATE OF status, password_hash ON users
    FOR EACH ROW EXECUTE FUNCTION audit_users();

CREATE OR REPLACE FUNCTION audit_sessions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = OLD.user_id) THEN
        PERFORM audit('session_ended', target_type => 'user', target_id => OLD.user_id, after => jsonb_build_object(
            'session_id', OLD.id, 'reason', CASE TG_OP WHEN 'DELETE' THEN 'operator' ELSE NEW.revoked_reason END));
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER UPDATE OF revoked_reason ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_reason IN ('operator', 'logout_all'))
    EXECUTE FUNCTION audit_sessions();
CREATE OR REPLACE TRIGGER audit_deleted AFTER DELETE ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now()) EXECUTE FUNCTION audit_sessions();

-- -- messages

CREATE OR REPLACE FUNCTION audit_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE WHEN TG_OP = 'DELETE' OR NEW.deleted_at IS NOT NULL THEN 'message_deleted' ELSE 'message_edited' END,
                  workspace_id => workspace_id, chat_id => chats.id, target_type => 'message', target_id => OLD.id,
                  before => jsonb_build_object('seq', OLD.seq, 'sender_id', OLD.sender_id))
    FROM chats WHERE chats.id = OLD.chat_id AND chats.first_seq <= OLD.seq;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_deleted AFTER DELETE ON messages
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.sender_id) EXECUTE FUNCTION audit_messages();
CREATE OR REPLACE TRIGGER audit_buried AFTER UPDATE OF deleted_at ON messages
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.sender_id AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION audit_messages();
CREATE OR REPLACE TRIGGER audit_edited AFTER UPDATE OF content ON messages
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.sender_id AND OLD.content <> NEW.content)
    EXECUTE FUNCTION audit_messages();

-- -- reports: neither who made one, nor what it is about

CREATE OR REPLACE FUNCTION audit_reports() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('report_handled', workspace_id => NEW.workspace_id, chat_id => NEW.chat_id,
                  target_type => 'report', target_id => NEW.id,
                  before => jsonb_build_object('status', OLD.status, 'note', OLD.note),
                  after => jsonb_build_object('status', NEW.status, 'note', NEW.note));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit AFTER UPDATE OF status, note ON reports
    FOR EACH ROW WHEN ((OLD.status, OLD.note) IS DISTINCT FROM (NEW.status, NEW.note)) EXECUTE FUNCTION audit_reports();
