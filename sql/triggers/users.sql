CREATE OR REPLACE FUNCTION name_user() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.username := derive_username(NEW.email, NEW.fullname);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER name BEFORE INSERT ON users
    FOR EACH ROW WHEN (NEW.username IS NULL) EXECUTE FUNCTION name_user();

-- A user name that is given or changed; those of before stay. The four that mean everybody in a mention are refused by a
-- constraint besides, to operators too.
CREATE OR REPLACE FUNCTION refuse_reserved_username() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF username_is_reserved(NEW.username) AND coalesce(current_setting('fechatter.names_user', true), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'users_username_reserved',
            MESSAGE = format('the user name %s is reserved', NEW.username),
            HINT = 'An operator gives it: SELECT * FROM ops.name_user(who, username);';
    END IF;
    RETURN NEW;
END
$$;
-- Triggers go by their names: after `name`, and before the constraint.
CREATE OR REPLACE TRIGGER reserved_name BEFORE INSERT ON users
    FOR EACH ROW EXECUTE FUNCTION refuse_reserved_username();
CREATE OR REPLACE TRIGGER reserved_rename BEFORE UPDATE OF username ON users
    FOR EACH ROW WHEN (NEW.username <> OLD.username) EXECUTE FUNCTION refuse_reserved_username();

-- As everywhere, updated_at moves with what an event tells; a new password is nobody else's business.
CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON users
    FOR EACH ROW WHEN ((OLD.username, OLD.email, OLD.fullname, OLD.avatar, OLD.status,
                        OLD.status_text, OLD.status_emoji, OLD.status_until)
                       IS DISTINCT FROM (NEW.username, NEW.email, NEW.fullname, NEW.avatar, NEW.status,
                                         NEW.status_text, NEW.status_emoji, NEW.status_until))
    EXECUTE FUNCTION touch_updated_at();

DROP TRIGGER IF EXISTS suspend ON users;
DROP FUNCTION IF EXISTS revoke_sessions_of_suspended();
-- Who is not active any longer is signed out everywhere, and invites nobody.
CREATE OR REPLACE FUNCTION revoke_sessions_of_inactive() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE sessions SET
        revoked_at = now(), revoked_reason = CASE NEW.status WHEN 'inactive' THEN 'deactivated' ELSE 'suspended' END
    WHERE user_id = NEW.id AND revoked_at IS NULL;
    DELETE FROM workspace_invitations WHERE invited_by = NEW.id;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER sign_out AFTER UPDATE ON users
    FOR EACH ROW WHEN (NEW.status <> 'active' AND OLD.status <> NEW.status)
    EXECUTE FUNCTION revoke_sessions_of_inactive();

-- A new user has nobody to be announced to, and a deleted one leaves by its memberships: only changes are events.
CREATE OR REPLACE FUNCTION log_users() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    showing bigint[];
    hiding bigint[];
BEGIN
    PERFORM log_lock();
    SELECT coalesce(array_agg(id ORDER BY id) FILTER (WHERE show_emails), '{}'),
           coalesce(array_agg(id ORDER BY id) FILTER (WHERE NOT show_emails), '{}') INTO showing, hiding
    FROM workspace_members JOIN workspaces ON id = workspace_id WHERE user_id = NEW.id;
    -- The address comes second: whoever may see it, in another workspace or as the user's own, has it in the end.
    IF hiding <> '{}' THEN
        PERFORM log_append('UserUpdated', 'workspaces', user_json(NEW, false), workspace_ids => hiding);
    END IF;
    PERFORM log_append('UserUpdated', 'workspaces', user_json(NEW), user_id => NEW.id, workspace_ids => showing);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON users;
CREATE CONSTRAINT TRIGGER log AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.username, OLD.email, OLD.fullname, OLD.avatar, OLD.status,
                        OLD.status_text, OLD.status_emoji, OLD.status_until)
                       IS DISTINCT FROM (NEW.username, NEW.email, NEW.fullname, NEW.avatar, NEW.status,
                                         NEW.status_text, NEW.status_emoji, NEW.status_until))
    EXECUTE FUNCTION log_users();

-- Who is invisible is nobody else's business: only the user's own clients are told.
CREATE OR REPLACE FUNCTION log_presence_modes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM log_append('PresenceModeChanged', 'user', row_to_json(shape), user_id => NEW.id)
    FROM (SELECT NEW.id AS user_id, NEW.presence_mode) shape;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log_presence_mode ON users;
CREATE CONSTRAINT TRIGGER log_presence_mode AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.presence_mode <> NEW.presence_mode) EXECUTE FUNCTION log_presence_modes();

CREATE OR REPLACE TRIGGER plain_name BEFORE INSERT OR UPDATE OF fullname, status_text, status_emoji ON users
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('fullname', 'status_text', 'status_emoji');
