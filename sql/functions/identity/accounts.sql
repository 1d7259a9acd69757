-- Accounts and passwords.

-- Whether a user name is reserved, regardless of case and dots: it mentions everyone, or its holder could be mistaken
-- for someone in charge (RFC 2142 has the names of offices), or is what an account is called once it is deleted. An operator
-- assigns one by ops.name_user().
CREATE FUNCTION username_is_reserved(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(lower(name), '._-', '') IN (
        'all', 'anyone', 'channel', 'everybody', 'everyone', 'here', 'me', 'nobody', 'null', 'somebody', 'someone', 'undefined',
        'admin', 'administrator', 'admins', 'fechatter', 'helpdesk', 'moderator', 'moderators', 'mod', 'official', 'operator',
        'owner', 'root', 'staff', 'superuser', 'support', 'sysadmin', 'system', 'team',
        'abuse', 'hostmaster', 'noc', 'noreply', 'postmaster', 'security', 'webmaster')
        OR name ~* '^deleted-[0-9]+$'
$$;

-- A user name for an account without one: derived from the address's local part, or else from the full name. If it is
-- in use or reserved, a number follows. If two accounts derive the same name at the same time, users_username_key
-- refuses the second INSERT. This plan is kept, also one made while the table was small.
CREATE FUNCTION derive_username(email text, fullname text) RETURNS text LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    base text := (
        SELECT usable FROM unnest(ARRAY[split_part(email, '@', 1), fullname, 'user']) WITH ORDINALITY AS source (word, place),
               regexp_replace(rtrim(left(ltrim(regexp_replace(word, '[^A-Za-z0-9._-]', '', 'g'), '._-'), 32), '.-'),
                              '^deleted-(?=[0-9]+$)', '', 'i') AS usable
        WHERE usable <> '' ORDER BY place LIMIT 1);
    name text := base;
    number bigint := 1;
BEGIN
    WHILE username_is_reserved(name)
       OR EXISTS (SELECT FROM users WHERE lower(username) = lower(name)) LOOP
        -- 2 to 9, then random: however many share a name, a free one is found after a few tries.
        number := CASE WHEN number < 9 THEN number + 1 ELSE 10 + floor(random() * 1e9) END;
        name := left(base, 32 - length(number::text)) || number;
    END LOOP;
    RETURN name;
END
$$;

-- A new account, and a personal workspace. Without a password hash it cannot sign in.
CREATE FUNCTION create_user(
    fullname text, email text, password_hash text DEFAULT '', workspace text DEFAULT NULL, username text DEFAULT NULL
) RETURNS users LANGUAGE plpgsql AS $$
DECLARE
    person users;
    violated text;
BEGIN
    LOOP
        BEGIN
            INSERT INTO users (fullname, email, password_hash, username) VALUES (fullname, email, password_hash, username)
            RETURNING * INTO person;
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            -- Another account has just taken a derived name: try the next one.
            IF violated <> 'users_username_key' OR username IS NOT NULL THEN
                RAISE;
            END IF;
        END;
    END LOOP;
    -- A user who signs up over REST, which records the address, is the acting user from here on.
    IF current_setting('fechatter.address', true) <> '' THEN
        PERFORM set_config('fechatter.actor', person.id::text, true);
    END IF;
    PERFORM create_workspace(person.id, coalesce(workspace, left(fullname || '''s workspace', 80)));
    RETURN person;
END
$$;

-- Whether an account may be used now: it is active, and that of a bot only while bots are switched on in its
-- workspace.
CREATE FUNCTION is_in_use(u users) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN u.status = 'active' AND (u.kind = 'person' OR feature_enabled('enable_bot_messages', (
        SELECT w.organization_id FROM bots b JOIN workspaces w ON w.id = b.workspace_id WHERE b.user_id = u.id)));
END
$$;

-- Whether an app may be used now: somebody answers for it, and apps are switched on in its workspace. True for no app.
CREATE FUNCTION app_is_in_use(app bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN app IS NULL OR EXISTS (
        SELECT FROM apps a JOIN workspaces w ON w.id = a.workspace_id
        WHERE a.id = app AND a.owner_id IS NOT NULL AND feature_enabled('enable_bot_messages', w.organization_id));
END
$$;

-- Stores a hash of the same password with newer parameters.
CREATE FUNCTION rehash_password(person bigint, old_hash text, new_hash text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('fechatter.rehash', 'on', true);
    UPDATE users SET password_hash = new_hash WHERE id = person AND password_hash = old_hash;
    PERFORM set_config('fechatter.rehash', '', true);
END
$$;

-- Deactivates an account on its owner's request; only an operator can reactivate it. False if its password was changed
-- since verified_hash was verified. Servers may not set a status otherwise.
CREATE FUNCTION deactivate_account(person bigint, verified_hash text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE users SET status = 'inactive' WHERE id = person AND status = 'active' AND password_hash = verified_hash;
    RETURN FOUND;
END
$$;

-- Changes a password, ends the user's other sessions and all their links, and drops their other devices. False if it was
-- changed since old_hash was verified.
CREATE FUNCTION change_password(person bigint, old_hash text, new_hash text, kept_session bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET password_hash = new_hash WHERE id = person AND password_hash = old_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM end_sessions('password_changed', person, spared => kept_session);
    DELETE FROM devices
    WHERE user_id = person AND hash IS DISTINCT FROM (SELECT device_hash FROM sessions WHERE id = kept_session);
    DELETE FROM password_resets WHERE user_id = person;
    PERFORM end_mail_links(person);
    RETURN true;
END
$$;

-- The password of somebody who could not sign in: all their sessions and links end, and their devices are dropped.
CREATE FUNCTION renew_password(person bigint, new_hash text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET password_hash = new_hash WHERE id = person;
    PERFORM end_sessions('password_changed', person);
    DELETE FROM devices WHERE user_id = person;
    DELETE FROM password_resets WHERE user_id = person;
    PERFORM end_mail_links(person);
END
$$;

-- Sets the password of a reset's user. Null if there is no such reset, or it is no longer valid.
CREATE FUNCTION reset_password(reset_hash bytea, new_hash text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    person bigint;
BEGIN
    DELETE FROM password_resets WHERE token_hash = reset_hash AND expires_at > now() RETURNING user_id INTO person;
    IF person IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('fechatter.actor', person::text, true);
    PERFORM renew_password(person, new_hash);
    RETURN person;
END
$$;
