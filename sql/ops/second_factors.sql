-- Second factors, for users who have lost theirs.

CREATE FUNCTION ops.second_factors(who text)
RETURNS TABLE (factor text, added_at timestamptz, recovery_codes_left integer)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    RETURN QUERY
    SELECT 'totp', f.confirmed_at, (SELECT cardinality(hashes) FROM recovery_codes WHERE user_id = person)
    FROM totp_factors f WHERE f.user_id = person AND f.confirmed_at IS NOT NULL
    UNION ALL
    SELECT 'passkey', p.created_at, (SELECT cardinality(hashes) FROM recovery_codes WHERE user_id = person)
    FROM passkeys p WHERE p.user_id = person
    ORDER BY 2;
END
$$;
COMMENT ON FUNCTION ops.second_factors IS 'The second factors that a user has enrolled, and how many recovery codes they have left.';

CREATE FUNCTION ops.remove_second_factors(who text, OUT email text, OUT factors_removed bigint, OUT sessions_ended bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    SELECT users.email INTO email FROM users WHERE id = person FOR NO KEY UPDATE;
    WITH app AS (DELETE FROM totp_factors WHERE user_id = person RETURNING 1),
         keys AS (DELETE FROM passkeys WHERE user_id = person RETURNING 1)
    SELECT (SELECT count(*) FROM app) + (SELECT count(*) FROM keys) INTO factors_removed;
    SELECT count(*) INTO sessions_ended FROM end_sessions('operator', person);
END
$$;
COMMENT ON FUNCTION ops.remove_second_factors IS 'For a user who has lost their second factors and recovery codes: removes all of them, and ends their sessions. From then on the password, or a provider, lets them in alone: be sure who asks.';
