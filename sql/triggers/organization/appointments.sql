CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON appointments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON appointments
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.user_id) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.user_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR UPDATE OR DELETE ON appointments FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

-- Guests and bots have none.
CREATE FUNCTION fill_appointment() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.is_current := is_within(NEW.starts_at, NEW.ends_at);
    IF (SELECT kind FROM organization_members m WHERE (m.organization_id, m.user_id) = (NEW.organization_id, NEW.user_id) FOR SHARE) <> 'member' THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'appointment_is_of_a_member',
            MESSAGE = format('user %s is a guest or a bot in organisation %s, and has no appointments', NEW.user_id, NEW.organization_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT OR UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION fill_appointment();

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON appointments FOR EACH ROW EXECUTE FUNCTION audit_directory('appointment');

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON appointments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_directory();

-- The chats that follow the departments have the same people at once.
CREATE FUNCTION follow_appointments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_departments(array_agg(DISTINCT department_id), array_agg(DISTINCT user_id)) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE FUNCTION follow_changed_appointments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_departments(array_agg(DISTINCT department_id), array_agg(DISTINCT user_id))
    FROM (SELECT department_id, user_id FROM before UNION SELECT department_id, user_id FROM after) changed HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_chats AFTER INSERT ON appointments REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_appointments();
CREATE TRIGGER p95_chats_ended AFTER DELETE ON appointments REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_appointments();
CREATE TRIGGER p95_chats_changed AFTER UPDATE ON appointments REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION follow_changed_appointments();

-- Nobody appoints into roles that they could not grant.
CREATE FUNCTION require_department_held() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_all_held(ARRAY(SELECT b.id FROM department_tree t JOIN role_bindings b ON b.department_id = t.ancestor_id
                                   WHERE t.department_id = NEW.department_id AND (b.with_below OR t.depth = 0)));
    RETURN NULL;
END
$$;
CREATE TRIGGER p70_held AFTER INSERT ON appointments
    FOR EACH ROW WHEN (acting_user() IS NOT NULL) EXECUTE FUNCTION require_department_held();
-- A longer appointment is a grant, too.
CREATE TRIGGER p70_held_changed AFTER UPDATE ON appointments
    FOR EACH ROW WHEN (acting_user() IS NOT NULL
                       AND (OLD.department_id, OLD.starts_at, OLD.ends_at) IS DISTINCT FROM (NEW.department_id, NEW.starts_at, NEW.ends_at))
    EXECUTE FUNCTION require_department_held();
