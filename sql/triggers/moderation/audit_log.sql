CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'audit_is_append_only',
        MESSAGE = 'the audit log is only ever appended to',
        HINT = 'ops.prune_audit drops old entries, and leaves one that says so.';
END
$$;
CREATE TRIGGER p30_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
-- Also for sessions that disable ordinary triggers (session_replication_role).
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER p30_append_only;
