-- Sessions: the one function that begins them, and the one that ends them.

-- Maximum number of known devices of a user; beyond that, those with the oldest sign-in are dropped.
CREATE FUNCTION most_devices() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';

-- Records the device of a sign-in: the one whose secret was presented, if it was ever issued, to this user or to
-- another one on the same device; otherwise it gets a new secret. Returns the hash of the device's secret.
CREATE FUNCTION remember_device(person bigint, presented bytea, fresh bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    device bytea := CASE WHEN EXISTS (SELECT FROM devices WHERE hash = presented) THEN presented ELSE fresh END;
BEGIN
    INSERT INTO devices (user_id, hash) VALUES (person, device)
    ON CONFLICT (user_id, hash) DO UPDATE SET signed_in_at = now();
    DELETE FROM devices WHERE (user_id, hash) IN (
        SELECT user_id, hash FROM devices WHERE user_id = person AND hash <> device
        ORDER BY signed_in_at DESC, hash OFFSET most_devices() - 1);
    RETURN device;
END
$$;

-- Begins a session with its first refresh token, on the device that remember_device() finds: the only way to one. Null
-- if the account is not active, or its password changed since verified_hash was verified; null where no password was.
-- The rest is how the user came in, as in the table. Null too if the user's workspace requires another provider, and
-- required says which; or if the user has enrolled second factors and none was verified: those are `owed`;
-- none of them if a workspace demands one, and the user has yet to enrol it. What a trusted provider has verified
-- (`provider`) meets a workspace's demand, and stands in for no factor that the user has enrolled here. Nothing of this if second_factor was removed
-- after it was verified.
CREATE FUNCTION open_session(
    person bigint, verified_hash text, refresh_hash bytea, lifetime_days integer, presented_device bytea, fresh_device bytea,
    provider text DEFAULT 'password', amr text[] DEFAULT '{pwd}', auth_time timestamptz DEFAULT NULL,
    provider_sid text DEFAULT NULL, identity_id bigint DEFAULT NULL, device_name text DEFAULT NULL,
    name_id jsonb DEFAULT NULL, second_factor text DEFAULT NULL,
    OUT session_id bigint, OUT device_hash bytea, OUT required text, OUT owed text[]
) LANGUAGE plpgsql AS $$
DECLARE
    new_device boolean;
BEGIN
    IF open_session.provider = 'clerk' THEN
        PERFORM hold_clerk(open_session.provider_sid, open_session.identity_id);
    END IF;
    -- The row lock makes a password change wait, so that it sees and ends this session.
    PERFORM 1 FROM users
    WHERE id = person AND status = 'active' AND (verified_hash IS NULL OR password_hash = verified_hash) FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF second_factor IN ('totp', 'passkey') AND NOT coalesce(second_factor = ANY (second_factors(person)), false) THEN
        RETURN;
    END IF;
    required := nullif(required_provider(person), provider);
    IF required IS NULL AND (second_factor IS NULL OR second_factor = 'provider') THEN
        owed := coalesce(second_factors(person), CASE WHEN second_factor IS NULL AND must_have_second_factor(person) THEN '{}'::text[] END);
    END IF;
    IF required IS NOT NULL OR owed IS NOT NULL THEN
        RETURN;
    END IF;
    new_device := EXISTS (SELECT FROM sessions s WHERE s.user_id = person AND s.provider NOT IN ('token', 'app'))
        AND NOT EXISTS (SELECT FROM devices WHERE user_id = person AND hash = presented_device);
    device_hash := remember_device(person, presented_device, fresh_device);
    INSERT INTO sessions (user_id, expires_at, device_hash, provider, amr, auth_time, provider_sid, identity_id, device_name,
                          address, last_seen_at, new_device, name_id, second_factor)
    VALUES (person, now() + make_interval(days => lifetime_days), open_session.device_hash, open_session.provider,
            open_session.amr, least(coalesce(open_session.auth_time, now()), now()), open_session.provider_sid,
            open_session.identity_id, left(nullif(btrim(open_session.device_name), ''), 200),
            nullif(current_setting('fechatter.address', true), '')::inet, now(), new_device,
            open_session.name_id, open_session.second_factor)
    RETURNING id INTO session_id;
    INSERT INTO refresh_tokens (hash, session_id) VALUES (refresh_hash, open_session.session_id);
END
$$;

-- An open session as its user sees it. Addresses are those of clients; an IPv6 one is its /64.
CREATE FUNCTION session_json(s sessions, current bigint DEFAULT NULL) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'id', s.id, 'provider', s.provider, 'amr', array_to_json(s.amr), 'second_factor', s.second_factor, 'device_name', s.device_name,
        'address', abbrev(s.address), 'created_at', s.created_at, 'auth_time', s.auth_time,
        'last_seen_at', s.last_seen_at, 'expires_at', s.expires_at, 'current', s.id IS NOT DISTINCT FROM current)
