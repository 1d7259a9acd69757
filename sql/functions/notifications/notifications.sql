-- Who is notified of a message, why, and when not: the one rule, for pushes and mails. The web client has it as well, for
-- what it shows itself (web/chat/notifications/worth.js); docs/notifications/README.md has it in words.

-- Why a member is told of a message, null if they are not: 'direct', 'mention' (by name or group), 'everyone' (@all or @here),
-- 'thread' (a reply in one that they follow), or 'message' (in a Group, of which they want all). The member is one of the
-- message's chat. What is read, deleted, muted, of somebody blocked or one's own is told to nobody.
CREATE FUNCTION told_because(m messages, c chat_members) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN m.deleted_at IS NOT NULL OR m.seq <= c.last_read_seq OR c.user_id = m.sender_id OR c.user_id IS NOT DISTINCT FROM m.delegate_id
             OR c.notification_level = 'none' OR c.muted_until > now() THEN NULL
        WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = c.user_id AND u.kind = 'person' AND u.status = 'active')
             OR EXISTS (SELECT FROM invitation_blocks b WHERE b.user_id = c.user_id AND b.inviter_id = m.sender_id) THEN NULL
        WHEN chat.type = 'Single' AND c.notification_level = 'all' THEN 'direct'
        WHEN c.user_id = ANY (m.mentions) THEN 'mention'
        WHEN m.mentions_everyone IS NOT NULL THEN 'everyone'
        WHEN m.thread_id IS NOT NULL AND chat.type <> 'Single' THEN (
            SELECT 'thread' FROM thread_followers f
            WHERE f.thread_id = m.thread_id AND f.user_id = c.user_id AND f.last_read_seq < m.thread_seq)
        WHEN chat.type = 'Group' AND c.notification_level = 'all' THEN 'message'
    END FROM chats chat WHERE chat.id = m.chat_id
$$;

-- Whether a message may be 'direct', 'mention' or 'everyone' to a member of its chat: where it is not, the members need not
-- be asked for these one by one.
CREATE FUNCTION addresses_somebody(m messages, chat_type text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT chat_type = 'Single' OR m.mentions IS NOT NULL OR m.mentions_everyone IS NOT NULL
$$;

-- The members of its chat who are told of a message, each with the reason.
CREATE FUNCTION who_is_told(message bigint) RETURNS TABLE (user_id bigint, reason text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM (
        SELECT c.user_id, told_because(m, c) AS reason FROM messages m JOIN chat_members c ON c.chat_id = m.chat_id WHERE m.id = message
    ) told WHERE reason IS NOT NULL
$$;

-- Whether somebody wants to be told for a reason, as their settings say: 'personal' is what is meant for them alone, or for
-- a few.
CREATE FUNCTION is_wanted(wish text, reason text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT reason IS NOT NULL AND CASE wish WHEN 'all' THEN true WHEN 'personal' THEN reason IN ('direct', 'mention', 'thread') ELSE false END
$$;

-- A person's settings, or the defaults.
CREATE FUNCTION notification_settings_of(person bigint) RETURNS notification_settings LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    s notification_settings;
BEGIN
    SELECT * INTO s FROM notification_settings WHERE user_id = person;
    IF NOT FOUND THEN
        s.user_id := person;
        s.push := 'all';
        s.push_content := 'message';
        s.push_while_active := true;
        s.email := 'at_once';
    END IF;
    RETURN s;
END
$$;

CREATE FUNCTION notification_settings_json(s notification_settings) RETURNS json LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT row_to_json(shape) FROM (
        SELECT s.push, s.push_content, s.push_while_active, to_char(s.quiet_from, 'HH24:MI') AS quiet_from,
               to_char(s.quiet_until, 'HH24:MI') AS quiet_until, s.email, s.language,
               (SELECT b.bounced_at FROM mail_bounces b WHERE b.user_id = s.user_id) AS bounced_at, (SELECT u.time_zone FROM users u WHERE u.id = s.user_id) AS time_zone
    ) shape
$$;

-- Changes the given columns, and the time zone if that is given.
CREATE FUNCTION change_notification_settings(person bigint, given jsonb) RETURNS json LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    s notification_settings;
BEGIN
    PERFORM FROM users WHERE id = person FOR NO KEY UPDATE;
    UPDATE users SET time_zone = given ->> 'time_zone' WHERE id = person AND time_zone <> given ->> 'time_zone';
    s := jsonb_populate_record(notification_settings_of(person), given - 'user_id');
    INSERT INTO notification_settings SELECT s.*
    ON CONFLICT (user_id) DO UPDATE SET
        push = excluded.push, push_content = excluded.push_content, push_while_active = excluded.push_while_active,
        quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, email = excluded.email, language = excluded.language;
    RETURN notification_settings_json(s);
END
$$;

-- Until when it is quiet for somebody with these settings; null if it is not quiet at the moment.
CREATE FUNCTION quiet_until(s notification_settings, zone text, moment timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    here timestamp := moment AT TIME ZONE zone;
    clock time := here::time;
BEGIN
    IF s.quiet_from IS NULL OR (CASE WHEN s.quiet_from < s.quiet_until THEN clock < s.quiet_from OR clock >= s.quiet_until
                                     ELSE clock < s.quiet_from AND clock >= s.quiet_until END) THEN
        RETURN NULL;
    END IF;
    RETURN (here::date + s.quiet_until + CASE WHEN clock >= s.quiet_until THEN interval '1 day' ELSE interval '0' END) AT TIME ZONE zone;
END
$$;

-- Whether somebody uses a device now: a client of theirs is connected, and has not said that it is idle.
CREATE FUNCTION is_active(person bigint) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM streams s JOIN notify_nodes n USING (node)
                   WHERE s.user_id = person AND n.expires_at > now()
                     AND NOT EXISTS (SELECT FROM idle_sessions i WHERE i.session_id = s.session_id))
$$;
