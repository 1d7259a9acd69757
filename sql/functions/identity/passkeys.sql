-- Passkeys: a second factor, and by themselves a way in. What they sign is verified by chat_server.

-- Maximum number of passkeys of a user.
CREATE FUNCTION most_passkeys() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';

-- What authenticators call the user: the same for all of their passkeys.
CREATE FUNCTION passkey_handle(person bigint) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO passkey_holders (user_id) VALUES (person) ON CONFLICT DO NOTHING;
    RETURN (SELECT handle FROM passkey_holders WHERE user_id = person);
END
$$;

-- As its user sees it.
CREATE FUNCTION passkey_json(p passkeys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.id, 'name', p.name, 'synced', p.synced, 'created_at', p.created_at,
                             'last_used_at', p.last_used_at)
$$;

-- Enrols a passkey, which the user has shown in this session. kept: `hashes` are now their recovery codes; those of an
-- earlier factor stay.
CREATE FUNCTION add_passkey(
    person bigint, credential bytea, public_key bytea, sign_count bigint, synced boolean, transports text[], name text,
    session bigint, shown_amr text[], hashes bytea[], OUT passkey json, OUT kept boolean
) LANGUAGE plpgsql AS $$
DECLARE
    added passkeys;
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM passkeys p WHERE p.user_id = person) >= most_passkeys() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'passkeys_amount',
            MESSAGE = format('user %s has %s passkeys already', person, most_passkeys()),
            HINT = 'Remove another one first.';
    END IF;
    PERFORM passkey_handle(person);
    INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, synced, transports, name)
    VALUES (person, credential, add_passkey.public_key, add_passkey.sign_count, add_passkey.synced,
            add_passkey.transports, btrim(add_passkey.name))
    RETURNING * INTO added;
    kept := second_factor_enrolled(person, 'passkey', shown_amr, session, hashes);
    passkey := passkey_json(added);
END
$$;

-- Records that a passkey was used: false if it counts its uses and has said this count, or a later one, before. Then
-- there are two of it, or somebody repeats what it has signed.
CREATE FUNCTION use_passkey(passkey bigint, new_count bigint, is_synced boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE passkeys SET sign_count = new_count, synced = is_synced, last_used_at = now()
    WHERE id = passkey AND (sign_count < new_count OR (sign_count = 0 AND new_count = 0));
    RETURN FOUND;
END
$$;

-- Removes a passkey; false if the user has none with this id. A last factor that a workspace demands stays, and so does a
-- last way in.
CREATE FUNCTION remove_passkey(person bigint, passkey bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    removed boolean;
BEGIN
    PERFORM 1 FROM users WHERE id = person FOR NO KEY UPDATE;
    DELETE FROM passkeys WHERE id = passkey AND user_id = person;
    removed := FOUND;
    PERFORM keep_demanded_factor(person);
    IF removed THEN
        PERFORM keep_way_in(person);
    END IF;
    RETURN removed;
END
$$;
