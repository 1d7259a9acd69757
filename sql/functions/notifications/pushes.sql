-- Pushes: which device is notified of which chat, decided once from the log; and the text of the notification, read when it
-- is sent (docs/notifications/push.md).

-- Of one person, how many devices are pushed to; how long a subscription is kept that its browser has not confirmed, or
-- whose service refuses.
CREATE FUNCTION most_push_subscriptions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';
CREATE FUNCTION push_subscription_life() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '90 days' $$;
CREATE FUNCTION push_patience() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '7 days' $$;

CREATE FUNCTION push_subscription_json(s push_subscriptions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT s.id, s.endpoint, s.language, s.created_at, s.seen_at, s.pushed_at, s.failing_since, s.error
    ) shape
$$;

-- Where a session's device is pushed to; null if it is not.
CREATE FUNCTION push_subscription_of(session bigint) RETURNS json LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT push_subscription_json(s) FROM push_subscriptions s WHERE s.session_id = session
$$;

-- The public key, of this pair if there was none.
CREATE FUNCTION keep_push_key(private bytea, public bytea) RETURNS bytea LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO push_keys (private_key, public_key) VALUES (private, public) ON CONFLICT DO NOTHING;
    RETURN (SELECT k.public_key FROM push_keys k);
END
$$;

CREATE FUNCTION push_private_key() RETURNS bytea LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT private_key FROM push_keys
$$;

-- Pushes to a session's device from here on. An endpoint is one device's: whoever else had it has it no more. Of too many
-- devices those go that have not been seen for the longest time.
CREATE FUNCTION subscribe_to_pushes(person bigint, session bigint, endpoint text, public_key bytea, secret bytea, language text)
RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    made push_subscriptions;
BEGIN
    PERFORM FROM users WHERE id = person FOR NO KEY UPDATE;
    DELETE FROM push_subscriptions s WHERE s.endpoint = subscribe_to_pushes.endpoint AND s.session_id <> session;
    -- What another endpoint answers, or one with other keys, ends nothing from here on.
    UPDATE push_outbox SET claim = NULL WHERE subscription_id = (
        SELECT s.id FROM push_subscriptions s
        WHERE s.session_id = session AND (s.endpoint, s.public_key, s.secret)
              <> (subscribe_to_pushes.endpoint, subscribe_to_pushes.public_key, subscribe_to_pushes.secret));
    INSERT INTO push_subscriptions AS s (user_id, session_id, endpoint, public_key, secret, language)
    VALUES (person, session, subscribe_to_pushes.endpoint, subscribe_to_pushes.public_key, subscribe_to_pushes.secret, subscribe_to_pushes.language)
    ON CONFLICT (session_id) DO UPDATE SET
        endpoint = excluded.endpoint, public_key = excluded.public_key, secret = excluded.secret, language = excluded.language,
        seen_at = now(), failing_since = NULL, error = NULL
    RETURNING s.* INTO made;
    DELETE FROM push_subscriptions WHERE id IN (
        SELECT id FROM push_subscriptions WHERE user_id = person ORDER BY seen_at DESC, id DESC OFFSET most_push_subscriptions());
    RETURN push_subscription_json(made);
END
$$;

-- Decides about the next events of the log, and moves the cursor, in one transaction: each message is decided about once
-- for each device. Returns how many events there were; 0 too while another server does this. One that is older than
-- `lifetime` is not worth a push; beyond `most_waiting` nobody is told, and of one person's beyond `most_each` the oldest go.
CREATE FUNCTION follow_pushes(amount integer, most_waiting integer, most_each integer, grace interval, lifetime interval) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    read integer;
    written bigint[];
    people bigint[];
BEGIN
    SELECT f.read, f.written INTO read, written FROM log_follow('push_cursor', amount, '{NewMessage}', lifetime) f;
    IF written IS NOT NULL THEN
        WITH added AS (
            INSERT INTO push_outbox AS o (subscription_id, chat_id, first_message_id, message_id, due_at)
            SELECT s.id, told.chat_id, min(told.message_id), max(told.message_id), now() + grace
            FROM (
                SELECT m.id AS message_id, m.chat_id, c.user_id
                FROM messages m JOIN chats ON chats.id = m.chat_id JOIN chat_members c ON c.chat_id = m.chat_id
                WHERE m.id = ANY (written) AND (chats.type = 'Group' OR m.thread_id IS NOT NULL OR addresses_somebody(m, chats.type))
                  AND EXISTS (SELECT FROM push_subscriptions s WHERE s.user_id = c.user_id)
                  AND is_wanted((notification_settings_of(c.user_id)).push, told_because(m, c))
            ) told JOIN push_subscriptions s ON s.user_id = told.user_id
            GROUP BY s.id, told.chat_id
            ORDER BY s.id, told.chat_id LIMIT greatest(0, most_waiting - (SELECT count(*) FROM push_outbox))
            ON CONFLICT (subscription_id, chat_id) DO UPDATE SET message_id = greatest(o.message_id, excluded.message_id)
            RETURNING subscription_id
        )
        SELECT array_agg(DISTINCT s.user_id) INTO people FROM added JOIN push_subscriptions s ON s.id = added.subscription_id;
        DELETE FROM push_outbox WHERE (subscription_id, chat_id) IN (
            SELECT subscription_id, chat_id FROM (
                SELECT o.subscription_id, o.chat_id,
                       row_number() OVER (PARTITION BY s.user_id ORDER BY o.message_id DESC, o.subscription_id) AS place
                FROM push_subscriptions s JOIN push_outbox o ON o.subscription_id = s.id WHERE s.user_id = ANY (people)
            ) ranked WHERE place > most_each);
    END IF;
    RETURN read;
