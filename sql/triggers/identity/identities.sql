CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON identities
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- What one has signed in with and can no longer: its sessions end.
CREATE FUNCTION end_sessions_of_identity() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM end_sessions('unlinked', identity => OLD.id);
    RETURN OLD;
END
$$;
CREATE TRIGGER p40_sign_out BEFORE DELETE ON identities FOR EACH ROW EXECUTE FUNCTION end_sessions_of_identity();

CREATE FUNCTION audit_identities() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    identity identities := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = identity.user_id) THEN
        PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'identity_linked' ELSE 'identity_unlinked' END,
                      target_type => 'user', target_id => identity.user_id,
                      after => jsonb_build_object('provider', identity.provider, 'issuer', identity.issuer));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON identities FOR EACH ROW EXECUTE FUNCTION audit_identities();
