-- Identities: who a user is at a provider of sign-ins.

-- Somebody has shown that an account's address is theirs, by a provider that owns its domain or by a link sent to it. If
-- nobody had shown it before, anybody may have registered it: whatever opened the account until now has ended, and what
-- was let in by it: its bots and apps have no owner any more, nobody acts for it, its invites and webhooks are deleted.
-- A link alone does not replace a second factor, which stays (keeps_factors).
CREATE FUNCTION claim_account(person bigint, keeps_factors boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET email_verified_at = now(), password_hash = '' WHERE id = person AND email_verified_at IS NULL;
    IF FOUND THEN
        PERFORM end_sessions('claimed', person);
        DELETE FROM devices WHERE user_id = person;
        DELETE FROM password_resets WHERE user_id = person;
        DELETE FROM identities WHERE user_id = person;
        DELETE FROM totp_factors WHERE user_id = person AND NOT keeps_factors;
        DELETE FROM passkeys WHERE user_id = person;
        PERFORM end_mail_links(person);
        DELETE FROM invites WHERE created_by = person;
        DELETE FROM incoming_webhooks WHERE created_by = person;
        UPDATE bots SET owner_id = NULL WHERE owner_id = person;
        UPDATE apps SET owner_id = NULL WHERE owner_id = person;
        UPDATE delegations SET revoked_at = now() WHERE principal_id = person AND revoked_at IS NULL;
    END IF;
END
$$;

-- Finds the user of an identity that a provider has vouched for just now, and remembers the identity. outcome:
--   known       the identity was there;
--   linked      the address belongs to a user who has verified it, and the provider owns its domain and has verified it;
--   claimed     the same, but the user had never verified the address, so anybody may have registered it: it is now its
--               owner's, and whatever opened the account before has ended (sessions, password, devices, resets);
--   created     a new user with this address, where may_create says so;
--   taken       a user has the address, and the provider does not own it: the user may link the identity when signed in;
--   unverified  nobody has the identity, and the provider has not verified the address, if it gave one;
--   refused     nobody has the identity or the address, and no account may be made.
-- The last three change nothing, and their user_id is null.
CREATE FUNCTION identify(
    provider text, issuer text, subject text, email text, email_verified boolean, owns_domain boolean, may_create boolean,
    fullname text, OUT outcome text, OUT user_id bigint, OUT identity_id bigint
) LANGUAGE plpgsql AS $$
DECLARE
    holder users;
BEGIN
    -- Two first sign-ins of one person at the same time: the second one finds what the first one made.
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), provider, issuer, subject), 102));
    UPDATE identities i SET last_used_at = now(), email = identify.email, email_verified = identify.email_verified
    WHERE (i.provider, i.issuer, i.subject) = (identify.provider, identify.issuer, identify.subject)
    RETURNING i.user_id, i.id INTO user_id, identity_id;
    IF FOUND THEN
        outcome := 'known';
        RETURN;
    END IF;
    SELECT * INTO holder FROM users u WHERE lower(u.email) = lower(identify.email);
    IF holder.id IS NOT NULL AND NOT (owns_domain AND email_verified) THEN
        outcome := 'taken';
        RETURN;
    ELSIF email IS NULL OR NOT email_verified THEN
        outcome := 'unverified';
        RETURN;
    ELSIF holder.id IS NULL AND NOT may_create THEN
        outcome := 'refused';
        RETURN;
    ELSIF holder.id IS NULL THEN
        SELECT * INTO holder FROM create_user(left(btrim(identify.fullname), 64), identify.email);
        outcome := 'created';
    ELSIF holder.email_verified_at IS NULL THEN
        outcome := 'claimed';
    ELSE
        outcome := 'linked';
    END IF;
    PERFORM claim_account(holder.id);
    user_id := holder.id;
    identity_id := add_identity(user_id, provider, issuer, subject, email, email_verified);
END
$$;

-- Remembers an identity of a user; null if it is another user's.
CREATE FUNCTION add_identity(
    person bigint, provider text, issuer text, subject text, email text, email_verified boolean
) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO identities AS i (user_id, provider, issuer, subject, email, email_verified, last_used_at)
    VALUES (person, provider, issuer, subject, email, email_verified, now())
    ON CONFLICT (provider, issuer, subject) DO UPDATE SET
        email = excluded.email, email_verified = excluded.email_verified, last_used_at = now()
    WHERE i.user_id = excluded.user_id
    RETURNING id
$$;

-- Marks something as used; false if it was used before. `expires` is when it could no longer be used anyway.
CREATE FUNCTION use_once(used bytea, expires timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO used_once (hash, expires_at) VALUES (used, expires) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- An identity as its user sees it.
CREATE FUNCTION identity_json(i identities) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', i.id, 'provider', i.provider, 'issuer', i.issuer, 'email', i.email,
                             'created_at', i.created_at, 'last_used_at', i.last_used_at)
$$;

-- Whether somebody can sign in by themselves: by a password, an identity or a passkey; where a workspace of theirs
-- requires a provider, by an identity there alone. A directory that provisions people is no way in by itself.
CREATE FUNCTION has_way_in(person bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    required CONSTANT text := required_provider(person);
BEGIN
    RETURN required IS NULL AND (EXISTS (SELECT FROM users WHERE id = person AND password_hash <> '')
                                 OR EXISTS (SELECT FROM passkeys WHERE user_id = person))
        OR EXISTS (SELECT FROM identities i WHERE i.user_id = person AND i.provider = coalesce(required, i.provider)
                   AND NOT EXISTS (SELECT FROM scim_users s WHERE s.user_id = person AND s.directory = i.provider));
END
$$;

-- Refuses a removal that has just left the user without a way in.
CREATE FUNCTION keep_way_in(person bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT has_way_in(person) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'last_way_in', MESSAGE = format('nothing else lets user %s in', person),
            HINT = coalesce('A workspace requires ' || required_provider(person) || ': link another identity there first.',
                            'Link another way in, or set a password, first.');
    END IF;
END
$$;

-- Removes an identity of a user, and ends the sessions that began with it. outcome: removed; unknown. Refused if nothing
-- else would let the user in.
CREATE FUNCTION remove_identity(person bigint, identity bigint, OUT outcome text) LANGUAGE plpgsql AS $$
BEGIN
    -- Two removals at the same time: the second one sees what the first one has left.
    PERFORM 1 FROM users WHERE id = person FOR UPDATE;
    DELETE FROM identities WHERE id = identity AND user_id = person;
    IF NOT FOUND THEN
        outcome := 'unknown';
        RETURN;
    END IF;
    outcome := 'removed';
    PERFORM keep_way_in(person);
END
$$;