END
$$;

-- The newest message of an item that is still to be told of, and why; none if there is none any more: read, deleted, left.
CREATE FUNCTION still_told(person bigint, o push_outbox) RETURNS TABLE (message_id bigint, reason text) LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT unread.id, unread.reason FROM (
        SELECT m.id, m.seq, told_because(m, c) AS reason
        FROM messages m JOIN chat_members c ON c.chat_id = m.chat_id AND c.user_id = person
        WHERE m.chat_id = o.chat_id AND m.id BETWEEN o.first_message_id AND o.message_id AND m.deleted_at IS NULL AND m.seq > c.last_read_seq
        ORDER BY m.seq DESC LIMIT 50
    ) unread WHERE is_wanted((notification_settings_of(person)).push, unread.reason) ORDER BY unread.seq DESC LIMIT 1
$$;

-- Until when a person is not to be disturbed: in their quiet hours, while they say so, or while they use another device and
-- want no pushes then. Null if they may be now.
CREATE FUNCTION pushes_wait_until(u users, s notification_settings) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(quiet_until(s, u.time_zone, now()),
                    CASE WHEN u.presence_mode = 'dnd' THEN now() + interval '1 minute'
                         WHEN NOT s.push_while_active AND is_active(u.id) THEN now() + interval '15 seconds' END)
$$;

-- The number on an app's icon, as the web client counts it (badgeOf): unread messages of those who write to one alone, and
-- mentions.
CREATE FUNCTION push_badge(person bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(CASE
            WHEN c.type = 'Single' AND m.notification_level <> 'none' AND (m.muted_until > now()) IS NOT TRUE THEN unread(c, m.last_read_seq)
            ELSE (SELECT cardinality(seqs) FROM unread_mentions(c, m) AS seqs) END), 0)
        FROM chat_members m JOIN chats c ON c.id = m.chat_id
        WHERE m.user_id = person AND (c.last_seq > m.last_read_seq OR m.late_mentions IS NOT NULL));
END
$$;

