CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON workspaces
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p20_touch BEFORE UPDATE ON workspaces
    FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.retention_days, OLD.show_emails, OLD.link_previews, OLD.public_publishing, OLD.icon_file_id)
                       IS DISTINCT FROM (NEW.name, NEW.description, NEW.retention_days, NEW.show_emails, NEW.link_previews, NEW.public_publishing, NEW.icon_file_id))
    EXECUTE FUNCTION touch_updated_at();

CREATE FUNCTION workspace_audit(w workspaces) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN w.id IS NOT NULL THEN jsonb_build_object('name', w.name, 'description', w.description, 'show_emails', w.show_emails, 'link_previews', w.link_previews, 'public_publishing', w.public_publishing) END
$$;
CREATE FUNCTION audit_workspaces() RETURNS trigger LANGUAGE plpgsql
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
CREATE FUNCTION audit_workspace_retention() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('workspace_retention_changed', workspace_id => NEW.id, target_type => 'workspace', target_id => NEW.id,
                  before => jsonb_build_object('retention_days', OLD.retention_days),
                  after => jsonb_build_object('retention_days', NEW.retention_days));
    RETURN NULL;
END
$$;
CREATE FUNCTION audit_workspace_demands() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('workspace_demands_changed', workspace_id => NEW.id, target_type => 'workspace', target_id => NEW.id,
                  before => jsonb_build_object('may_demand', OLD.may_demand),
                  after => jsonb_build_object('may_demand', NEW.may_demand));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_demands AFTER UPDATE OF may_demand ON workspaces
    FOR EACH ROW WHEN (OLD.may_demand <> NEW.may_demand) EXECUTE FUNCTION audit_workspace_demands();

CREATE FUNCTION audit_workspace_cases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('workspace_cases_changed', workspace_id => NEW.id, target_type => 'workspace', target_id => NEW.id,
                  before => jsonb_build_object('may_export_cases', OLD.may_export_cases),
                  after => jsonb_build_object('may_export_cases', NEW.may_export_cases));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_cases AFTER UPDATE OF may_export_cases ON workspaces
    FOR EACH ROW WHEN (OLD.may_export_cases <> NEW.may_export_cases) EXECUTE FUNCTION audit_workspace_cases();

CREATE TRIGGER p50_audit_retention AFTER UPDATE OF retention_days ON workspaces
    FOR EACH ROW WHEN (OLD.retention_days IS DISTINCT FROM NEW.retention_days) EXECUTE FUNCTION audit_workspace_retention();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON workspaces FOR EACH ROW EXECUTE FUNCTION audit_workspaces();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF name, description, show_emails, link_previews, public_publishing ON workspaces
    FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.show_emails, OLD.link_previews, OLD.public_publishing)
                       IS DISTINCT FROM (NEW.name, NEW.description, NEW.show_emails, NEW.link_previews, NEW.public_publishing))
    EXECUTE FUNCTION audit_workspaces();

-- The appearance and deletion of a workspace are published member by member: see workspace_members.sql.
CREATE FUNCTION log_workspaces() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('WorkspaceUpdated', 'workspaces', workspace_event_json(NEW), workspace_ids => ARRAY[NEW.id]);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON workspaces DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.retention_days, OLD.show_emails, OLD.link_previews, OLD.public_publishing, OLD.icon_file_id)
                       IS DISTINCT FROM (NEW.name, NEW.description, NEW.retention_days, NEW.show_emails, NEW.link_previews, NEW.public_publishing, NEW.icon_file_id))
    EXECUTE FUNCTION log_workspaces();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON workspaces
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

