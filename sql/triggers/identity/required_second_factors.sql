CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON required_second_factors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Under the lock of the workspace: whoever joins meanwhile waits, and then sees the demand.
CREATE FUNCTION lock_required_second_factor() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM workspaces WHERE id = NEW.workspace_id FOR NO KEY UPDATE;
    PERFORM require_leave_to_demand(NEW.workspace_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER p10_lock BEFORE INSERT ON required_second_factors
    FOR EACH ROW EXECUTE FUNCTION lock_required_second_factor();

CREATE FUNCTION audit_required_second_factors() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place CONSTANT bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.workspace_id ELSE NEW.workspace_id END;
BEGIN
    IF EXISTS (SELECT FROM workspaces WHERE id = place) THEN
        PERFORM audit('workspace_second_factor_changed', workspace_id => place, target_type => 'workspace', target_id => place,
                      after => jsonb_build_object('required', TG_OP = 'INSERT'));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON required_second_factors
    FOR EACH ROW EXECUTE FUNCTION audit_required_second_factors();

-- Sessions of members that have shown none end.
CREATE FUNCTION require_second_factor() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    member bigint;
BEGIN
    FOR member IN SELECT user_id FROM workspace_members WHERE workspace_id = NEW.workspace_id ORDER BY user_id LOOP
        PERFORM end_sessions('second_factor', member, lacking_factor => true);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_sign_out AFTER INSERT ON required_second_factors
    FOR EACH ROW EXECUTE FUNCTION require_second_factor();
