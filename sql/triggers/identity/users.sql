CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE FUNCTION name_user() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.username := derive_username(NEW.email, NEW.fullname);
    RETURN NEW;
END
$$;
-- A new address is unverified, unless the statement says otherwise.
CREATE FUNCTION forget_verification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.email_verified_at := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_unverify BEFORE UPDATE OF email ON users
    FOR EACH ROW WHEN (lower(OLD.email) <> lower(NEW.email) AND OLD.email_verified_at IS NOT DISTINCT FROM NEW.email_verified_at)
    EXECUTE FUNCTION forget_verification();

CREATE TRIGGER p20_name BEFORE INSERT ON users
    FOR EACH ROW WHEN (NEW.username IS NULL) EXECUTE FUNCTION name_user();

-- Checks user names that are set or changed; earlier ones stay. A constraint also refuses, to operators too, the four
-- that mention everyone. A deleted account has a reserved name of its own.
CREATE FUNCTION refuse_reserved_username() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF username_is_reserved(NEW.username) AND lower(NEW.username) <> 'deleted-' || NEW.id
       AND coalesce(current_setting('fechatter.names_user', true), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'users_username_reserved',
            MESSAGE = format('the user name %s is reserved', NEW.username),
            HINT = 'An operator can assign it: SELECT * FROM ops.name_user(who, username);';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_reserved_name BEFORE INSERT ON users
    FOR EACH ROW EXECUTE FUNCTION refuse_reserved_username();
CREATE TRIGGER p30_reserved_rename BEFORE UPDATE OF username ON users
    FOR EACH ROW WHEN (NEW.username <> OLD.username) EXECUTE FUNCTION refuse_reserved_username();

-- A picture that has been uploaded: `avatar` is its path, which sees_file() guards. A URL in `avatar` takes its place.
CREATE FUNCTION set_avatar() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.avatar_file_id <> OLD.avatar_file_id OR NEW.avatar_file_id IS NOT NULL AND OLD.avatar_file_id IS NULL THEN
        PERFORM FROM files WHERE id = NEW.avatar_file_id FOR KEY SHARE;
        -- An archive says whose picture it is, and no upload.
        IF NOT may_be_picture(NEW.avatar_file_id, CASE WHEN NOT importing() THEN NEW.id END, NULL) THEN
            PERFORM refuse_picture(NEW.avatar_file_id);
        END IF;
        NEW.avatar := '/api/files/' || NEW.avatar_file_id || '/picture';
    ELSIF NEW.avatar IS NOT DISTINCT FROM OLD.avatar THEN
        NEW.avatar := NULL;
    ELSE
        NEW.avatar_file_id := NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_new_avatar BEFORE INSERT ON users
    FOR EACH ROW WHEN (NEW.avatar_file_id IS NOT NULL) EXECUTE FUNCTION set_avatar();
CREATE TRIGGER p20_avatar BEFORE UPDATE ON users
    FOR EACH ROW WHEN ((OLD.avatar, OLD.avatar_file_id) IS DISTINCT FROM (NEW.avatar, NEW.avatar_file_id))
    EXECUTE FUNCTION set_avatar();

-- Maintains `file_uses`: others see the new picture, and nobody any more the old one by this.
CREATE FUNCTION use_avatar() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO file_uses (file_id, user_id) SELECT NEW.avatar_file_id, NEW.id WHERE NEW.avatar_file_id IS NOT NULL;
    DELETE FROM file_uses WHERE user_id = NEW.id AND file_id IS DISTINCT FROM NEW.avatar_file_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_avatar AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.avatar_file_id IS DISTINCT FROM NEW.avatar_file_id) EXECUTE FUNCTION use_avatar();

-- As everywhere, updated_at moves with published data; a new password is not published.
CREATE TRIGGER p20_touch BEFORE UPDATE ON users
    FOR EACH ROW WHEN ((OLD.username, OLD.email, OLD.fullname, OLD.avatar, OLD.status,
                        OLD.status_text, OLD.status_emoji, OLD.status_until)
                       IS DISTINCT FROM (NEW.username, NEW.email, NEW.fullname, NEW.avatar, NEW.status,
                                         NEW.status_text, NEW.status_emoji, NEW.status_until))
    EXECUTE FUNCTION touch_updated_at();

-- A user who is no longer active is signed out everywhere, and their invites end.
CREATE FUNCTION revoke_sessions_of_inactive() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM end_sessions(CASE NEW.status WHEN 'inactive' THEN 'deactivated' ELSE 'suspended' END, NEW.id);
    DELETE FROM workspace_invitations WHERE invited_by = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_sign_out AFTER UPDATE ON users
    FOR EACH ROW WHEN (NEW.status <> 'active' AND OLD.status <> NEW.status)
    EXECUTE FUNCTION revoke_sessions_of_inactive();