CREATE FUNCTION push_host(endpoint text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(split_part(endpoint, '/', 3)) $$;

-- Claims what is due for `seconds`; after that another server may claim it. Each item has what is to be sent as it
-- is now; what is not to be sent any more is gone. `people` and `hosts` are those that the caller is sending to, each as
-- often as it does: no more than `of_person` and `of_host` at a time, so that nobody's devices keep others' waiting. Of what
-- is due the first thousand are looked at, without those whose person or host has all its slots: of a person who has more
-- due than that a few are taken, and the next call looks past the rest.
CREATE FUNCTION claim_pushes(amount integer, seconds float8, lifetime interval, people bigint[], hosts text[], of_person integer, of_host integer)
RETURNS TABLE (
    user_id bigint, host text, subscription_id bigint, chat_id bigint, claim bigint, attempts integer, endpoint text, public_key bytea, secret bytea, language text,
    message_id bigint, seq bigint, reason text, shows text, sender text, chat text, chat_type text, content text, files integer, badge bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
DECLARE
    full_people CONSTANT bigint[] := ARRAY(SELECT busy FROM unnest(people) AS busy GROUP BY busy HAVING count(*) >= of_person);
    full_hosts CONSTANT text[] := ARRAY(SELECT busy FROM unnest(hosts) AS busy GROUP BY busy HAVING count(*) >= of_host);
    taken integer := 0;
    next record;
    o push_outbox;
    s push_subscriptions;
    u users;
    wish notification_settings;
    m messages;
    rest timestamptz;
BEGIN
    FOR next IN
        SELECT o.subscription_id, o.chat_id, s.user_id, push_host(s.endpoint) AS host
        FROM push_outbox o JOIN push_subscriptions s ON s.id = o.subscription_id
        WHERE o.due_at <= now() AND s.user_id <> ALL (full_people) AND push_host(s.endpoint) <> ALL (full_hosts)
        ORDER BY o.due_at LIMIT 1000
    LOOP
        EXIT WHEN taken >= amount;
        CONTINUE WHEN cardinality(array_positions(people, next.user_id)) >= of_person OR cardinality(array_positions(hosts, next.host)) >= of_host;
        SELECT * INTO o FROM push_outbox WHERE (subscription_id, chat_id) = (next.subscription_id, next.chat_id) AND due_at <= now() FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;  -- another server has it
        SELECT p.* INTO s FROM push_subscriptions p JOIN sessions ON sessions.id = p.session_id
        WHERE p.id = o.subscription_id AND sessions.revoked_at IS NULL AND sessions.expires_at > now();
        IF NOT FOUND OR s.seen_at < now() - push_subscription_life() THEN
            DELETE FROM push_subscriptions WHERE id = o.subscription_id;
            CONTINUE;
        END IF;
        SELECT * INTO u FROM users WHERE id = s.user_id;
        SELECT * INTO wish FROM notification_settings_of(u.id);
        SELECT t.message_id, t.reason INTO message_id, reason FROM still_told(u.id, o) t;
        IF message_id IS NULL OR o.queued_at < now() - lifetime THEN
            DELETE FROM push_outbox WHERE (subscription_id, chat_id) = (o.subscription_id, o.chat_id);
            CONTINUE;
        END IF;
        rest := pushes_wait_until(u, wish);
        IF rest IS NOT NULL THEN
            UPDATE push_outbox SET due_at = rest WHERE (subscription_id, chat_id) = (o.subscription_id, o.chat_id);
            CONTINUE;
        END IF;
        UPDATE push_outbox SET attempts = attempts + 1, claim = nextval('push_claims'), due_at = now() + make_interval(secs => seconds)
        WHERE (subscription_id, chat_id) = (o.subscription_id, o.chat_id) RETURNING push_outbox.claim, push_outbox.attempts INTO claim, attempts;
        subscription_id := o.subscription_id;
        chat_id := o.chat_id;
        user_id := u.id;
        host := push_host(s.endpoint);
        endpoint := s.endpoint;
        public_key := s.public_key;
        secret := s.secret;
        language := s.language;
        SELECT * INTO m FROM messages WHERE id = message_id;
        seq := m.seq;
        shows := wish.push_content;
        SELECT c.name, c.type INTO chat, chat_type FROM chats c WHERE c.id = o.chat_id;
        sender := (SELECT fullname FROM users WHERE id = m.sender_id);
        content := CASE WHEN is_readable(m) THEN left(m.content, 1000) END;
        files := coalesce(cardinality(m.files), 0);
        badge := push_badge(u.id);
        people := people || user_id;
        hosts := hosts || host;
        taken := taken + 1;
        RETURN NEXT;
    END LOOP;
END
$$;

-- What has become of a push, by the one who holds its claim. `status`: that of the answer, null if none came. `wait`: seconds
-- until it is tried again; null, it is not. A device that is gone, or has refused for long, is not pushed to any more.
CREATE FUNCTION end_push(
    subscription bigint, chat bigint, held bigint, sent bigint, status integer, wait float8, problem text, grace interval
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    delivered CONSTANT boolean := problem IS NULL;
BEGIN
    IF status IN (404, 410) THEN
        DELETE FROM push_subscriptions WHERE id IN (
            SELECT subscription_id FROM push_outbox WHERE (subscription_id, chat_id, claim) = (subscription, chat, held));
        RETURN;
    END IF;
    IF wait IS NOT NULL THEN
        UPDATE push_outbox SET due_at = now() + make_interval(secs => wait), claim = NULL
        WHERE (subscription_id, chat_id, claim) = (subscription, chat, held);
    ELSE
        DELETE FROM push_outbox WHERE (subscription_id, chat_id, claim) = (subscription, chat, held) AND message_id <= sent;
        -- What was written meanwhile comes in the next one.
        UPDATE push_outbox SET first_message_id = sent + 1, attempts = 0, claim = NULL, queued_at = now(), due_at = now() + grace
        WHERE (subscription_id, chat_id, claim) = (subscription, chat, held);
    END IF;
    DELETE FROM push_subscriptions WHERE id = subscription AND NOT delivered AND failing_since < now() - push_patience();
    UPDATE push_subscriptions SET
        pushed_at = CASE WHEN delivered THEN now() ELSE pushed_at END,
        failing_since = CASE WHEN NOT delivered THEN coalesce(failing_since, now()) END,
        error = left(problem, 500)
    WHERE id = subscription;
END
$$;

-- In how many seconds something is due; null if nothing waits.
CREATE FUNCTION next_push() RETURNS float8 LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT extract(epoch FROM min(due_at) - now())::float8 FROM push_outbox
$$;
