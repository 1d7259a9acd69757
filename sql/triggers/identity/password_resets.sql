-- The audit log records who was given a reset; the change of the password shows that it was used.

CREATE FUNCTION audit_password_resets() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('password_reset_made', target_type => 'user', target_id => NEW.user_id,
                  after => jsonb_build_object('expires_at', NEW.expires_at));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT ON password_resets FOR EACH ROW EXECUTE FUNCTION audit_password_resets();
