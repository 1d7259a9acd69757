CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON department_chats
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON department_chats
    FOR EACH ROW WHEN (OLD.chat_id <> NEW.chat_id) EXECUTE FUNCTION refuse_key_change();

-- A chat of one of the organisation's workspaces, and not one of two people.
CREATE FUNCTION check_department_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM departments d, chats c JOIN workspaces w ON w.id = c.workspace_id
               WHERE d.id = NEW.department_id AND c.id = NEW.chat_id
                 AND (c.type = 'Single' OR w.organization_id IS DISTINCT FROM d.organization_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'department_chat_is_of_organization',
            MESSAGE = format('chat %s is between two people, or in no workspace of the organisation of department %s', NEW.chat_id, NEW.department_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON department_chats FOR EACH ROW EXECUTE FUNCTION check_department_chat();

CREATE FUNCTION audit_department_chats() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    chat chats;
BEGIN
    SELECT * INTO chat FROM chats WHERE id = coalesce(NEW.chat_id, OLD.chat_id);
    IF FOUND THEN
        PERFORM audit('chat_department_changed', workspace_id => chat.workspace_id, chat_id => chat.id, target_type => 'chat', target_id => chat.id,
                      before => CASE WHEN OLD.chat_id IS NOT NULL THEN jsonb_build_object('department_id', OLD.department_id, 'with_below', OLD.with_below) END,
                      after => CASE WHEN NEW.chat_id IS NOT NULL THEN jsonb_build_object('department_id', NEW.department_id, 'with_below', NEW.with_below) END);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON department_chats FOR EACH ROW EXECUTE FUNCTION audit_department_chats();

CREATE FUNCTION settle_department_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_chats(ARRAY[coalesce(NEW.chat_id, OLD.chat_id)]);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_settle AFTER INSERT OR UPDATE OR DELETE ON department_chats FOR EACH ROW EXECUTE FUNCTION settle_department_chat();

-- Roles that are bound to a department's chats reach this one, too: nobody lets it follow who could not grant that.
CREATE FUNCTION require_reached_held() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_all_held(ARRAY(SELECT b.id FROM department_tree t JOIN role_bindings b ON b.scope_department_id = t.ancestor_id
                                   WHERE t.department_id = NEW.department_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p70_held AFTER INSERT OR UPDATE ON department_chats FOR EACH ROW EXECUTE FUNCTION require_reached_held();
