CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON passkeys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p50_audit_added AFTER INSERT ON passkeys
    FOR EACH ROW EXECUTE FUNCTION audit_second_factors('second_factor_added', 'passkey');
CREATE TRIGGER p50_audit_removed AFTER DELETE ON passkeys
    FOR EACH ROW EXECUTE FUNCTION audit_second_factors('second_factor_removed', 'passkey');

CREATE CONSTRAINT TRIGGER p90_log_changed AFTER INSERT ON passkeys DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_second_factors('added', 'passkey');
CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON passkeys DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_second_factors('removed', 'passkey');

CREATE TRIGGER p95_drop_recovery_codes AFTER DELETE ON passkeys
    FOR EACH ROW EXECUTE FUNCTION drop_recovery_codes();
