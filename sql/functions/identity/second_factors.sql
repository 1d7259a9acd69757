-- Second factors. Who has enrolled one has no session without it: open_session() demands it, and whatever session had
-- begun without one ends when the first is enrolled.

-- The factors with which a user may complete a sign-in; null if none is enrolled. A recovery code stands in for one, and
-- is none by itself.
CREATE FUNCTION second_factors(person bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(factor ORDER BY place) FROM (
        SELECT 1 AS place, 'totp' AS factor FROM totp_factors WHERE user_id = person AND confirmed_at IS NOT NULL
        UNION ALL
        SELECT 2, 'passkey' WHERE EXISTS (SELECT FROM passkeys WHERE user_id = person)
        UNION ALL
        SELECT 3, 'recovery_code' FROM recovery_codes WHERE user_id = person AND hashes <> '{}'
    ) enrolled HAVING bool_or(factor <> 'recovery_code')
$$;

-- Whether a workspace of the user demands a second factor.
CREATE FUNCTION must_have_second_factor(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM workspace_members m JOIN required_second_factors r USING (workspace_id) WHERE m.user_id = person)
$$;

-- A workspace's demand, as its owners see it.
CREATE FUNCTION required_second_factor_json(r required_second_factors) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('workspace_id', r.workspace_id, 'required_at', r.required_at)
$$;

-- As their user sees them.
CREATE FUNCTION second_factors_json(person bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'totp', (SELECT json_build_object('created_at', confirmed_at) FROM totp_factors
                 WHERE user_id = person AND confirmed_at IS NOT NULL),
        'passkeys', (SELECT coalesce(json_agg(passkey_json(p) ORDER BY p.id), '[]') FROM passkeys p WHERE p.user_id = person),
        'recovery_codes_left', coalesce((SELECT cardinality(hashes) FROM recovery_codes WHERE user_id = person), 0))
$$;

-- Keeps how a session will begin once its second factor is there, for ten minutes: the newest ten of a user.
CREATE FUNCTION await_second_factor(
    token_hash bytea, person bigint, verified_hash text, provider text, amr text[], auth_time timestamptz, provider_sid text,
    identity_id bigint, name_id jsonb, OUT expires_at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pending_sign_ins WHERE hash IN (
        SELECT p.hash FROM pending_sign_ins p WHERE p.user_id = person ORDER BY p.expires_at DESC OFFSET 9);
    INSERT INTO pending_sign_ins AS p
        (hash, user_id, verified_hash, provider, amr, auth_time, provider_sid, identity_id, name_id, expires_at)
    VALUES (token_hash, person, verified_hash, provider, amr, auth_time, provider_sid, identity_id, name_id,
            now() + interval '10 minutes')
    RETURNING p.expires_at INTO expires_at;
END
$$;

-- Such a sign-in goes on: its user; null if it did already, or has ended. The user's row is locked first, as by whatever ends
-- it.
CREATE FUNCTION take_pending_sign_in(token_hash bytea) RETURNS bigint LANGUAGE sql AS $$
    SELECT hold_clerk(provider_sid, identity_id) FROM pending_sign_ins WHERE hash = token_hash AND provider = 'clerk';
    SELECT 1 FROM users WHERE id = (SELECT user_id FROM pending_sign_ins WHERE hash = token_hash) FOR NO KEY UPDATE;
    DELETE FROM pending_sign_ins WHERE hash = token_hash AND expires_at > now() RETURNING user_id
$$;

-- Begins to enrol an authenticator app, in place of one that was never confirmed; false if one is enrolled.
CREATE FUNCTION begin_totp(person bigint, new_secret bytea, sealed_by text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO totp_factors AS f (user_id, secret, sealed_by) VALUES (person, new_secret, begin_totp.sealed_by)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, sealed_by = excluded.sealed_by WHERE f.confirmed_at IS NULL;
    RETURN FOUND;
END
$$;

-- Enrols the authenticator app whose code, of this step, the user has entered in this session. The secret is as it is
-- stored. Returns whether `hashes`
-- are now their recovery codes: those of an earlier factor stay. Null if there is nothing to confirm with this secret.
CREATE FUNCTION confirm_totp(person bigint, confirmed_secret bytea, step bigint, session bigint, hashes bytea[])
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    UPDATE totp_factors SET confirmed_at = now(), last_step = step
    WHERE user_id = person AND secret = confirmed_secret AND confirmed_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN second_factor_enrolled(person, 'totp', '{otp,mfa}', session, hashes);
END
$$;

-- This session has just shown the new factor; all others that have shown none of the user's own end, so that whoever is
-- in signs in again with it. The caller holds the user's row, for which a sign-in waits. Returns whether `hashes` are the recovery codes from here on.
CREATE FUNCTION second_factor_enrolled(person bigint, factor text, factor_amr text[], session bigint, hashes bytea[])
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sessions SET second_factor = factor, amr = ARRAY(SELECT DISTINCT unnest(amr || factor_amr) ORDER BY 1)
    WHERE id = session;
    PERFORM end_sessions('second_factor', person, lacking_factor => true);
    INSERT INTO recovery_codes (user_id, hashes) VALUES (person, second_factor_enrolled.hashes) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- Uses the code of a step: false if it, or a later one, was used before.
CREATE FUNCTION use_totp(person bigint, step bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE totp_factors SET last_step = step WHERE user_id = person AND confirmed_at IS NOT NULL AND last_step < step;
    RETURN FOUND;
END
$$;

-- Uses a recovery code: false if the user has none with this hash left.
CREATE FUNCTION use_recovery_code(person bigint, code_hash bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE recovery_codes SET hashes = array_remove(hashes, code_hash) WHERE user_id = person AND code_hash = ANY (hashes);
    RETURN FOUND;
END
$$;

-- New recovery codes in place of all earlier ones; false if no factor is enrolled.
CREATE FUNCTION renew_recovery_codes(person bigint, new_hashes bytea[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    IF second_factors(person) IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO recovery_codes (user_id, hashes) VALUES (person, new_hashes)
    ON CONFLICT (user_id) DO UPDATE SET hashes = excluded.hashes, made_at = now();
    RETURN true;
END
$$;

-- Refuses a removal that has just left the user without a factor, where a workspace demands one.
CREATE FUNCTION keep_demanded_factor(person bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF must_have_second_factor(person) AND second_factors(person) IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'second_factor_is_demanded',
            MESSAGE = format('a workspace of user %s demands a second factor', person),
            HINT = 'An operator can remove it: SELECT * FROM ops.remove_second_factors(who);';
    END IF;
END
$$;

-- Removes the authenticator app; false if none is enrolled. A last factor that a workspace demands stays.
CREATE FUNCTION remove_totp(person bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    removed boolean;
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    DELETE FROM totp_factors WHERE user_id = person AND confirmed_at IS NOT NULL;
    removed := FOUND;
    PERFORM keep_demanded_factor(person);
    RETURN removed;
END
$$;
