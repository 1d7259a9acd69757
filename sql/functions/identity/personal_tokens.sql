-- Personal access tokens: sessions for programs, each with a name, scopes and an end.

-- Maximum number of open tokens of a user.
CREATE FUNCTION most_tokens() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 50';

-- Makes a token for the user of a session, which is its only way to one: null if that session has ended, is itself a
-- token, or its user is not active. What the session had shown holds for the token too: removing the way in by which it
-- began ends both, and a demand for a second factor ends those that have shown none. A workspace, of which the user is a
-- member, binds it: it opens nothing else.
CREATE FUNCTION open_token(maker bigint, hash bytea, name text, scopes text[], days integer, workspace bigint DEFAULT NULL)
RETURNS sessions LANGUAGE plpgsql AS $$
DECLARE
    asking sessions;
    made sessions;
BEGIN
    -- The row lock makes whatever ends all of the user's sessions wait, so that it sees and ends this token.
    PERFORM 1 FROM users WHERE id = (SELECT user_id FROM sessions WHERE id = maker) AND status = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO asking FROM sessions
    WHERE id = maker AND provider NOT IN ('token', 'app') AND revoked_at IS NULL AND expires_at > now();
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF workspace IS NOT NULL AND NOT EXISTS (
        SELECT FROM workspace_members m WHERE (m.workspace_id, m.user_id) = (workspace, asking.user_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'token_workspace_is_own',
            MESSAGE = format('user %s is not in workspace %s', asking.user_id, workspace);
    END IF;
    IF (SELECT count(*) FROM sessions s WHERE s.user_id = asking.user_id AND s.provider = 'token' AND s.revoked_at IS NULL
        AND s.expires_at > now()) >= most_tokens() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'personal_tokens_amount',
            MESSAGE = format('user %s has %s personal access tokens already', asking.user_id, most_tokens()),
            HINT = 'End another one first.';
    END IF;
    INSERT INTO sessions (user_id, expires_at, provider, amr, second_factor, auth_time, identity_id, token_hash, token_name, scopes,
                          workspace_id)
    VALUES (asking.user_id, now() + make_interval(days => open_token.days), 'token', asking.amr, asking.second_factor, asking.auth_time, asking.identity_id,
            open_token.hash, btrim(open_token.name), ARRAY(SELECT DISTINCT unnest(open_token.scopes) ORDER BY 1), workspace)
    RETURNING * INTO made;
    RETURN made;
END
$$;

-- A token as its user sees it; its secret is shown once, when it is made.
CREATE FUNCTION token_json(s sessions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', s.id, 'name', s.token_name, 'scopes', array_to_json(s.scopes),
                             'workspace_id', s.workspace_id, 'created_at', s.created_at,
                             'expires_at', s.expires_at, 'last_used_at', s.last_seen_at)
$$;

-- The session behind a token for programs, and the token's scopes and end, in seconds since 1970: a personal access token
-- is its session, and an app's session has one token after the other. None of it ever changes; whether the session has
-- ended is not said.
CREATE FUNCTION token_session(hash bytea)
RETURNS TABLE (session_id bigint, user_id bigint, expires_at bigint, scopes text[], workspace_id bigint) LANGUAGE sql STABLE AS $$
    SELECT s.id, s.user_id, extract(epoch FROM s.expires_at)::bigint, s.scopes, s.workspace_id FROM sessions s WHERE s.token_hash = hash
    UNION ALL
    SELECT s.id, s.user_id, extract(epoch FROM t.expires_at)::bigint, t.scopes, s.workspace_id
    FROM app_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = token_session.hash
$$;

-- What notify_server needs of a token that opens a stream or a board, and that it was used. No row for one that is
-- unknown or has ended. expires_at is in seconds since 1970.
CREATE FUNCTION use_token(hash bytea)
RETURNS TABLE (user_id bigint, session_id bigint, expires_at bigint, scopes text[], workspace_id bigint) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH found AS (
        SELECT t.* FROM token_session(hash) t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
        WHERE s.revoked_at IS NULL AND s.expires_at > now() AND to_timestamp(t.expires_at) > now() AND is_in_use(u) AND app_is_in_use(s.app_id)
    ), used AS (
        UPDATE sessions SET last_seen_at = now() WHERE id = (SELECT session_id FROM found)
        AND (last_seen_at IS NULL OR last_seen_at < now() - interval '1 minute')
    )
    SELECT found.user_id, found.session_id, found.expires_at, found.scopes, found.workspace_id FROM found
$$;
