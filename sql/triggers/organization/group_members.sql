CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON group_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON group_members FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON group_members FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

-- The organisation is that of the group.
CREATE FUNCTION fill_group_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT organization_id INTO NEW.organization_id FROM groups WHERE id = NEW.group_id;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'group_members_group_exists', MESSAGE = format('there is no group %s', NEW.group_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON group_members FOR EACH ROW EXECUTE FUNCTION fill_group_member();

CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON group_members FOR EACH ROW EXECUTE FUNCTION audit_directory('group_member');

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON group_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_directory();

-- Nobody puts people into roles that they could not grant.
CREATE FUNCTION require_group_held() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_all_held(ARRAY(SELECT id FROM role_bindings WHERE group_id = NEW.group_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p70_held AFTER INSERT ON group_members
    FOR EACH ROW WHEN (acting_user() IS NOT NULL) EXECUTE FUNCTION require_group_held();

-- What the group's roles show.
CREATE FUNCTION follow_group() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_bindings(array_agg(b), (SELECT array_agg(DISTINCT user_id) FROM changed)) FROM role_bindings b
    WHERE b.group_id IN (SELECT group_id FROM changed) AND num_nonnulls(b.chat_id, b.document_id) > 0 HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_follow AFTER INSERT ON group_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_group();
CREATE TRIGGER p95_follow_left AFTER DELETE ON group_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_group();
