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