$$;

-- Ends the open sessions that all the given conditions name, and returns their users: the only way to do so. At least
-- one condition is needed; `called` is what the provider calls the user (SAML's NameID). Open streams end with them, by
-- SessionRevoked; sign-ins that wait for a second factor end, too. lacking_factor: only those that have shown none that
-- counts, as in open_session(): a provider's word counts for nothing once the user has enrolled a factor here.
CREATE FUNCTION end_sessions(
    reason text, person bigint DEFAULT NULL, session bigint DEFAULT NULL, spared bigint DEFAULT NULL,
    way_in text DEFAULT NULL, way_in_sid text DEFAULT NULL, identity bigint DEFAULT NULL, called text DEFAULT NULL,
    lacking_factor boolean DEFAULT false
) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
    IF num_nonnulls(person, session, way_in_sid, identity, called) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'whose sessions shall end?',
            HINT = 'Name a person, a session, an identity, or a provider and its session or its name of a person.';
    END IF;
    -- Sessions that are being opened hold this row: they are waited for, and ended too.
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    DELETE FROM pending_sign_ins
    WHERE session IS NULL AND (person IS NULL OR user_id = person) AND (way_in IS NULL OR provider = way_in)
      AND (way_in_sid IS NULL OR provider_sid = way_in_sid) AND (identity IS NULL OR identity_id = identity)
      AND (called IS NULL OR name_id ->> 'value' = called);
    RETURN QUERY UPDATE sessions SET revoked_at = now(), revoked_reason = reason
    WHERE revoked_at IS NULL AND (person IS NULL OR user_id = person) AND (session IS NULL OR id = session)
      AND id IS DISTINCT FROM spared AND (way_in IS NULL OR provider = way_in)
      AND (way_in_sid IS NULL OR provider_sid = way_in_sid) AND (identity IS NULL OR identity_id = identity)
      AND (called IS NULL OR name_id ->> 'value' = called) 
      AND NOT (lacking_factor AND second_factor IS NOT NULL
               AND (second_factor <> 'provider' OR second_factors(user_id) IS NULL))
    RETURNING user_id;
END
$$;

-- Uses up a refresh token and gives its session the next one. `successors` are the hashes of the next one and of the
-- one after that; `generation` says which of them is now valid. outcome: rotated; refused (unknown, or its session has
-- ended); reused: someone has a copy of a token that was used before, so the whole session is revoked. Reuse within ten
-- seconds is allowed: a response may get lost, and two tabs may ask at the same time, one of which may already have
-- used the next token. A token of an app is good for this `app` alone, and one of a sign-in for none.
CREATE FUNCTION rotate_refresh_token(
    old_hash bytea, successors bytea[], lifetime_days integer, app bigint DEFAULT NULL,
    OUT outcome text, OUT user_id bigint, OUT session_id bigint, OUT generation integer
) LANGUAGE plpgsql AS $$
DECLARE
    used timestamptz;
BEGIN
    SELECT token.used_at, session.id, session.user_id INTO used, session_id, user_id
    FROM refresh_tokens token
    JOIN sessions session ON session.id = token.session_id
    JOIN users person ON person.id = session.user_id
    WHERE token.hash = old_hash AND session.revoked_at IS NULL AND session.expires_at > now()
      AND person.status = 'active' AND session.app_id IS NOT DISTINCT FROM app
    FOR UPDATE OF token, session;
    IF NOT FOUND THEN
        outcome := 'refused';
        RETURN;
    END IF;
    IF used IS NULL THEN
        UPDATE refresh_tokens SET used_at = now() WHERE hash = old_hash;
        INSERT INTO refresh_tokens (hash, session_id) VALUES (successors[1], rotate_refresh_token.session_id);
        UPDATE sessions SET
            expires_at = now() + make_interval(days => lifetime_days), last_seen_at = now(),
            address = coalesce(nullif(current_setting('fechatter.address', true), '')::inet, address)
        WHERE id = session_id;
        generation := 1;
    ELSIF used > now() - interval '10 seconds' THEN
        SELECT place INTO generation
        FROM unnest(successors) WITH ORDINALITY AS successor (hash, place) JOIN refresh_tokens USING (hash) WHERE used_at IS NULL;
    END IF;
    outcome := CASE WHEN generation IS NULL THEN 'reused' ELSE 'rotated' END;
    IF outcome = 'reused' THEN
        PERFORM end_sessions('token_reused', session => session_id);
    END IF;
END
$$;
