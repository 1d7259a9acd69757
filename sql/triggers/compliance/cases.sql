CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON cases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Whoever asks over REST is who asks. A case is about a hold of its own workspace.
CREATE FUNCTION fill_case() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM holds WHERE id = NEW.hold_id AND workspace_id = NEW.workspace_id AND released_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'case_hold_in_workspace',
            MESSAGE = format('workspace %s has no hold %s in force', NEW.workspace_id, NEW.hold_id);
    END IF;
    PERFORM require_leave_to_export_cases(NEW.workspace_id);
    NEW.asked_by := coalesce(acting_user(), NEW.asked_by);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION fill_case();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON cases
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.hold_id, OLD.reason, OLD.asked_by, OLD.asked_at)
                       IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.hold_id, NEW.reason, NEW.asked_by, NEW.asked_at))
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION fill_decision() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.approved IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'case_is_decided',
            MESSAGE = format('case %s was decided on %s', OLD.id, OLD.decided_at), HINT = 'Ask for another one.';
    END IF;
    IF NEW.approved THEN
        PERFORM require_leave_to_export_cases(NEW.workspace_id);
    END IF;
    NEW.decided_by := coalesce(acting_user(), NEW.decided_by);
    NEW.decided_at := now();
    NEW.expires_at := CASE WHEN NEW.approved THEN now() + make_interval(days => case_days()) END;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_decide BEFORE UPDATE ON cases
    FOR EACH ROW WHEN ((OLD.approved, OLD.decided_by, OLD.decided_at, OLD.expires_at)
                       IS DISTINCT FROM (NEW.approved, NEW.decided_by, NEW.decided_at, NEW.expires_at))
    EXECUTE FUNCTION fill_decision();

CREATE FUNCTION audit_cases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE WHEN TG_OP = 'INSERT' THEN 'case_asked' WHEN OLD.approved IS NOT NULL THEN 'case_exported'
                       WHEN NEW.approved THEN 'case_approved' ELSE 'case_declined' END,
                  workspace_id => NEW.workspace_id, target_type => 'case', target_id => NEW.id,
                  after => CASE WHEN TG_OP = 'INSERT' THEN jsonb_build_object('hold_id', NEW.hold_id, 'reason', NEW.reason)
                                WHEN OLD.approved IS NOT NULL
                                THEN jsonb_build_object('records', NEW.records, 'sha256', encode(NEW.sha256, 'hex')) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION audit_cases();
CREATE TRIGGER p50_audit_decided AFTER UPDATE ON cases
    FOR EACH ROW WHEN ((OLD.approved, OLD.exported_at) IS DISTINCT FROM (NEW.approved, NEW.exported_at)) EXECUTE FUNCTION audit_cases();
