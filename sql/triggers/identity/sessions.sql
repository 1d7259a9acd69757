CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON sessions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A token of Clerk outlives its session for a minute: it begins no session here once Clerk has said that its own, or its
-- user, is gone.
CREATE FUNCTION clerk_session_is_open() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person CONSTANT text := (SELECT subject FROM identities WHERE id = NEW.identity_id);
BEGIN
    PERFORM pg_advisory_xact_lock_shared(clerk_lock('session', NEW.provider_sid));
    PERFORM pg_advisory_xact_lock_shared(clerk_lock('user', person));
    IF EXISTS (SELECT FROM clerk_objects WHERE gone AND (kind, id) IN (('session', NEW.provider_sid), ('user', person))) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC401', CONSTRAINT = 'clerk_session_is_open',
            MESSAGE = 'Clerk has said that this session, or its user, is gone';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_clerk BEFORE INSERT ON sessions
    FOR EACH ROW WHEN (NEW.provider = 'clerk') EXECUTE FUNCTION clerk_session_is_open();

CREATE FUNCTION audit_sessions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = OLD.user_id) THEN
        PERFORM audit('session_ended', target_type => 'user', target_id => OLD.user_id, after => jsonb_build_object(
            'session_id', OLD.id, 'provider', OLD.provider, 'reason', CASE TG_OP WHEN 'DELETE' THEN 'operator' ELSE NEW.revoked_reason END)
            || CASE WHEN OLD.app_id IS NULL THEN '{}' ELSE jsonb_build_object('app_id', OLD.app_id) END);
    END IF;
    RETURN NULL;
END
$$;
-- Who has come in, and how. Only what open_session() opens has a device.
CREATE FUNCTION audit_sign_ins() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('session_began', target_type => 'user', target_id => NEW.user_id, after => jsonb_build_object(
        'session_id', NEW.id, 'provider', NEW.provider, 'amr', NEW.amr, 'second_factor', NEW.second_factor, 'new_device', NEW.new_device));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_began AFTER INSERT ON sessions
    FOR EACH ROW WHEN (NEW.device_hash IS NOT NULL) EXECUTE FUNCTION audit_sign_ins();

CREATE FUNCTION audit_tokens() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('token_created', target_type => 'user', target_id => NEW.user_id, after => jsonb_build_object(
        'session_id', NEW.id, 'name', NEW.token_name, 'scopes', NEW.scopes, 'bound_to', NEW.workspace_id, 'expires_at', NEW.expires_at));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_token AFTER INSERT ON sessions
    FOR EACH ROW WHEN (NEW.token_hash IS NOT NULL) EXECUTE FUNCTION audit_tokens();

-- Somebody has let an app act for them: known in its workspace too, whose admins have registered it.
CREATE FUNCTION audit_connections() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('app_connected', workspace_id => a.workspace_id, target_type => 'user', target_id => NEW.user_id, after => jsonb_build_object(
        'session_id', NEW.id, 'app_id', a.id, 'name', a.name, 'scopes', NEW.scopes, 'bound_to', NEW.workspace_id))
    FROM apps a WHERE a.id = NEW.app_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_app AFTER INSERT ON sessions
    FOR EACH ROW WHEN (NEW.app_id IS NOT NULL) EXECUTE FUNCTION audit_connections();

CREATE TRIGGER p50_audit AFTER UPDATE OF revoked_reason ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_reason IN ('operator', 'logout_all', 'ended', 'provider', 'claimed', 'token_reused'))
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

-- A sign-in on a device that the user has not used before: their other devices show it.
CREATE FUNCTION log_new_devices() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('SessionStarted', 'user', row_to_json(shape), user_id => NEW.user_id)
    FROM (SELECT NEW.id AS session_id, NEW.provider, NEW.device_name, abbrev(NEW.address) AS address, NEW.created_at) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_new_device AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.new_device) EXECUTE FUNCTION log_new_devices();

-- A new token, or an app that was connected: the user hears of it, since it may have been somebody else in their session.
CREATE FUNCTION log_new_tokens() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('TokenCreated', 'user', row_to_json(shape), user_id => NEW.user_id)
    FROM (SELECT NEW.id, coalesce(NEW.token_name, (SELECT a.name FROM apps a WHERE a.id = NEW.app_id)) AS name, NEW.app_id, NEW.scopes,
                 NEW.created_at, NEW.expires_at) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_new_token AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.token_hash IS NOT NULL OR NEW.app_id IS NOT NULL) EXECUTE FUNCTION log_new_tokens();

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
