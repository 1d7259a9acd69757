CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'audit_is_append_only',
        MESSAGE = 'the audit log is append-only',
        HINT = 'ops.prune_audit deletes old entries, and adds one that reports it.';
END
$$;
CREATE TRIGGER p30_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
-- Also for sessions that disable ordinary triggers (session_replication_role).
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER p30_append_only;
