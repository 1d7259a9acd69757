-- What the audit log and the user's streams hear of a factor, for the triggers of its table.

-- Arguments: what has happened, and to which factor.
CREATE FUNCTION audit_second_factors() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person CONSTANT bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = person) THEN
        PERFORM audit(TG_ARGV[0], target_type => 'user', target_id => person,
                      after => jsonb_build_object('factor', TG_ARGV[1]));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_second_factors() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    person CONSTANT bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
BEGIN
    PERFORM log_append('SecondFactorsChanged', 'user', row_to_json(shape), user_id => person)
    FROM (SELECT TG_ARGV[0] AS change, TG_ARGV[1] AS factor, now() AS at) shape
    WHERE EXISTS (SELECT FROM users WHERE id = person);
    RETURN NULL;
END
$$;

-- Recovery codes go with the last factor for which they stand in. Sessions have shown nothing any more that there is, and
-- end where a workspace demands a factor.
CREATE FUNCTION drop_recovery_codes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM recovery_codes WHERE user_id = OLD.user_id AND second_factors(OLD.user_id) IS NULL;
    IF second_factors(OLD.user_id) IS NULL THEN
        UPDATE sessions SET second_factor = NULL
        WHERE user_id = OLD.user_id AND revoked_at IS NULL AND second_factor <> 'provider';
        IF must_have_second_factor(OLD.user_id) THEN
            PERFORM end_sessions('second_factor', OLD.user_id, lacking_factor => true);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
