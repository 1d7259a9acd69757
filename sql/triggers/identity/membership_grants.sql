CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON membership_grants
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Which source has granted or withdrawn what. Whether a membership came or went with it is an entry of its own.
CREATE FUNCTION audit_membership_grants() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    granted membership_grants := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'INSERT' OR EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'workspace_granted' ELSE 'workspace_grant_withdrawn' END,
                      workspace_id => granted.workspace_id, target_type => 'user', target_id => granted.user_id,
                      after => jsonb_build_object('source', granted.source));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON membership_grants
    FOR EACH ROW EXECUTE FUNCTION audit_membership_grants();
