CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Copies the reported message as it is now. Members report only what they can read. The chat's lock keeps retention
-- from deleting the message while it is being copied, since it would not see the copy.
CREATE FUNCTION fill_report() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    reported messages;
BEGIN
    PERFORM 1 FROM chats WHERE id = (SELECT chat_id FROM messages WHERE id = NEW.message_id) FOR SHARE;
    SELECT * INTO reported FROM messages WHERE id = NEW.message_id;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'reports_message_fkey',
            MESSAGE = format('there is no message %s', NEW.message_id);
    END IF;
    IF reported.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'message_deleted',
            MESSAGE = format('message %s has been deleted', NEW.message_id), HINT = 'There is nothing left to report.';
    END IF;
    IF NOT EXISTS (SELECT FROM chat_members WHERE chat_id = reported.chat_id AND user_id = NEW.reporter_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'reporter_is_member',
            MESSAGE = format('user %s is not a member of chat %s', NEW.reporter_id, reported.chat_id),
            HINT = 'Only members can report messages of a chat.';
    END IF;
    SELECT workspace_id, id INTO NEW.workspace_id, NEW.chat_id FROM chats WHERE id = reported.chat_id;
    NEW.message := message_json(reported);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON reports FOR EACH ROW EXECUTE FUNCTION fill_report();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON reports
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.chat_id, OLD.message_id, OLD.reporter_id, OLD.reason, OLD.comment)
                       IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.chat_id, NEW.message_id, NEW.reporter_id, NEW.reason, NEW.comment))
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION handle_report() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.handled_by := CASE WHEN NEW.status <> 'open' THEN acting_user() END;
    NEW.handled_at := CASE WHEN NEW.status <> 'open' THEN now() END;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_handle BEFORE UPDATE ON reports
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION handle_report();
CREATE TRIGGER p20_touch BEFORE UPDATE ON reports
    FOR EACH ROW WHEN ((OLD.status, OLD.note) IS DISTINCT FROM (NEW.status, NEW.note)) EXECUTE FUNCTION touch_updated_at();

-- Neither the reporter nor the reported message.
CREATE FUNCTION audit_reports() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('report_handled', workspace_id => NEW.workspace_id, chat_id => NEW.chat_id,
                  target_type => 'report', target_id => NEW.id,
                  before => jsonb_build_object('status', OLD.status, 'note', OLD.note),
                  after => jsonb_build_object('status', NEW.status, 'note', NEW.note));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER UPDATE OF status, note ON reports
    FOR EACH ROW WHEN ((OLD.status, OLD.note) IS DISTINCT FROM (NEW.status, NEW.note)) EXECUTE FUNCTION audit_reports();

CREATE FUNCTION log_reports() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_append('ReportFiled', 'admins', report_event_json(NEW), workspace_ids => ARRAY[NEW.workspace_id]);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM log_append('ReportDeleted', 'admins', row_to_json(shape), workspace_ids => ARRAY[OLD.workspace_id])
        FROM (SELECT OLD.id, OLD.workspace_id) shape
        WHERE EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id);
    ELSE
        PERFORM log_append('ReportUpdated', 'admins', report_event_json(NEW), workspace_ids => ARRAY[NEW.workspace_id]);
        IF OLD.status <> NEW.status THEN
            PERFORM log_append('ReportHandled', 'user', own_report_json(NEW), user_id => NEW.reporter_id);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON reports DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_reports();
CREATE CONSTRAINT TRIGGER p90_log_update AFTER UPDATE ON reports DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.status, OLD.note) IS DISTINCT FROM (NEW.status, NEW.note)) EXECUTE FUNCTION log_reports();
