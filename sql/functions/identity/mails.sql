-- Mails: written here with what causes them, sent by chat_server (chat_server/mail/). The link of a mail is good until
-- the mail expires, once, and only while its account still has the address.

-- How long a mail may be sent, and its link used.
CREATE FUNCTION mail_life(kind text) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'password_reset' THEN interval '1 hour' ELSE interval '1 day' END
$$;

-- The bucket that counts the links sent to an address, which is hashed, so that the table does not reveal it.
CREATE FUNCTION mail_bucket(recipient text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'mail:recipient:' || encode(sha256(convert_to(lower(recipient), 'UTF8')), 'hex')
$$;

-- A mail with a link, unless this address has been sent `most` within an hour: the seconds to wait then, else null.
CREATE FUNCTION add_link_mail(kind text, recipient text, person bigint, language text, details jsonb, most integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    seconds integer := rate_limit_charge(ARRAY[mail_bucket(recipient)], ARRAY[most], 3600);
BEGIN
    IF seconds IS NULL THEN
        INSERT INTO mails (kind, recipient, user_id, language, details, expires_at)
        VALUES (kind, recipient, person, language, details, now() + mail_life(kind));
    END IF;
    RETURN seconds;
END
$$;

-- Somebody has forgotten the password of an account with this address, if there is one: nothing is looked up here, so that
-- neither the answer nor its time says whether there is. Returns the seconds that the client has to wait if it has asked too
-- often, else null; an address that was asked for too often gets no further mail, and nothing says so.
CREATE FUNCTION forget_password(address text, language text, client text, per_client integer, per_recipient integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    seconds integer := rate_limit_charge(ARRAY['forgotten:address:' || client], ARRAY[per_client], 3600);
BEGIN
    IF seconds IS NULL THEN
        PERFORM add_link_mail('password_reset', address, NULL, language, '{}', per_recipient);
    END IF;
    RETURN seconds;
END
$$;

-- Takes up to `most` mails that are due, which nobody else takes for `lease_seconds`: links and warnings before what tells
-- of messages. A mail to an address that was typed in
-- goes to the active account's own, as it is stored, and is deleted if there is none. Where mail does not arrive, only
-- links go that somebody asks for, and warnings: no bounce keeps these from anybody. The account is read here: for the
-- calling query, one that has been made since it began is not there yet, and its mail would be taken and forgotten.
CREATE FUNCTION claim_mails(most integer, lease_seconds integer)
RETURNS TABLE (id bigint, kind text, recipient text, language text, details text, seed uuid, attempts integer,
               created_at timestamptz, expires_at timestamptz, fullname text, user_id bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    due CONSTANT bigint[] := ARRAY(
        SELECT id FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND used_at IS NULL AND due_at <= now() AND expires_at > now()
        ORDER BY kind IN ('notification', 'digest'), due_at LIMIT most FOR UPDATE SKIP LOCKED);
BEGIN
    UPDATE mails m SET user_id = person.id, recipient = person.email
    FROM users person
    WHERE m.id = ANY (due) AND m.user_id IS NULL AND lower(person.email) = lower(m.recipient) AND person.status = 'active';
    DELETE FROM mails WHERE id = ANY (due) AND user_id IS NULL;
    UPDATE mails m SET failed_at = now(), error = 'mail to this address has bounced: ' || b.status
    FROM mail_bounces b
    WHERE m.id = ANY (due) AND b.user_id = m.user_id AND b.address = m.recipient
      AND m.kind IN ('notification', 'digest', 'subscription_disabled');
    RETURN QUERY WITH claimed AS (
        UPDATE mails SET attempts = attempts + 1, due_at = now() + make_interval(secs => lease_seconds)
        WHERE id = ANY (due) AND failed_at IS NULL RETURNING *)
    SELECT m.id, m.kind, m.recipient, m.language, m.details::text, m.seed, m.attempts, m.created_at, m.expires_at,
           CASE WHEN person.email = m.recipient AND person.email_verified_at IS NOT NULL THEN person.fullname END, person.id
    FROM claimed m JOIN users person ON person.id = m.user_id;
END
$$;

-- Uses up the link of a mail: its mail; no row if it is over, or its account has another address by now, or is not active.
-- The account's row is locked first, as by whatever else ends its links.
CREATE FUNCTION use_mail_link(link uuid, kinds text[]) RETURNS SETOF mails LANGUAGE sql AS $$
    SELECT 1 FROM users WHERE id = (SELECT user_id FROM mails WHERE seed = link) FOR NO KEY UPDATE;
    UPDATE mails SET used_at = now()
    FROM users person
    WHERE seed = link AND mails.kind = ANY (kinds) AND used_at IS NULL AND expires_at > now()
      AND person.id = user_id AND person.status = 'active' AND (mails.kind = 'new_address' OR person.email = recipient)
    RETURNING mails.*
$$;

-- No link that an account's owner has been sent is good any more, nor is one sent that waits; a change of the address ends.
CREATE FUNCTION end_mail_links(person bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE mails SET used_at = now() WHERE user_id = person AND used_at IS NULL
      AND kind NOT IN ('new_device', 'subscription_disabled', 'notification', 'digest');
    DELETE FROM address_changes WHERE user_id = person
$$;

-- Sets a new password by the link of a mail, which shows that the address is the account's owner's. Returns the user, or
-- null if the link is no longer valid.
CREATE FUNCTION reset_password_by_mail(link uuid, new_hash text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    person bigint := (SELECT user_id FROM use_mail_link(link, '{password_reset}'));
BEGIN
    IF person IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('fechatter.actor', person::text, true);
    PERFORM claim_account(person, keeps_factors => true);
    PERFORM renew_password(person, new_hash);
    DELETE FROM mail_bounces WHERE user_id = person;
    RETURN person;
END
$$;

-- A link by which the user confirms their address, unless they have already and mail arrives there, or have been sent too many:
-- the seconds to wait then, else null.
CREATE FUNCTION ask_for_verification(person bigint, language text, most integer) RETURNS integer LANGUAGE sql AS $$
    SELECT add_link_mail('verify_address', email, id, language, '{}', most)
    FROM users WHERE id = person AND (email_verified_at IS NULL OR EXISTS (SELECT FROM mail_bounces b WHERE b.user_id = person))
$$;

-- A new address for a user, which takes effect when both have confirmed it. outcome: asked; stale, if the password has changed
-- since verified_hash was verified; same, if only the
-- case of letters differs; taken, if another account has the address; or limited, if it has been sent too many links.
CREATE FUNCTION ask_for_address(person bigint, verified_hash text, address text, language text, most integer, OUT outcome text)
LANGUAGE plpgsql AS $$
DECLARE
    holder users;
BEGIN
    SELECT * INTO holder FROM users WHERE id = person AND password_hash = verified_hash FOR NO KEY UPDATE;
    IF holder.id IS NULL THEN
        outcome := 'stale';
    ELSIF lower(holder.email) = lower(address) THEN
        outcome := 'same';
    ELSIF EXISTS (SELECT FROM users WHERE lower(email) = lower(address)) THEN
        outcome := 'taken';
    -- An account has a limit of its own, whatever the addresses.
    ELSIF rate_limit_charge(ARRAY['mail:changes:' || person], ARRAY[most], 3600) IS NOT NULL THEN
        outcome := 'limited';
    ELSE
        UPDATE mails SET used_at = now() WHERE user_id = person AND used_at IS NULL AND kind IN ('new_address', 'old_address');
        outcome := CASE WHEN add_link_mail('new_address', address, person, language, '{}', most) IS NULL THEN 'asked' ELSE 'limited' END;
    END IF;
    IF outcome = 'asked' THEN
        INSERT INTO address_changes (user_id, old_email, new_email, old_confirmed_at, expires_at)
        VALUES (person, holder.email, address, CASE WHEN holder.email_verified_at IS NULL THEN now() END,
                now() + mail_life('new_address'))
        ON CONFLICT (user_id) DO UPDATE SET old_email = excluded.old_email, new_email = excluded.new_email,
            old_confirmed_at = excluded.old_confirmed_at, new_confirmed_at = NULL, expires_at = excluded.expires_at;
        -- However many the owner of a confirmed address has been sent: nobody may keep this from them.
        PERFORM add_link_mail('old_address', holder.email, person, language, jsonb_build_object('new_email', address),
                              CASE WHEN holder.email_verified_at IS NULL THEN most ELSE 1000000 END);
    END IF;
END
$$;

-- Confirms an address by the link of a mail. outcome: verified, if it is the user's; changed, if it is theirs from now on;
-- waiting, if the other address has not confirmed the change yet; null if the link is no longer valid.
CREATE FUNCTION confirm_address(link uuid, OUT outcome text, OUT person bigint) LANGUAGE plpgsql AS $$
DECLARE
    mail mails;
    change address_changes;
BEGIN
    SELECT * INTO mail FROM use_mail_link(link, '{verify_address,new_address,old_address}');
    person := mail.user_id;
    IF person IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('fechatter.actor', person::text, true);
    IF mail.kind = 'verify_address' THEN
        UPDATE users SET email_verified_at = now() WHERE id = person;
        outcome := 'verified';
        RETURN;
    END IF;
    UPDATE address_changes SET
        old_confirmed_at = CASE mail.kind WHEN 'old_address' THEN now() ELSE old_confirmed_at END,
        new_confirmed_at = CASE mail.kind WHEN 'new_address' THEN now() ELSE new_confirmed_at END
    WHERE user_id = person AND expires_at > now() RETURNING * INTO change;
    IF change.old_confirmed_at IS NULL OR change.new_confirmed_at IS NULL THEN
        outcome := CASE WHEN change.user_id IS NOT NULL THEN 'waiting' END;
        RETURN;
    END IF;
    DELETE FROM address_changes WHERE user_id = person;
    UPDATE users SET email = change.new_email, email_verified_at = now() WHERE id = person AND email = change.old_email;
    outcome := CASE WHEN FOUND THEN 'changed' END;
    PERFORM end_mail_links(person);
END
$$;

-- The owner of an address refuses a change of it by the link of a mail: it ends, and if it was the old address, so do all
-- sessions, since one of them has asked for this. Returns the user, or null if the link is no longer valid.
CREATE FUNCTION refuse_address(link uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    mail mails;
BEGIN
    SELECT * INTO mail FROM use_mail_link(link, '{new_address,old_address}');
    IF mail.user_id IS NOT NULL THEN
        DELETE FROM address_changes WHERE user_id = mail.user_id;
        PERFORM end_mail_links(mail.user_id);
        IF mail.kind = 'old_address' THEN
            PERFORM set_config('fechatter.actor', mail.user_id::text, true);
            PERFORM end_sessions('logout_all', mail.user_id);
        END IF;
    END IF;
    RETURN mail.user_id;
END
$$;

-- A notice of a session that began on a new device, to an address that is known to be the user's.
CREATE FUNCTION mail_new_device(session bigint, language text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO mails (kind, recipient, user_id, language, details, expires_at)
    SELECT 'new_device', person.email, person.id, mail_new_device.language,
           jsonb_build_object('device', coalesce(s.device_name, '?'), 'address', coalesce(abbrev(s.address), '?'),
                              'time', to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
           now() + mail_life('new_device')
    FROM sessions s JOIN users person ON person.id = s.user_id
    WHERE s.id = session AND s.new_device AND person.email_verified_at IS NOT NULL;
    RETURN FOUND;
END
$$;
