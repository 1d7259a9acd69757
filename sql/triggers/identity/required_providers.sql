CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON required_providers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Under the lock of the workspace: its members stay who they are until COMMIT.
CREATE FUNCTION check_required_provider() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM workspaces WHERE id = NEW.workspace_id FOR NO KEY UPDATE;
    PERFORM require_leave_to_demand(NEW.workspace_id);
    IF NOT EXISTS (SELECT FROM workspace_members
                   WHERE workspace_id = NEW.workspace_id AND user_id = NEW.break_glass_owner AND role = 'owner') THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'break_glass_owner_is_owner',
            MESSAGE = format('user %s is no owner of workspace %s', NEW.break_glass_owner, NEW.workspace_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON required_providers
    FOR EACH ROW EXECUTE FUNCTION check_required_provider();

CREATE FUNCTION audit_required_providers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'DELETE' OR EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        PERFORM audit('workspace_required_provider_changed', workspace_id => coalesce(NEW.workspace_id, OLD.workspace_id),
                      target_type => 'workspace', target_id => coalesce(NEW.workspace_id, OLD.workspace_id),
                      before => jsonb_build_object('provider', OLD.provider, 'break_glass_owner', OLD.break_glass_owner),
                      after => jsonb_build_object('provider', NEW.provider, 'break_glass_owner', NEW.break_glass_owner));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON required_providers
    FOR EACH ROW EXECUTE FUNCTION audit_required_providers();

CREATE FUNCTION require_provider() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM end_other_ways_in(ARRAY(SELECT user_id FROM workspace_members WHERE workspace_id = NEW.workspace_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_sign_out AFTER INSERT OR UPDATE ON required_providers
    FOR EACH ROW EXECUTE FUNCTION require_provider();
