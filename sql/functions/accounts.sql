-- People, their sign-ins and their passwords.

-- A new person, and a workspace of their own. Without a password hash the person cannot sign in.
CREATE OR REPLACE FUNCTION create_user(
    fullname text, email text, password_hash text DEFAULT '', workspace text DEFAULT NULL
) RETURNS users LANGUAGE plpgsql AS $$
DECLARE
    person users;
BEGIN
    INSERT INTO users (fullname, email, password_hash) VALUES (fullname, email, password_hash) RETURNING * INTO person;
    PERFORM create_workspace(person.id, coalesce(workspace, left(fullname || '''s workspace', 80)));
    RETURN person;
END
$$;

-- Starts a session with its first refresh token. Null if the account has been suspended, or its password
-- changed, since that password was verified.
CREATE OR REPLACE FUNCTION open_session(person bigint, verified_hash text, refresh_hash bytea, lifetime_days integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    session bigint;
BEGIN
    INSERT INTO sessions (user_id, expires_at)
    SELECT id, now() + make_interval(days => lifetime_days)
    -- The row's lock makes a password change wait, so that it sees and ends this session.
    FROM users WHERE id = person AND status = 'active' AND password_hash = verified_hash FOR SHARE
    RETURNING id INTO session;
    IF session IS NOT NULL THEN
        INSERT INTO refresh_tokens (hash, session_id) VALUES (refresh_hash, session);
    END IF;
    RETURN session;
END
$$;

-- Takes a refresh token and gives its session a new one. outcome: rotated; refused (unknown, or its session has
-- ended); reused: somebody has a copy of a token that was used before, so the whole session is revoked.
CREATE OR REPLACE FUNCTION rotate_refresh_token(
    old_hash bytea, new_hash bytea, lifetime_days integer, OUT outcome text, OUT user_id bigint, OUT session_id bigint
) LANGUAGE plpgsql AS $$
DECLARE
    used timestamptz;
BEGIN
    SELECT token.used_at, session.id, session.user_id INTO used, session_id, user_id
    FROM refresh_tokens token
    JOIN sessions session ON session.id = token.session_id
    JOIN users person ON person.id = session.user_id
    WHERE token.hash = old_hash AND session.revoked_at IS NULL AND session.expires_at > now()
      AND person.status = 'active'
    FOR UPDATE OF token, session;
    IF NOT FOUND THEN
        outcome := 'refused';
    ELSIF used IS NOT NULL THEN
        UPDATE sessions SET revoked_at = now(), revoked_reason = 'token_reused' WHERE id = session_id;
        outcome := 'reused';
    ELSE
        UPDATE refresh_tokens SET used_at = now() WHERE hash = old_hash;
        INSERT INTO refresh_tokens (hash, session_id) VALUES (new_hash, rotate_refresh_token.session_id);
        UPDATE sessions SET expires_at = now() + make_interval(days => lifetime_days) WHERE id = session_id;
        outcome := 'rotated';
    END IF;
END
$$;

-- Changes a password and ends the person's other sessions. False if it was changed since old_hash was verified.
CREATE OR REPLACE FUNCTION change_password(person bigint, old_hash text, new_hash text, kept_session bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET password_hash = new_hash WHERE id = person AND password_hash = old_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE sessions SET revoked_at = now(), revoked_reason = 'password_changed'
    WHERE user_id = person AND id <> kept_session AND revoked_at IS NULL;
    RETURN true;
END
$$;