-- Nobody acts for a user who may not sign in, and such a user acts for nobody.
CREATE FUNCTION end_delegations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE delegations SET revoked_at = now() WHERE NEW.id IN (principal_id, delegate_id) AND revoked_at IS NULL AND ends_at > now();
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_end_delegations AFTER UPDATE ON users
    FOR EACH ROW WHEN (NEW.status <> 'active' AND OLD.status <> NEW.status)
    EXECUTE FUNCTION end_delegations();

-- A status that is set other than by suspend_by() and reinstate_by() is an operator's word, also where it was so before:
-- a suspension of theirs stays when a directory takes back its own, and a reinstatement takes back all.
CREATE FUNCTION note_suspensions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status = 'suspended' THEN
        INSERT INTO suspensions (user_id, source) VALUES (NEW.id, 'operator') ON CONFLICT DO NOTHING;
    ELSIF NEW.status = 'active' THEN
        DELETE FROM suspensions WHERE user_id = NEW.id;
        UPDATE scim_users SET active = true WHERE user_id = NEW.id AND NOT active;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_suspensions AFTER UPDATE OF status ON users
    FOR EACH ROW WHEN (coalesce(current_setting('fechatter.suspends', true), '') = '')
    EXECUTE FUNCTION note_suspensions();

-- In no workspace's log, since a user may be in many. An organisation that suspends somebody has that in its own.
CREATE FUNCTION audit_users() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM audit('user_deleted', target_type => 'user', target_id => OLD.id,
                      before => jsonb_build_object('email', OLD.email, 'fullname', OLD.fullname, 'status', OLD.status));
        RETURN NULL;
    END IF;
    IF OLD.status <> NEW.status THEN
        PERFORM audit(CASE NEW.status WHEN 'suspended' THEN 'user_suspended' WHEN 'inactive' THEN 'user_deactivated'
                                      ELSE 'user_reinstated' END,
                      target_type => 'user', target_id => NEW.id,
                      before => jsonb_build_object('status', OLD.status),
                      after => jsonb_strip_nulls(jsonb_build_object(
                          'status', NEW.status, 'source', nullif(current_setting('fechatter.suspends', true), ''))),
                      organization_id => substring(current_setting('fechatter.suspends', true) FROM '^organization-(\d+)$')::bigint);
    END IF;
    -- A rehash with newer parameters is not a new password: see rehash_password().
    IF OLD.password_hash <> NEW.password_hash AND current_setting('fechatter.rehash', true) IS DISTINCT FROM 'on' THEN
        PERFORM audit('password_changed', target_type => 'user', target_id => NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER DELETE OR UPDATE OF status, password_hash ON users
    FOR EACH ROW EXECUTE FUNCTION audit_users();

-- Nobody needs to know of a new user, and a deleted one leaves by their memberships, so only changes are events. The
-- one with the address comes second: users who may see it, in another workspace or as the user's own, end up with it.
CREATE FUNCTION log_users() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_defer('UserUpdated', 'workspaces', 'users', workspace_ids => '{}', about => NEW.id, payload => user_json(NEW, false));
    PERFORM log_defer('UserUpdated', 'contacts', 'users', workspace_ids => '{}', user_id => NEW.id, payload => user_json(NEW));
    -- Guests, and those who meet them, share no workspace: they hear of it in their chats.
    PERFORM log_defer('ChatMemberUpdated', 'chat', 'chat_members', chat_id => m.chat_id, user_id => m.user_id)
    FROM chat_members m WHERE m.user_id = NEW.id AND EXISTS (
        SELECT FROM chat_members g WHERE g.chat_id = m.chat_id AND g.guest_of IS NOT NULL) ORDER BY m.chat_id;
    RETURN NULL;
END
$$;

-- Under the log's lock: the user's workspaces, first those that hide addresses, if there are any.
CREATE FUNCTION tell_users() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    DELETE FROM log_pending p
    WHERE p.xid = own AND p.source = 'users' AND p.user_id IS NULL
      AND NOT EXISTS (SELECT FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
                      WHERE m.user_id = p.about AND NOT w.show_emails);
    UPDATE log_pending p SET workspace_ids = ARRAY(
        SELECT w.id FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
        WHERE m.user_id = coalesce(p.user_id, p.about) AND w.show_emails = (p.user_id IS NOT NULL) ORDER BY w.id)
    WHERE p.xid = own AND p.source = 'users';
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.username, OLD.email, OLD.fullname, OLD.avatar, OLD.status,
                        OLD.status_text, OLD.status_emoji, OLD.status_until)
                       IS DISTINCT FROM (NEW.username, NEW.email, NEW.fullname, NEW.avatar, NEW.status,
                                         NEW.status_text, NEW.status_emoji, NEW.status_until))
    EXECUTE FUNCTION log_users();

