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

-- Takes up to `most` mails that are due, which nobody else takes for `lease_seconds`. A mail to an address that was typed in
-- goes to the active account's own, as it is stored, and is deleted if there is none.
CREATE FUNCTION claim_mails(most integer, lease_seconds integer) RETURNS SETOF mails LANGUAGE plpgsql AS $$
DECLARE
    due CONSTANT bigint[] := ARRAY(
        SELECT id FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND used_at IS NULL AND due_at <= now() AND expires_at > now()
        ORDER BY due_at LIMIT most FOR UPDATE SKIP LOCKED);
BEGIN
    UPDATE mails m SET user_id = person.id, recipient = person.email
    FROM users person
    WHERE m.id = ANY (due) AND m.user_id IS NULL AND lower(person.email) = lower(m.recipient) AND person.status = 'active';
    DELETE FROM mails WHERE id = ANY (due) AND user_id IS NULL;
    RETURN QUERY UPDATE mails SET attempts = attempts + 1, due_at = now() + make_interval(secs => lease_seconds)
    WHERE id = ANY (due) RETURNING *;
END
$$;

-- Uses up the link of a mail: its mail; no row if it is over, or its account has another address by now, or is not active.
CREATE FUNCTION use_mail_link(link uuid, kinds text[]) RETURNS SETOF mails LANGUAGE sql AS $$
    UPDATE mails SET used_at = now()
    FROM users person
    WHERE seed = link AND kind = ANY (kinds) AND used_at IS NULL AND expires_at > now()
      AND person.id = user_id AND person.status = 'active' AND (kind = 'new_address' OR person.email = recipient)
    RETURNING mails.*
$$;

-- No link that an account's owner has been sent is good any more, nor is one sent that waits.
CREATE FUNCTION end_mail_links(person bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE mails SET used_at = now() WHERE user_id = person AND used_at IS NULL AND kind <> 'new_device'
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
    PERFORM claim_account(person);
    PERFORM renew_password(person, new_hash);
    RETURN person;
END
$$;
