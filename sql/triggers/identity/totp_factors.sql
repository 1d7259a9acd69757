CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON totp_factors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p50_audit_confirmed AFTER UPDATE OF confirmed_at ON totp_factors
    FOR EACH ROW WHEN (OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL)
    EXECUTE FUNCTION audit_second_factors('second_factor_added', 'totp');
CREATE TRIGGER p50_audit_removed AFTER DELETE ON totp_factors
    FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION audit_second_factors('second_factor_removed', 'totp');

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON totp_factors DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL)
    EXECUTE FUNCTION log_second_factors('added', 'totp');
CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON totp_factors DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION log_second_factors('removed', 'totp');

CREATE TRIGGER p95_drop_recovery_codes AFTER DELETE ON totp_factors
    FOR EACH ROW EXECUTE FUNCTION drop_recovery_codes();