-- Being invisible is private: only the user's own clients are notified.
CREATE FUNCTION log_presence_modes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM log_append('PresenceModeChanged', 'user', row_to_json(shape), user_id => NEW.id)
    FROM (SELECT NEW.id AS user_id, NEW.presence_mode) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_presence_mode AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.presence_mode <> NEW.presence_mode) EXECUTE FUNCTION log_presence_modes();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF fullname, status_text, status_emoji ON users
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('fullname', 'status_text', 'status_emoji');

CREATE TRIGGER p20_judged BEFORE UPDATE OF fullname, status_text ON users
    FOR EACH ROW EXECUTE FUNCTION judge_names('fullname', 'status_text');
-- What somebody is never changes: what a person wrote does not become a program's.
CREATE TRIGGER p30_final_kind BEFORE UPDATE ON users
    FOR EACH ROW WHEN (OLD.kind <> NEW.kind) EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p95_bots AFTER UPDATE OF status ON users
    FOR EACH ROW WHEN (NEW.status <> 'active' AND OLD.status = 'active' AND NEW.kind = 'person') EXECUTE FUNCTION disown_bots();
CREATE TRIGGER p95_disown_apps AFTER UPDATE OF status ON users
    FOR EACH ROW WHEN (NEW.status <> 'active' AND OLD.status = 'active' AND NEW.kind = 'person') EXECUTE FUNCTION disown_apps();

-- A deleted person stays one: nobody reinstates, names or finds the account again.
CREATE FUNCTION refuse_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'person_is_deleted',
        MESSAGE = format('user %s was deleted on %s', OLD.id, OLD.deleted_at);
END
$$;
CREATE TRIGGER p30_final_deletion BEFORE UPDATE ON users
    FOR EACH ROW WHEN (OLD.deleted_at IS NOT NULL
                       AND (OLD.username, OLD.email, OLD.email_verified_at, OLD.fullname, OLD.avatar, OLD.status, OLD.password_hash, OLD.status_text,
                            OLD.deleted_at)
                           IS DISTINCT FROM (NEW.username, NEW.email, NEW.email_verified_at, NEW.fullname, NEW.avatar, NEW.status, NEW.password_hash,
                                             NEW.status_text, NEW.deleted_at))
    EXECUTE FUNCTION refuse_return();

-- What was hidden stays so when somebody stops being invisible (functions/presence/online_time.sql).
CREATE FUNCTION note_hidden() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.hidden_until := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_hidden BEFORE UPDATE OF presence_mode ON users
    FOR EACH ROW WHEN (OLD.presence_mode = 'invisible' AND NEW.presence_mode <> 'invisible') EXECUTE FUNCTION note_hidden();

CREATE FUNCTION refuse_unknown_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = NEW.time_zone) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'users_time_zone_known',
            MESSAGE = format('there is no time zone %L', NEW.time_zone), HINT = 'SELECT name FROM pg_timezone_names;';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_new_time_zone BEFORE INSERT ON users
    FOR EACH ROW WHEN (NEW.time_zone <> 'UTC') EXECUTE FUNCTION refuse_unknown_zone();
CREATE TRIGGER p30_time_zone BEFORE UPDATE OF time_zone ON users
    FOR EACH ROW WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION refuse_unknown_zone();

-- Mail arrives at an address that has been confirmed again, as far as anybody knows at another one.
CREATE FUNCTION end_bounce() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM mail_bounces WHERE user_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_bounce AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.email <> NEW.email OR NEW.email_verified_at IS NOT NULL AND OLD.email_verified_at IS DISTINCT FROM NEW.email_verified_at)
    EXECUTE FUNCTION end_bounce();

-- Digests come in the morning of where the person lives now; what is due already is not put off.
CREATE FUNCTION move_digests() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE mail_notices n SET due_at = mail_due_at(s.email, NEW.time_zone, now())
    FROM notification_settings s
    WHERE s.user_id = NEW.id AND s.email IN ('daily', 'weekly') AND n.user_id = NEW.id AND n.due_at > now();
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_digests AFTER UPDATE OF time_zone ON users
    FOR EACH ROW WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION move_digests();
