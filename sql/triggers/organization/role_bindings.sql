CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON role_bindings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Nothing of a binding changes but its end.
CREATE TRIGGER p30_final BEFORE UPDATE ON role_bindings
    FOR EACH ROW WHEN (
        (OLD.id, OLD.organization_id, OLD.role_id, OLD.user_id, OLD.group_id, OLD.department_id, OLD.with_below, OLD.workspace_id,
         OLD.scope_department_id, OLD.chat_id, OLD.document_id, OLD.source, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.role_id, NEW.user_id, NEW.group_id, NEW.department_id, NEW.with_below, NEW.workspace_id,
                          NEW.scope_department_id, NEW.chat_id, NEW.document_id, NEW.source, NEW.created_at))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_lock BEFORE INSERT ON role_bindings FOR EACH ROW EXECUTE FUNCTION lock_organization();
CREATE TRIGGER p10_defer_log BEFORE INSERT OR UPDATE OR DELETE ON role_bindings FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

CREATE FUNCTION require_showing(permissions text[], b role_bindings) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF permissions && permissions_showing() AND b.chat_id IS NULL AND b.document_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'role_shows_one_place',
            MESSAGE = format('a role with one of these is bound to one chat or document: %s', array_to_string(permissions_showing(), ', '));
    END IF;
END
$$;

-- Of a place of the organisation; the role means something there; its end is to come; the acting user keeps the organisation's
-- roles and lacks nothing of what they grant. One that ends later grants more.
CREATE FUNCTION check_role_binding() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    permitted text[];
    home CONSTANT bigint := coalesce(NEW.workspace_id, (SELECT c.workspace_id FROM chats c WHERE c.id = NEW.chat_id AND c.type <> 'Single'),
                                     (SELECT d.workspace_id FROM documents d WHERE d.id = NEW.document_id));
BEGIN
    PERFORM require_roles_kept(NEW.organization_id);
    SELECT r.permissions INTO permitted FROM roles r WHERE r.id = NEW.role_id AND r.organization_id = NEW.organization_id FOR SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'role_bindings_role_exists',
            MESSAGE = format('organisation %s has no role %s of its own', NEW.organization_id, NEW.role_id);
    END IF;
    IF num_nonnulls(NEW.workspace_id, NEW.chat_id, NEW.document_id) > 0
       AND NOT EXISTS (SELECT FROM workspaces WHERE id = home AND organization_id = NEW.organization_id FOR SHARE) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'role_binding_is_of_organization',
            MESSAGE = format('the place is in no workspace of organisation %s, or a chat of two people', NEW.organization_id);
    END IF;
    IF permissions_within(permitted, NEW) = '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'role_binding_grants_something',
            MESSAGE = format('role %s permits nothing in this place', NEW.role_id);
    END IF;
    IF NEW.ends_at <= now() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'role_binding_ends_later', MESSAGE = 'a binding ends in the future, if it does';
    END IF;
    PERFORM require_showing(permitted, NEW);
    IF TG_OP = 'INSERT' OR coalesce(NEW.ends_at, 'infinity') > coalesce(OLD.ends_at, 'infinity') THEN
        PERFORM require_held(permitted, NEW);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE ON role_bindings FOR EACH ROW EXECUTE FUNCTION check_role_binding();

-- Everything that reaches a person is in their snapshot, so little may.
CREATE FUNCTION refuse_many_of_one() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT organization_id, user_id, group_id, department_id FROM added) one
               WHERE (SELECT count(*) FROM role_bindings b
                      WHERE b.organization_id = one.organization_id
                        AND (b.user_id = one.user_id OR b.group_id = one.group_id OR b.department_id = one.department_id)) > 50) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'role_bindings_amount',
            MESSAGE = 'one person, group or department has at most 50 bindings of roles';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_amount_of_one AFTER INSERT ON role_bindings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many_of_one();

CREATE TRIGGER p60_amount AFTER INSERT ON role_bindings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many('10000');

CREATE FUNCTION audit_role_bindings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    b CONSTANT role_bindings := coalesce(NEW, OLD);
BEGIN
    PERFORM audit_organization('role_binding_' || CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
                               b.organization_id, 'role', b.role_id, jsonb_strip_nulls(to_jsonb(OLD)), jsonb_strip_nulls(to_jsonb(NEW)));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON role_bindings FOR EACH ROW EXECUTE FUNCTION audit_role_bindings();

-- What they show, in the transaction that changes them: of all together, which locks the places in order.
CREATE FUNCTION settle_role_bindings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_bindings(array_agg(ROW(b.*)::role_bindings)) FROM changed b
    WHERE num_nonnulls(b.chat_id, b.document_id) > 0 HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_settle_added AFTER INSERT ON role_bindings REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION settle_role_bindings();
CREATE TRIGGER p95_settle_changed AFTER UPDATE ON role_bindings REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION settle_role_bindings();
CREATE TRIGGER p95_settle_removed AFTER DELETE ON role_bindings REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION settle_role_bindings();

-- To those whom it reaches.
CREATE FUNCTION log_role_bindings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    b CONSTANT role_bindings := coalesce(NEW, OLD);
BEGIN
    PERFORM tell_organization(b.organization_id, person) FROM people_of_binding(b) AS person ORDER BY person;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON role_bindings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_role_bindings();
