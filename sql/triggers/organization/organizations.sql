CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON organizations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON organizations
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p20_touch BEFORE UPDATE ON organizations
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON organizations
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON organizations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keeps_owner('organization');

CREATE FUNCTION audit_organizations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    id bigint := coalesce(NEW.id, OLD.id);
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'organization_created' WHEN 'UPDATE' THEN 'organization_changed' ELSE 'organization_deleted' END,
                  target_type => 'organization', target_id => id,
                  before => CASE WHEN OLD.id IS NOT NULL THEN jsonb_build_object('name', OLD.name) END,
                  after => CASE WHEN NEW.id IS NOT NULL THEN jsonb_build_object('name', NEW.name) END, organization_id => id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON organizations FOR EACH ROW EXECUTE FUNCTION audit_organizations();
CREATE TRIGGER p50_audit_name AFTER UPDATE OF name ON organizations
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_organizations();

-- To all of its people.
CREATE FUNCTION log_organizations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM tell_organization(organization_id, user_id) FROM organization_members WHERE organization_id = NEW.id ORDER BY user_id;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON organizations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION log_organizations();

CREATE FUNCTION audit_kept_accounts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('organization_keeps_accounts', target_type => 'organization', target_id => NEW.id,
                  before => jsonb_build_object('keeps_accounts', OLD.keeps_accounts),
                  after => jsonb_build_object('keeps_accounts', NEW.keeps_accounts), organization_id => NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_accounts AFTER UPDATE OF keeps_accounts ON organizations
    FOR EACH ROW WHEN (OLD.keeps_accounts <> NEW.keeps_accounts) EXECUTE FUNCTION audit_kept_accounts();
