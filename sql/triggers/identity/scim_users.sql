CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON scim_users
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p20_version BEFORE UPDATE ON scim_users FOR EACH ROW EXECUTE FUNCTION next_scim_version();

-- A directory's `active` suspends by source, and takes back its own suspension alone.
CREATE FUNCTION follow_scim_active() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.active THEN
        PERFORM reinstate_by(NEW.directory, NEW.user_id);
    ELSE
        PERFORM suspend_by(NEW.directory, NEW.user_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_follow_new AFTER INSERT ON scim_users FOR EACH ROW EXECUTE FUNCTION follow_scim_active();
CREATE TRIGGER p95_follow AFTER UPDATE OF active ON scim_users
    FOR EACH ROW WHEN (OLD.active <> NEW.active) EXECUTE FUNCTION follow_scim_active();

-- Whom a directory has provisioned, changed and given up. What it suspends and grants are entries of their own.
CREATE FUNCTION audit_scim_users() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    shown scim_users := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = shown.user_id) THEN
        PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'user_provisioned' WHEN 'UPDATE' THEN 'user_provisioning_changed'
                                 ELSE 'user_deprovisioned' END,
                      target_type => 'user', target_id => shown.user_id,
                      after => jsonb_build_object('directory', shown.directory, 'active', shown.active));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON scim_users FOR EACH ROW EXECUTE FUNCTION audit_scim_users();
