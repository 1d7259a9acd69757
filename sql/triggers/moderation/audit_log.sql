CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'audit_is_append_only',
        MESSAGE = 'the audit log is append-only',
        HINT = 'ops.prune_audit deletes old entries, and adds one that reports it.';
END
$$;
CREATE TRIGGER p30_append_only BEFORE DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
-- Also for sessions that disable ordinary triggers (session_replication_role).
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER p30_append_only;

-- Only names and network addresses of a person who is being deleted are taken out (forget_in_logs()).
CREATE FUNCTION refuse_audit_edit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(OLD) - '{address,before,after}'::text[] = to_jsonb(NEW) - '{address,before,after}'::text[]
       AND (NEW.address IS NULL OR NEW.address = OLD.address)
       AND EXISTS (SELECT FROM person_deletions WHERE user_id::text = current_setting('fechatter.forgets', true) AND words IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'audit_is_append_only',
        MESSAGE = 'the audit log is append-only',
        HINT = 'ops.prune_audit deletes old entries, and adds one that reports it.';
END
$$;
CREATE TRIGGER p30_redacted BEFORE UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_edit();
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER p30_redacted;
