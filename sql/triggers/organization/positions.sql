CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON positions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON positions
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id) IS DISTINCT FROM (NEW.id, NEW.organization_id)) EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_lock BEFORE INSERT ON positions FOR EACH ROW EXECUTE FUNCTION lock_organization();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON positions
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

CREATE FUNCTION refuse_many_positions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM positions WHERE organization_id IN (SELECT organization_id FROM added)
               GROUP BY organization_id HAVING count(*) > most_groups()) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'positions_amount',
            MESSAGE = format('an organisation has at most %s positions', most_groups());
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_amount AFTER INSERT ON positions REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many_positions();

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON positions FOR EACH ROW EXECUTE FUNCTION audit_directory('position');

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON positions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_directory();
