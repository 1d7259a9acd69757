CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON recovery_codes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p50_audit_renewed AFTER UPDATE OF made_at ON recovery_codes
    FOR EACH ROW EXECUTE FUNCTION audit_second_factors('recovery_codes_renewed', 'recovery_code');
CREATE TRIGGER p50_audit_used AFTER UPDATE OF hashes ON recovery_codes
    FOR EACH ROW WHEN (cardinality(NEW.hashes) < cardinality(OLD.hashes) AND OLD.made_at = NEW.made_at)
    EXECUTE FUNCTION audit_second_factors('recovery_code_used', 'recovery_code');

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON recovery_codes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.made_at <> NEW.made_at) EXECUTE FUNCTION log_second_factors('renewed', 'recovery_code');
CREATE CONSTRAINT TRIGGER p90_log_update AFTER UPDATE ON recovery_codes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (cardinality(NEW.hashes) < cardinality(OLD.hashes) AND OLD.made_at = NEW.made_at)
    EXECUTE FUNCTION log_second_factors('used', 'recovery_code');
