CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON roles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Built-in roles are as they are.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON roles
    FOR EACH ROW WHEN (OLD.organization_id IS NULL OR (OLD.id, OLD.organization_id) IS DISTINCT FROM (NEW.id, NEW.organization_id))
    EXECUTE FUNCTION refuse_key_change();
CREATE TRIGGER p30_built_in BEFORE DELETE ON roles
    FOR EACH ROW WHEN (OLD.organization_id IS NULL) EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_lock BEFORE INSERT ON roles FOR EACH ROW EXECUTE FUNCTION lock_organization();
CREATE TRIGGER p10_defer_log BEFORE INSERT OR UPDATE OR DELETE ON roles FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

-- A list of permissions names each once, in order.
CREATE FUNCTION fill_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.permissions := ARRAY(SELECT DISTINCT permission FROM unnest(NEW.permissions) AS permission ORDER BY permission);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT OR UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION fill_role();
CREATE TRIGGER p20_touch BEFORE UPDATE ON roles
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name, description ON roles
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name', 'description');

-- Known permissions that a role may have; kept by admins of the organisation.
CREATE FUNCTION check_role() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_roles_kept(coalesce(NEW.organization_id, OLD.organization_id));
    IF TG_OP <> 'DELETE' AND NOT NEW.permissions <@ permissions_bindable() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'role_permissions_bindable',
            MESSAGE = format('no role can have these permissions: %s',
                             array_to_string(ARRAY(SELECT unnest(NEW.permissions) EXCEPT SELECT unnest(permissions_bindable())), ', ')),
            HINT = 'SELECT unnest(permissions_bindable());';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON roles
    FOR EACH ROW WHEN (NEW.organization_id IS NOT NULL) EXECUTE FUNCTION check_role();
-- With the organisation gone its roles go, whoever has deleted it.
CREATE TRIGGER p30_check_deleted BEFORE DELETE ON roles
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION check_role();

CREATE TRIGGER p60_amount AFTER INSERT ON roles REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many('500');

-- What a role permits from now on, all of its bindings grant: as far as the acting user could.
CREATE FUNCTION widen_role() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    more CONSTANT text[] := ARRAY(SELECT unnest(NEW.permissions) EXCEPT SELECT unnest(OLD.permissions));
    binding role_bindings;
BEGIN
    FOR binding IN SELECT * FROM role_bindings WHERE role_id = NEW.id ORDER BY id LOOP
        PERFORM require_showing(NEW.permissions, binding);
        PERFORM require_held(more, binding);
    END LOOP;
    PERFORM settle_bindings(array_agg(b)) FROM role_bindings b WHERE b.role_id = NEW.id HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER p70_held AFTER UPDATE ON roles
    FOR EACH ROW WHEN (OLD.permissions <> NEW.permissions) EXECUTE FUNCTION widen_role();

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON roles FOR EACH ROW EXECUTE FUNCTION audit_directory('role');

-- To those who have it.
CREATE FUNCTION log_roles() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM tell_organization(NEW.organization_id, person)
    FROM (SELECT DISTINCT person FROM role_bindings b CROSS JOIN LATERAL people_of_binding(b) AS person WHERE b.role_id = NEW.id ORDER BY 1) told;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON roles DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.permissions) IS DISTINCT FROM (NEW.name, NEW.permissions)) EXECUTE FUNCTION log_roles();
