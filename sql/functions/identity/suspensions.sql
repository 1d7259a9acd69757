-- Suspensions by source: a user stays suspended while anyone says so.

-- An operator's word is a change of users.status (ops.suspend, ops.reinstate), which servers may not make.
CREATE FUNCTION refuse_operators_word(source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF source = 'operator' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an operator suspends and reinstates in the name of operator',
            HINT = 'SELECT * FROM ops.suspend(who); or ops.reinstate(who).';
    END IF;
END
$$;

-- A source suspends a user: their sessions end, and they cannot sign in.
CREATE FUNCTION suspend_by(source text, person bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM refuse_operators_word(source);
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    INSERT INTO suspensions (user_id, source) SELECT person, suspend_by.source WHERE EXISTS (SELECT FROM users WHERE id = person)
    ON CONFLICT DO NOTHING;
    PERFORM set_config('fechatter.suspends', source, true);
    UPDATE users SET status = 'suspended' WHERE id = person AND status = 'active';
    PERFORM set_config('fechatter.suspends', '', true);
END
$$;

-- A source takes back its own suspension. Another's stays, and so does a deactivation.
CREATE FUNCTION reinstate_by(source text, person bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM refuse_operators_word(source);
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    DELETE FROM suspensions s WHERE (s.user_id, s.source) = (person, reinstate_by.source);
    IF NOT FOUND OR EXISTS (SELECT FROM suspensions s WHERE s.user_id = person) THEN
        RETURN;
    END IF;
    PERFORM set_config('fechatter.suspends', source, true);
    UPDATE users SET status = 'active' WHERE id = person AND status = 'suspended';
    PERFORM set_config('fechatter.suspends', '', true);
END
$$;
