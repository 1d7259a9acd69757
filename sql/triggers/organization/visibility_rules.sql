CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON visibility_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON visibility_rules
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.department_id) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.department_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON visibility_rules FOR EACH ROW EXECUTE FUNCTION audit_directory('visibility_rule');

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON visibility_rules DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_directory();
