CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON sessions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE FUNCTION audit_sessions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = OLD.user_id) THEN
        PERFORM audit('session_ended', target_type => 'user', target_id => OLD.user_id, after => jsonb_build_object(
            'session_id', OLD.id, 'reason', CASE TG_OP WHEN 'DELETE' THEN 'operator' ELSE NEW.revoked_reason END));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER UPDATE OF revoked_reason ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_reason IN ('operator', 'logout_all'))
    EXECUTE FUNCTION audit_sessions();

CREATE TRIGGER p50_audit_deleted AFTER DELETE ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now()) EXECUTE FUNCTION audit_sessions();

CREATE FUNCTION log_sessions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('SessionRevoked', 'user', row_to_json(shape), user_id => OLD.user_id)
    FROM (SELECT OLD.id AS session_id,
                 CASE WHEN TG_OP = 'DELETE' THEN 'operator' ELSE NEW.revoked_reason END AS reason) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_revoked AFTER UPDATE ON sessions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION log_sessions();
-- A session that had already ended has no event.
CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON sessions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now())
    EXECUTE FUNCTION log_sessions();

-- chat_server caches valid sessions. Whatever ends one early notifies it of the user, at COMMIT.
CREATE FUNCTION ring_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fechatter_sessions', OLD.user_id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_ring_ended AFTER UPDATE ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
                       OR NEW.expires_at < OLD.expires_at OR NEW.user_id <> OLD.user_id)
    EXECUTE FUNCTION ring_sessions();
CREATE TRIGGER p95_ring_deleted AFTER DELETE ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now()) EXECUTE FUNCTION ring_sessions();
