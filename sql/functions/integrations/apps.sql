-- Apps: programs to which people give access by OAuth 2.1. What one may do for a person is a session of the provider
-- `app`: its refresh tokens rotate as those of sign-ins do, and its access tokens are looked up by their hash.

-- Maximum number of apps of a workspace, and of one person's sessions of one app: of more, the oldest end.
CREATE FUNCTION most_apps() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
CREATE FUNCTION most_app_sessions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 10';

-- Where browsers may be sent with a code: https; a port of the reader's own machine (RFC 8252, 7.3), by its address, since
-- a name can be resolved to another; or a scheme that an app on the device has claimed, which contains a point;
-- with no host (RFC 8252, 7.1), which nothing would go to.
CREATE FUNCTION is_redirect_uri(uri text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT length(uri) <= 2000 AND uri ~ '^[!-~]+$' AND uri !~ '[\\#<>"{}|^`]' AND (
        uri ~* '^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?([/?]|$)'
        OR uri ~ '^http://(127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?]|$)'
        OR uri ~ '^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/([^/]|$)')
$$;

-- Without its port, if it is of the reader's own machine: the app does not know before which one is free.
CREATE FUNCTION redirect_uri_key(uri text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(uri, '^(http://(?:127\.0\.0\.1|\[::1\])):[0-9]{1,5}(?=[/?]|$)', '\1')
$$;

-- Whether an address is one of those that an app has registered: character by character, but for that port.
CREATE FUNCTION is_redirect_uri_of(a apps, uri text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT is_redirect_uri(uri) AND EXISTS (
        SELECT FROM unnest(a.redirect_uris) registered WHERE redirect_uri_key(registered) = redirect_uri_key(uri))
$$;

-- An app as the members of its workspace see it.
CREATE FUNCTION app_json(a apps) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', a.id, 'client_id', a.id::text, 'workspace_id', a.workspace_id, 'owner_id', a.owner_id,
        'name', a.name, 'description', a.description, 'redirect_uris', array_to_json(a.redirect_uris),
        'scopes', array_to_json(a.scopes), 'confidential', a.secret_hash IS NOT NULL, 'created_at', a.created_at)
$$;

-- An app as somebody sees it who is asked to connect it, or has; null for others than members of its workspace.
CREATE FUNCTION app_for(person bigint, app bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', a.id, 'name', a.name, 'description', a.description,
        'owner', (SELECT json_build_object('id', u.id, 'fullname', u.fullname, 'username', u.username) FROM users u WHERE u.id = a.owner_id),
        'workspace', json_build_object('id', w.id, 'name', w.name))
    FROM apps a JOIN workspaces w ON w.id = a.workspace_id
    JOIN workspace_members m ON (m.workspace_id, m.user_id) = (w.id, person)
    WHERE a.id = app AND app_is_in_use(a.id)
$$;

-- Keeps what a person has agreed to in a session, under the hash of a code: false if that session has ended, is itself of
-- a program, or the person is in the wrong workspace.
CREATE FUNCTION agree_to_app(maker bigint, app bigint, workspace bigint, scopes text[], redirect_uri text, challenge text, hash bytea)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app_codes (hash, app_id, maker_id, workspace_id, scopes, redirect_uri, challenge)
    SELECT agree_to_app.hash, a.id, s.id, workspace, ARRAY(SELECT DISTINCT unnest(agree_to_app.scopes) ORDER BY 1),
           agree_to_app.redirect_uri, agree_to_app.challenge
    FROM sessions s JOIN apps a ON a.id = app
    WHERE s.id = maker AND s.provider NOT IN ('token', 'app') AND s.revoked_at IS NULL AND s.expires_at > now()
      AND may_connect(s.user_id, a, workspace) AND agree_to_app.scopes <@ a.scopes AND is_redirect_uri_of(a, agree_to_app.redirect_uri);
    RETURN FOUND;
END
$$;

-- Whether apps are switched on in a workspace.
CREATE FUNCTION admits_apps(w workspaces) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN feature_enabled('enable_bot_messages', w.organization_id);
END
$$;

-- Whether an app may act for somebody in all their workspaces: apps are switched on in each.
CREATE FUNCTION may_connect_everywhere(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = person AND NOT admits_apps(w))
$$;

-- Whether somebody may have an app act for them: in all their workspaces, or in one.
CREATE FUNCTION may_connect(person bigint, a apps, workspace bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT app_is_in_use(a.id)
       AND EXISTS (SELECT FROM users u WHERE u.id = person AND u.kind = 'person' AND u.status = 'active')
       AND EXISTS (SELECT FROM workspace_members m WHERE (m.workspace_id, m.user_id) = (a.workspace_id, person))
       AND CASE WHEN workspace IS NULL THEN may_connect_everywhere(person) ELSE EXISTS (
           SELECT FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
           WHERE (w.id, m.user_id) = (workspace, person) AND admits_apps(w)) END
$$;

-- Exchanges a code for a session with its first tokens. outcome: opened; refused (unknown, too late, of another app or
-- address, another proof, or what was agreed to in has ended); reused: somebody has a copy, so what it was exchanged for
-- ends. Whatever the outcome, the code is used up. `redirect` may be null: OAuth 2.1 does not send it again.
CREATE FUNCTION exchange_app_code(
    code_hash bytea, app bigint, redirect text, proof text, access_hash bytea, refresh_hash bytea, seconds integer, days integer,
    OUT outcome text, OUT user_id bigint, OUT session_id bigint, OUT scopes text[], OUT workspace_id bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    code app_codes;
    asking sessions;
BEGIN
    outcome := 'refused';
    -- The row lock makes whatever ends all of the person's sessions wait, so that it sees and ends this one.
    PERFORM 1 FROM users u WHERE u.id = (SELECT s.user_id FROM app_codes c JOIN sessions s ON s.id = c.maker_id WHERE c.hash = code_hash)
    FOR NO KEY UPDATE;
    SELECT * INTO code FROM app_codes c WHERE c.hash = code_hash FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF code.used_at IS NOT NULL THEN
        outcome := 'reused';
        SELECT s.user_id INTO user_id FROM sessions s WHERE s.id = code.session_id;
        PERFORM end_sessions('token_reused', session => code.session_id) WHERE code.session_id IS NOT NULL;
        RETURN;
    END IF;
    UPDATE app_codes SET used_at = now() WHERE hash = code_hash;
    IF code.app_id <> app OR code.expires_at <= now() OR code.challenge <> proof OR code.redirect_uri <> coalesce(redirect, code.redirect_uri) THEN
        RETURN;
    END IF;
    SELECT * INTO asking FROM sessions s WHERE s.id = code.maker_id AND s.revoked_at IS NULL AND s.expires_at > now();
    -- Whoever takes the person out of one of these workspaces waits, too, or has done so.
    PERFORM 1 FROM workspace_members m JOIN apps a ON a.id = app
    WHERE m.user_id = asking.user_id AND m.workspace_id IN (a.workspace_id, code.workspace_id) ORDER BY m.workspace_id FOR SHARE OF m;
    IF asking.id IS NULL OR NOT (SELECT may_connect(asking.user_id, a, code.workspace_id) FROM apps a WHERE a.id = app) THEN
        RETURN;
    END IF;
    PERFORM set_config('fechatter.actor', asking.user_id::text, true); -- they have agreed, though their app asks
    PERFORM end_sessions('replaced', session => s.id) FROM (
        SELECT id FROM sessions WHERE app_id = app AND sessions.user_id = asking.user_id AND revoked_at IS NULL
        ORDER BY id DESC OFFSET most_app_sessions() - 1) s;
    INSERT INTO sessions (user_id, expires_at, provider, amr, second_factor, auth_time, identity_id, app_id, scopes, workspace_id)
    VALUES (asking.user_id, now() + make_interval(days => exchange_app_code.days), 'app', asking.amr, asking.second_factor,
            asking.auth_time, asking.identity_id, app, code.scopes, code.workspace_id)
    RETURNING id INTO session_id;
    UPDATE app_codes SET session_id = exchange_app_code.session_id WHERE hash = code_hash;
    INSERT INTO refresh_tokens (hash, session_id) VALUES (refresh_hash, exchange_app_code.session_id);
    INSERT INTO app_tokens (hash, session_id, scopes, expires_at)
    VALUES (access_hash, exchange_app_code.session_id, code.scopes, now() + make_interval(secs => exchange_app_code.seconds));
    outcome := 'opened';
    user_id := asking.user_id;
    scopes := code.scopes;
    workspace_id := code.workspace_id;
END
$$;

-- The next tokens of an app's session, for the refresh token of this app: outcome as in rotate_refresh_token(), or
-- too_wide if more scopes are wanted than were agreed to, and then the token is still good. The access token may have
-- fewer of them.
CREATE FUNCTION refresh_app(
    old_hash bytea, app bigint, successors bytea[], access_hash bytea, wanted text[], seconds integer, days integer,
    OUT outcome text, OUT user_id bigint, OUT session_id bigint, OUT generation integer, OUT scopes text[], OUT workspace_id bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    kept sessions;
BEGIN
    SELECT s.* INTO kept FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = old_hash AND s.app_id = app;
    IF NOT FOUND OR NOT (SELECT may_connect(kept.user_id, a, kept.workspace_id) FROM apps a WHERE a.id = app) THEN
        outcome := 'refused';
        RETURN;
    END IF;
    IF NOT coalesce(wanted, kept.scopes) <@ kept.scopes THEN
        outcome := 'too_wide';
        RETURN;
    END IF;
    SELECT r.outcome, r.user_id, r.session_id, r.generation INTO outcome, user_id, session_id, generation
    FROM rotate_refresh_token(old_hash, successors, days, app) r;
    IF outcome = 'rotated' THEN
        scopes := ARRAY(SELECT DISTINCT unnest(coalesce(wanted, kept.scopes)) ORDER BY 1);
        workspace_id := kept.workspace_id;
        INSERT INTO app_tokens (hash, session_id, scopes, expires_at)
        VALUES (access_hash, refresh_app.session_id, refresh_app.scopes, now() + make_interval(secs => refresh_app.seconds));
    END IF;
END
$$;

-- The session behind a refresh or access token of this app that has not ended, as RFC 7662 describes it; no row for others.
CREATE FUNCTION app_token_of(given_hash bytea, app bigint)
RETURNS TABLE (session_id bigint, user_id bigint, username text, scopes text[], kind text, issued_at bigint, expires_at bigint) LANGUAGE sql STABLE AS $$
    SELECT s.id, s.user_id, u.username, given.scopes, given.kind, extract(epoch FROM s.created_at)::bigint,
           extract(epoch FROM given.expires_at)::bigint
    FROM (SELECT t.session_id, t.scopes, 'access_token' AS kind, t.expires_at FROM app_tokens t WHERE t.hash = given_hash AND t.expires_at > now()
          UNION ALL
          SELECT t.session_id, s.scopes, 'refresh_token', s.expires_at FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
          WHERE t.hash = given_hash AND t.used_at IS NULL) given
    JOIN sessions s ON s.id = given.session_id JOIN users u ON u.id = s.user_id
    WHERE s.app_id = app AND s.revoked_at IS NULL AND s.expires_at > now() AND u.status = 'active' AND app_is_in_use(app)
$$;

-- Ends what an app may do: for one person, or for all. Returns the persons.
CREATE FUNCTION end_app(app bigint, person bigint DEFAULT NULL) RETURNS SETOF bigint LANGUAGE sql AS $$
    SELECT DISTINCT ended FROM sessions s, LATERAL end_sessions('ended', session => s.id) ended
    WHERE s.app_id = app AND (person IS NULL OR s.user_id = person) AND s.revoked_at IS NULL
$$;

-- Takes back what an app may do for a person, and what they have agreed to that it has not fetched yet. A row for each
-- session.
CREATE FUNCTION disconnect_app(person bigint, app bigint) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE; -- a code that is being exchanged is waited for
    DELETE FROM app_codes c USING sessions s
    WHERE s.id = c.maker_id AND s.user_id = person AND c.app_id = app AND c.used_at IS NULL;
    RETURN QUERY SELECT end_app(app, person);
END
$$;

-- Ends the session that a token of this app is of (RFC 7009); a refresh token that was used before will do. Returns its person.
CREATE FUNCTION revoke_app_token(given_hash bytea, app bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT ended FROM sessions s, LATERAL end_sessions('ended', session => s.id) ended
    WHERE s.app_id = app AND s.revoked_at IS NULL
      AND s.id IN (SELECT t.session_id FROM app_tokens t WHERE t.hash = given_hash
                   UNION ALL SELECT t.session_id FROM refresh_tokens t WHERE t.hash = given_hash)
$$;

-- Apps that a person has connected, of which something still counts: the newest session says what was agreed to last.
CREATE FUNCTION connected_apps(person bigint) RETURNS TABLE (id bigint, item json) LANGUAGE sql STABLE AS $$
    SELECT a.id, json_build_object(
        'id', a.id, 'name', a.name, 'description', a.description,
        'owner', (SELECT json_build_object('id', u.id, 'fullname', u.fullname, 'username', u.username) FROM users u WHERE u.id = a.owner_id),
        'workspace', json_build_object('id', w.id, 'name', w.name),
        'scopes', (SELECT json_agg(DISTINCT scope ORDER BY scope) FROM sessions s, unnest(s.scopes) scope WHERE s.id = ANY (open.ids)),
        'everywhere', open.everywhere, 'connected_at', open.since, 'last_used_at', open.last_used)
    FROM (SELECT s.app_id, array_agg(s.id) AS ids, bool_or(s.workspace_id IS NULL) AS everywhere, min(s.created_at) AS since,
                 max(s.last_seen_at) AS last_used
          FROM sessions s WHERE s.user_id = person AND s.app_id IS NOT NULL AND s.revoked_at IS NULL AND s.expires_at > now() GROUP BY s.app_id) open
    JOIN apps a ON a.id = open.app_id JOIN workspaces w ON w.id = a.workspace_id
$$;

-- Somebody who leaves a workspace answers for none of its apps any more, and these no longer act for them.
CREATE FUNCTION leave_apps() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE apps a SET owner_id = NULL FROM changed c WHERE a.owner_id = c.user_id AND a.workspace_id = c.workspace_id;
    PERFORM end_sessions('ended', session => s.id)
    FROM changed c JOIN apps a USING (workspace_id) JOIN sessions s ON s.app_id = a.id AND s.user_id = c.user_id
    WHERE s.revoked_at IS NULL;
    RETURN NULL;
END
$$;

-- Nor does one whose account is not active any more.
CREATE FUNCTION disown_apps() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE apps SET owner_id = NULL WHERE owner_id = NEW.id;
    RETURN NULL;
END
$$;
