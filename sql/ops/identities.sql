-- Identities: who users are at the providers of sign-ins.

CREATE FUNCTION ops.identities(who text)
RETURNS TABLE (identity bigint, provider text, issuer text, subject text, email text, linked_at timestamptz, last_used_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i.id, i.provider, i.issuer, i.subject, i.email, i.created_at, i.last_used_at
    FROM identities i WHERE i.user_id = ops.find_user(who) ORDER BY i.id;
END
$$;
COMMENT ON FUNCTION ops.identities IS 'The ways in that are linked to a user, besides the password.';

CREATE FUNCTION ops.link(who text, provider text, issuer text, subject text, OUT identity bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    identity := add_identity(ops.find_user(who), provider, issuer, subject, NULL, false);
    IF identity IS NULL THEN
        RAISE unique_violation USING MESSAGE = 'another user signs in with this already', HINT = 'SELECT * FROM identities;';
    END IF;
END
$$;
COMMENT ON FUNCTION ops.link IS 'Lets a user sign in by a provider: its name in the settings, its issuer, and its subject (the sub claim) for this user.';

CREATE FUNCTION ops.unlink(identity bigint, OUT email text, OUT sessions_ended bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    SELECT count(*) INTO sessions_ended FROM sessions WHERE identity_id = identity AND revoked_at IS NULL;
    DELETE FROM identities i USING users u WHERE i.id = identity AND u.id = i.user_id RETURNING u.email INTO email;
    IF email IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no identity %s', identity),
            HINT = 'SELECT * FROM ops.identities(who);';
    END IF;
END
$$;
COMMENT ON FUNCTION ops.unlink IS 'Removes a way in, also the last one, and ends the sessions that began with it.';
