-- The audit log: every administrative act, on REST and in psql.

CREATE VIEW ops.audit AS
SELECT a.id, a.at, coalesce(users.email, 'user ' || a.actor_id, a.database_role) AS by, a.address, a.action AS act,
       a.workspace_id AS workspace, a.chat_id AS chat, a.document_kind || ' ' || a.document_id AS document,
       a.target_type || ' ' || a.target_id AS target, a.before, a.after
FROM public.audit_log a LEFT JOIN public.users ON users.id = a.actor_id
ORDER BY a.id DESC;
COMMENT ON VIEW ops.audit IS 'Every administrative act, newest first: by whom (an address; for psql and a server''s own work the database role), what, before and after, from where.';

CREATE FUNCTION ops.prune_audit(older_than interval, OUT pruned bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    edge timestamptz := now() - older_than;
BEGIN
    ALTER TABLE audit_log DISABLE TRIGGER p30_append_only;
    DELETE FROM audit_log WHERE at < edge;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    ALTER TABLE audit_log ENABLE ALWAYS TRIGGER p30_append_only;
    PERFORM audit('audit_pruned', before => jsonb_build_object('entries', pruned, 'older_than', edge));
END
$$;
COMMENT ON FUNCTION ops.prune_audit IS 'Drops audit entries older than this (''5 years''), and adds one with their number. Only the owner of the tables can.';
