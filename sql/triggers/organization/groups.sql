CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON groups
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON groups
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id) IS DISTINCT FROM (NEW.id, NEW.organization_id)) EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_lock BEFORE INSERT ON groups FOR EACH ROW EXECUTE FUNCTION lock_organization();

CREATE TRIGGER p20_touch BEFORE UPDATE ON groups
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

CREATE FUNCTION refuse_many_groups() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM groups WHERE organization_id IN (SELECT organization_id FROM added)
               GROUP BY organization_id HAVING count(*) > most_groups()) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'groups_amount',
            MESSAGE = format('an organisation has at most %s groups', most_groups());
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_amount AFTER INSERT ON groups REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many_groups();

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON groups FOR EACH ROW EXECUTE FUNCTION audit_directory('group');

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON groups DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_directory();
