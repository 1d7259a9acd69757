-- Mails that tell people of messages they have not read: from the log to mail_notices, and from there, after a while without an
-- active device or for a digest, to the queue of mails (docs/notifications/mail.md, ADR 85).

-- How long somebody must be without an active device.
CREATE FUNCTION mail_delay() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '2 minutes' $$;

-- How long a mail waits for somebody who uses a device: after that they have had their chance to look.
CREATE FUNCTION mail_patience() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '1 day' $$;

-- The most messages in one mail.
CREATE FUNCTION most_mailed() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 50 $$;

-- The most mails of messages to one person in an hour.
CREATE FUNCTION most_mails_an_hour() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 20 $$;

-- Of the reasons to tell somebody of a message, those that are worth a mail.
CREATE FUNCTION is_mailed(reason text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(reason IN ('direct', 'mention', 'everyone'), false)
$$;

-- When a message of this moment is to be mailed: digests are of eight in the morning where the person lives, weekly ones of
-- Mondays. Null: never.
CREATE FUNCTION mail_due_at(choice text, zone text, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE choice
        WHEN 'at_once' THEN moment + mail_delay()
        WHEN 'daily' THEN (SELECT min(morning) FROM (
            SELECT ((moment AT TIME ZONE zone)::date + day + time '08:00') AT TIME ZONE zone AS morning FROM generate_series(0, 1) AS day) days
            WHERE morning > moment)
        WHEN 'weekly' THEN (SELECT min(morning) FROM (
            SELECT (date_trunc('week', moment AT TIME ZONE zone)::date + 7 * week + time '08:00') AT TIME ZONE zone AS morning
            FROM generate_series(0, 1) AS week) weeks
            WHERE morning > moment)
    END
$$;

-- Whether anything but links may be mailed to somebody: the address is confirmed, and mail arrives there.
CREATE FUNCTION takes_mail(person users) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT person.kind = 'person' AND person.status = 'active' AND person.email_verified_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM mail_bounces b WHERE b.user_id = person.id)
$$;

-- Reads the next events of the log and notes whom their messages are mailed to. An event of more than a day ago is passed
-- over. Returns how many events there were; 0 too while another server does this.
CREATE FUNCTION follow_for_mails(amount integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    read integer;
    written bigint[];
BEGIN
    SELECT f.read, f.written INTO read, written FROM log_follow('mail_notice_state', amount, '{NewMessage,MessageUpdated}', '1 day') f;
    IF written IS NULL THEN
        RETURN read;
    END IF;
    INSERT INTO mail_notices (user_id, message_id, chat_id, due_at)
    SELECT told.user_id, m.id, m.chat_id, mail_due_at(s.email, person.time_zone, now())
    FROM messages m JOIN chats c ON c.id = m.chat_id
    -- Of most messages of large chats nobody is mailed: their members are not asked one by one.
    CROSS JOIN LATERAL who_is_told(m.id) told JOIN users person ON person.id = told.user_id
    CROSS JOIN LATERAL notification_settings_of(told.user_id) s
    WHERE m.id = ANY (written) AND m.created_at > now() - interval '1 day'
      AND addresses_somebody(m, c.type)
      AND is_mailed(told.reason) AND s.email <> 'off' AND takes_mail(person)
    ON CONFLICT DO NOTHING;
    RETURN read;
END
$$;

-- Since when nobody has used a device of this person; now, if somebody does.
CREATE FUNCTION inactive_since(person bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN is_active(person) THEN now() ELSE (
        SELECT CASE WHEN presence = 'away' THEN greatest(told_at, seen_at) ELSE seen_at END FROM presences WHERE user_id = person) END
$$;

-- Decides about what is due to the people of `amount` notices; returns how many people, 0 if nothing is due. Writing the
-- mails and noting that the messages are settled is one transaction, so that each is mailed to each at most once. 0 also
-- while another server does this.
CREATE FUNCTION settle_mail_notices(amount integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    people bigint[];
    person bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('fechatter.mail_notices')) THEN
        RETURN 0;
    END IF;
    people := ARRAY(SELECT DISTINCT user_id FROM (
        SELECT user_id FROM mail_notices WHERE due_at <= now() ORDER BY due_at LIMIT amount) due);
    FOREACH person IN ARRAY people LOOP
        PERFORM settle_mail_notices_of(person);
    END LOOP;
    RETURN cardinality(people);
END
$$;

CREATE FUNCTION settle_mail_notices_of(of_person bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    person users;
    choice text;
    inactive timestamptz;
    chat bigint;
    seconds integer;
BEGIN
    SELECT * INTO person FROM users WHERE id = of_person;
    choice := CASE WHEN takes_mail(person) THEN (notification_settings_of(of_person)).email ELSE 'off' END;
    IF choice = 'at_once' THEN
        inactive := inactive_since(of_person);
        IF inactive + mail_delay() > now() THEN
            UPDATE mail_notices SET due_at = CASE WHEN created_at > now() - mail_patience() THEN greatest(due_at, inactive + mail_delay()) END
            WHERE user_id = of_person AND due_at IS NOT NULL;
            RETURN;
        END IF;
        -- Of the chats in which something is due, all that waits; beyond the bound, it comes together later.
        FOR chat IN SELECT DISTINCT chat_id FROM mail_notices WHERE user_id = of_person AND due_at <= now() ORDER BY chat_id LOOP
            seconds := rate_limit_charge(ARRAY['mail:notices:' || of_person], ARRAY[most_mails_an_hour()], 3600);
            IF seconds IS NOT NULL THEN
                UPDATE mail_notices SET due_at = now() + make_interval(secs => seconds) WHERE user_id = of_person AND due_at <= now();
                RETURN;
            END IF;
            PERFORM mail_messages(person, 'notification', chat,
                                  ARRAY(SELECT n.message_id FROM mail_notices n WHERE n.user_id = of_person AND n.chat_id = chat AND n.due_at IS NOT NULL));
            UPDATE mail_notices SET due_at = NULL WHERE user_id = of_person AND chat_id = chat AND due_at IS NOT NULL;
        END LOOP;
        RETURN;
    ELSIF choice <> 'off' THEN
        PERFORM mail_messages(person, 'digest', NULL,
                              ARRAY(SELECT message_id FROM mail_notices WHERE user_id = of_person AND due_at IS NOT NULL));
    END IF;
    UPDATE mail_notices SET due_at = NULL WHERE user_id = of_person AND due_at IS NOT NULL;
END
$$;

-- Queues a mail with the newest of these messages that the person still is to be told of, if there are any.
CREATE FUNCTION mail_messages(person users, kind text, chat bigint, message_ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mails (kind, recipient, user_id, language, details, expires_at)
    SELECT mail_messages.kind, person.email, person.id,
           coalesce((notification_settings_of(person.id)).language,
                    (SELECT m.language FROM mails m WHERE m.user_id = person.id ORDER BY m.id DESC LIMIT 1), 'en'),
           jsonb_strip_nulls(jsonb_build_object('chat_id', chat, 'messages', told.ids, 'more', nullif(greatest(told.amount - most_mailed(), 0), 0))),
           now() + mail_life(mail_messages.kind)
    FROM (SELECT (array_agg(m.id ORDER BY m.id DESC))[:most_mailed()] AS ids, count(*) AS amount
          FROM messages m JOIN chat_members c ON c.chat_id = m.chat_id AND c.user_id = person.id
          WHERE m.id = ANY (message_ids) AND is_mailed(told_because(m, c))) told
    WHERE told.amount > 0
$$;

-- What a mail tells, as it is at this moment, oldest first: without what its person has read, may not see any more, or is not to be told
-- of any more, since it was deleted or edited, the chat is muted, or they want no mails now.
CREATE FUNCTION mailed_messages(mail bigint)
RETURNS TABLE (message_id bigint, chat_id bigint, chat_type text, chat_name text, sender text, content text, files integer,
               thread_id bigint, written_at text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id, m.chat_id, chat.type, chat.name, sender.fullname, m.content, coalesce(cardinality(m.files), 0), m.thread_id,
           to_char(m.created_at AT TIME ZONE person.time_zone, 'YYYY-MM-DD HH24:MI')
    FROM mails JOIN users person ON person.id = mails.user_id AND person.email = mails.recipient
    CROSS JOIN LATERAL jsonb_array_elements_text(mails.details -> 'messages') AS named (id)
    JOIN messages m ON m.id = named.id::bigint JOIN chats chat ON chat.id = m.chat_id JOIN users sender ON sender.id = m.sender_id
    JOIN chat_members c ON c.chat_id = m.chat_id AND c.user_id = person.id
    WHERE mails.id = mail AND mails.kind IN ('notification', 'digest') AND takes_mail(person)
      AND (notification_settings_of(person.id)).email <> 'off' AND is_mailed(told_because(m, c))
      AND is_readable(m)
    ORDER BY m.chat_id, m.id
$$;

-- Forgets what has been settled for longer than an edit can bring it up again, and which replies were posted long ago. Returns
-- a row for each.
CREATE FUNCTION expire_mail_notices(amount integer) RETURNS SETOF integer LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH mails AS (
        DELETE FROM received_mails WHERE digest IN (
            SELECT digest FROM received_mails WHERE received_at < now() - interval '60 days' LIMIT amount FOR UPDATE SKIP LOCKED)
        RETURNING 1),
    notices AS (
        DELETE FROM mail_notices WHERE (user_id, message_id) IN (
            SELECT user_id, message_id FROM mail_notices WHERE created_at < now() - interval '10 days' AND due_at IS NULL
            LIMIT amount FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT 1 FROM mails UNION ALL SELECT 1 FROM notices
$$;

-- Mail to this address of a user cannot be delivered. Whether it is their address.
CREATE FUNCTION note_bounce(person bigint, address text, status text, reason text) RETURNS boolean LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH noted AS (
        INSERT INTO mail_bounces (user_id, address, status, reason)
        SELECT id, email, left(note_bounce.status, 20), left(note_bounce.reason, 300) FROM users WHERE id = person AND lower(email) = lower(note_bounce.address)
        ON CONFLICT (user_id) DO UPDATE SET bounced_at = now(), status = excluded.status, reason = excluded.reason
        RETURNING 1)
    SELECT EXISTS (SELECT FROM noted)
$$;

-- Posts what somebody has answered to a mail, with files of theirs, if the account still has the address and may post there. outcome: that of
-- post_messages(); `stranger`, if it is no account that gets mail any more; or `repeated`, if this mail was posted before.
CREATE FUNCTION post_reply(person bigint, address text, chat bigint, thread bigint, content text, files bigint[], mail_digest bytea, OUT outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users u WHERE u.id = person AND lower(u.email) = lower(address) AND u.kind = 'person' AND u.status = 'active'
        AND u.email_verified_at IS NOT NULL FOR SHARE;
    IF NOT FOUND THEN
        outcome := 'stranger';
        RETURN;
    END IF;
    INSERT INTO received_mails (digest) VALUES (mail_digest) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        outcome := 'repeated';
        RETURN;
    END IF;
    SELECT posted.outcome INTO outcome FROM post_messages(
        ARRAY[person], ARRAY[chat], ARRAY[content],
        ARRAY[nullif(jsonb_strip_nulls(jsonb_build_object('reply_to', nullif(thread, 0), 'files', to_jsonb(files))), '{}')],
        ARRAY[NULL]::text[]) posted;
    IF outcome <> 'created' THEN
        DELETE FROM received_mails WHERE digest = mail_digest;
    END IF;
END
$$;
