-- Who was given a way to set a new password is in the audit log; that it was used is there by the password's change.

CREATE FUNCTION audit_password_resets() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('password_reset_made', target_type => 'user', target_id => NEW.user_id,
                  after => jsonb_build_object('expires_at', NEW.expires_at));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT ON password_resets FOR EACH ROW EXECUTE FUNCTION audit_password_resets();
