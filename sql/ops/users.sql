-- Users: names, sessions, and the events that they see.

CREATE FUNCTION ops.find_user(who text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    SELECT id INTO found FROM users
    WHERE lower(email) = lower(btrim(who)) OR id::text = btrim(who) OR lower('@' || username) = lower(btrim(who));
    IF found IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no user %L', who),
            HINT = 'Name one by e-mail address, @username or id: SELECT id, username, email FROM users;';
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION ops.find_user IS 'The id of the user with an e-mail address, @username or id; an error if there is none. Takes who like all functions here.';

CREATE FUNCTION ops.suspend(who text, OUT email text, OUT status text, OUT sessions_ended bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    SELECT count(*) INTO sessions_ended FROM sessions WHERE user_id = person AND revoked_at IS NULL;
    UPDATE users SET status = 'suspended' WHERE id = person RETURNING users.email, users.status INTO email, status;
END
$$;
COMMENT ON FUNCTION ops.suspend IS 'Shuts a user out: no sign-in, and every session and open stream ends immediately. Their messages stay.';

CREATE FUNCTION ops.deactivate(who text, OUT email text, OUT status text, OUT sessions_ended bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    SELECT count(*) INTO sessions_ended FROM sessions WHERE user_id = person AND revoked_at IS NULL;
    UPDATE users SET status = 'inactive' WHERE id = person RETURNING users.email, users.status INTO email, status;
END
$$;
COMMENT ON FUNCTION ops.deactivate IS 'For a user who has left: like ops.suspend, but others see them as inactive, not as suspended.';

CREATE FUNCTION ops.reinstate(who text, OUT email text, OUT status text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    UPDATE users SET status = 'active' WHERE id = person
    RETURNING users.email, users.status INTO email, status;
END
$$;
COMMENT ON FUNCTION ops.reinstate IS 'Reverts a suspension or a deactivation; the user must sign in again.';

CREATE FUNCTION ops.name_user(who text, name text, OUT email text, OUT username text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    PERFORM set_config('fechatter.names_user', 'on', true);
    UPDATE users SET username = name WHERE id = person RETURNING users.email, users.username INTO email, username;
    PERFORM set_config('fechatter.names_user', '', true);
END
$$;
COMMENT ON FUNCTION ops.name_user IS 'Gives a user another user name, also a reserved one such as admin or support.';

CREATE FUNCTION ops.sign_out(who text, OUT sessions_ended bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    SELECT count(*) INTO sessions_ended FROM end_sessions('operator', person);
END
$$;
COMMENT ON FUNCTION ops.sign_out IS 'Ends all sessions of a user, and so their open streams. They can sign in again.';

CREATE FUNCTION ops.reset_password(who text, good_for interval DEFAULT '1 hour', OUT email text, OUT link text, OUT ends_at timestamptz)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
    -- Two random UUIDs have 244 random bits, from the system's generator.
    token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
BEGIN
    IF good_for NOT BETWEEN '1 minute' AND '7 days' THEN
        RAISE invalid_parameter_value USING MESSAGE = format('a reset link is valid for one minute to seven days, not for %s', good_for);
    END IF;
    DELETE FROM password_resets WHERE user_id = person;
    INSERT INTO password_resets (user_id, token_hash, expires_at) VALUES (person, sha256(token::bytea), now() + good_for)
    RETURNING expires_at INTO ends_at;
    email := (SELECT users.email FROM users WHERE id = person);
    link := '/reset#' || token;
END
$$;
COMMENT ON FUNCTION ops.reset_password IS 'A link, to be appended to the address of chat_server, by which a user who has forgotten their password sets a new one: once, within good_for. It ends their sessions. Earlier links become invalid.';

CREATE FUNCTION ops.sessions(who text)
RETURNS TABLE (session bigint, state text, provider text, device text, created_at timestamptz, ends_at timestamptz, streams bigint)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    RETURN QUERY
    SELECT s.id,
           CASE WHEN s.revoked_at IS NOT NULL THEN s.revoked_reason WHEN s.expires_at <= now() THEN 'expired' ELSE 'open' END,
           s.provider, s.device_name, s.created_at, coalesce(s.revoked_at, s.expires_at),
           (SELECT count(*) FROM public.streams WHERE session_id = s.id)
    FROM public.sessions s WHERE s.user_id = person ORDER BY s.id DESC;
END
$$;
COMMENT ON FUNCTION ops.sessions IS 'The sessions of a user, newest first: open, expired, or why they ended; the way in, the device, and their open streams.';

CREATE FUNCTION ops.user_events(who text, amount integer DEFAULT 20)
RETURNS TABLE ("position" bigint, at timestamptz, kind text, chat bigint, payload json)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
    chats bigint[] := ARRAY(SELECT chat_id FROM chat_members WHERE user_id = person);
    workspaces bigint[] := ARRAY(SELECT workspace_id FROM workspace_members WHERE user_id = person);
BEGIN
    RETURN QUERY SELECT * FROM (
        SELECT e.position, e.created_at, e.kind, e.chat_id, e.payload FROM events e
        WHERE e.user_id = person
           OR e.audience = 'chat' AND e.chat_id = ANY (chats)
           OR e.audience = 'workspaces' AND e.workspace_ids && workspaces
        ORDER BY e.position DESC LIMIT amount
    ) newest ORDER BY 1;
END
$$;
COMMENT ON FUNCTION ops.user_events IS 'The newest events in the log that concern a user, the oldest of them first: about them, or for their chats and workspaces.';