CREATE FUNCTION check_icon() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM files WHERE id = NEW.icon_file_id FOR KEY SHARE;
    IF NOT may_be_picture(NEW.icon_file_id, acting_user(), NEW.id) THEN
        PERFORM refuse_picture(NEW.icon_file_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_new_icon BEFORE INSERT ON workspaces
    FOR EACH ROW WHEN (NEW.icon_file_id IS NOT NULL) EXECUTE FUNCTION check_icon();
CREATE TRIGGER p30_icon BEFORE UPDATE OF icon_file_id ON workspaces
    FOR EACH ROW WHEN (NEW.icon_file_id IS NOT NULL AND OLD.icon_file_id IS DISTINCT FROM NEW.icon_file_id)
    EXECUTE FUNCTION check_icon();

-- Maintains `file_uses`.
CREATE FUNCTION use_icon() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO file_uses (file_id, workspace_id) SELECT NEW.icon_file_id, NEW.id WHERE NEW.icon_file_id IS NOT NULL;
    DELETE FROM file_uses WHERE workspace_id = NEW.id AND emoji IS NULL AND file_id IS DISTINCT FROM NEW.icon_file_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_icon AFTER UPDATE OF icon_file_id ON workspaces
    FOR EACH ROW WHEN (OLD.icon_file_id IS DISTINCT FROM NEW.icon_file_id) EXECUTE FUNCTION use_icon();

-- A workspace in which something is held stays.
CREATE FUNCTION refuse_held_workspace() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF is_held(OLD.id) OR EXISTS (SELECT FROM holds WHERE workspace_id = OLD.id AND let_go_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'workspace_is_held',
            MESSAGE = format('workspace %s cannot be deleted: a hold is in force, or was until a few days ago', OLD.id),
            HINT = 'Release its holds first.';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_held BEFORE DELETE ON workspaces FOR EACH ROW EXECUTE FUNCTION refuse_held_workspace();

CREATE FUNCTION audit_workspace_organization() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('workspace_organization_changed', workspace_id => NEW.id, target_type => 'workspace', target_id => NEW.id,
                  before => jsonb_build_object('organization_id', OLD.organization_id),
                  after => jsonb_build_object('organization_id', NEW.organization_id),
                  organization_id => coalesce(NEW.organization_id, OLD.organization_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_organization AFTER UPDATE OF organization_id ON workspaces
    FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id) EXECUTE FUNCTION audit_workspace_organization();

-- The people of a workspace come with it into its organisation; those who came by it alone go with it, its chats follow no
-- department and no role any more (its roles do not come back with it), and the organisation's guests leave them.
CREATE FUNCTION follow_workspace() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM department_chats USING chats WHERE chats.id = chat_id AND chats.workspace_id = OLD.id;
    DELETE FROM role_bindings b WHERE b.organization_id = OLD.organization_id
        AND (b.workspace_id = OLD.id OR b.chat_id IN (SELECT id FROM chats WHERE chats.workspace_id = OLD.id)
             OR b.document_id IN (SELECT id FROM documents WHERE documents.workspace_id = OLD.id));
    PERFORM leave_as_guest(OLD.organization_id, NULL, OLD.id);
    PERFORM leave_with_workspace(OLD.organization_id, ARRAY(SELECT user_id FROM workspace_members WHERE workspace_id = OLD.id));
    PERFORM join_with_workspace(NEW.organization_id, ARRAY(SELECT user_id FROM workspace_members WHERE workspace_id = NEW.id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_follow AFTER UPDATE OF organization_id ON workspaces
    FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id) EXECUTE FUNCTION follow_workspace();

CREATE TRIGGER p95_notify AFTER UPDATE OF organization_id ON workspaces
    FOR EACH STATEMENT EXECUTE FUNCTION notify_features();

-- With a deleted workspace those leave its organisation who came by workspaces alone, and are in none any more.
CREATE FUNCTION leave_deleted_workspace() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM leave_with_workspace(OLD.organization_id, ARRAY(SELECT user_id FROM organization_members WHERE organization_id = OLD.organization_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_leave_deleted AFTER DELETE ON workspaces
    FOR EACH ROW WHEN (OLD.organization_id IS NOT NULL) EXECUTE FUNCTION leave_deleted_workspace();
CREATE TRIGGER p20_judged BEFORE INSERT OR UPDATE OF name, description ON workspaces
    FOR EACH ROW EXECUTE FUNCTION judge_names('name', 'description');
