-- Rules that several tables share.

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- A row's key never changes: the log would miss the loss of the old and the gain of the new.
CREATE FUNCTION refuse_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'key_is_final',
        MESSAGE = format('the key of a row of %s cannot be changed', TG_TABLE_NAME),
        HINT = 'Delete the row and insert another one.';
END
$$;

-- Events about members are made at COMMIT even after SET CONSTRAINTS … IMMEDIATE: only then have the members been
-- counted. So are the transaction's other events, which keep their order among them.
CREATE FUNCTION defer_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    SET CONSTRAINTS p90_batch, p90_log, p90_log_change, p90_log_changed, p90_log_content, p90_log_deleted,
        p90_log_detached, p90_log_links, p90_log_new_device, p90_log_new_token, p90_log_notifications,
        p90_log_presence_mode, p90_log_read, p90_log_revoked, p90_log_role, p90_log_thread, p90_log_update, p99_flush
        DEFERRED;
    RETURN NULL;
END
$$;

CREATE FUNCTION refuse_deleted(message bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'message_deleted',
        MESSAGE = format('message %s has been deleted', message),
        HINT = 'Post another one.';
END
$$;

CREATE FUNCTION refuse_stranger(chat bigint, sender bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'sender_is_member',
        MESSAGE = format('user %s is not a member of chat %s', sender, chat),
        HINT = 'Only members can post in a chat.';
END
$$;

CREATE FUNCTION refuse_archived(chat bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'chat_is_archived',
        MESSAGE = format('chat %s is archived', chat),
        HINT = 'Unarchive it first: UPDATE chats SET archived_at = NULL …';
END
$$;

CREATE FUNCTION refuse_silenced(chat bigint, sender bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'member_is_silenced',
        MESSAGE = format('user %s is silenced in chat %s', sender, chat),
        HINT = 'To lift the silence: UPDATE chat_members SET silenced_until = NULL …';
END
$$;

-- Refuses what a user may not write to a chat: they are not a member, or silenced, or it is archived. Messages, edits,
-- reactions and pins all use it. An operator in psql without an acting user (person is null) is not checked.
CREATE FUNCTION require_may_post(chat bigint, person bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    refused text := post_refused(chat, person);
BEGIN
    IF person IS NULL OR refused IS NULL THEN
        RETURN;
    END IF;
    CASE refused
        WHEN 'stranger' THEN PERFORM refuse_stranger(chat, person);
        WHEN 'archived' THEN PERFORM refuse_archived(chat);
        WHEN 'silenced' THEN PERFORM refuse_silenced(chat, person);
    END CASE;
END
$$;

-- TRUNCATE fires no row triggers, so no event would report it.
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'truncate_is_silent',
        MESSAGE = format('%s cannot be truncated: no event would report it', TG_TABLE_NAME),
        HINT = 'Use DELETE.';
END
$$;

-- Whether a name has only visible characters: chat_server/identity/names.py describes the exceptions, and has the same
-- expression.
CREATE FUNCTION is_plain(name text) RETURNS boolean LANGUAGE sql IMMUTABLE SET standard_conforming_strings = on AS $$
    SELECT name ~ '^(?:[^\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|(?<=[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff\ufe0f])\u200d(?=[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])|(?<=[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)|\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f|(?<=[\u0620-\u06ff\u0750-\u077f\u0870-\u08ff])\u200c(?=[\u0620-\u06ff\u0750-\u077f\u0870-\u08ff])|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d]|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef])*$'
$$;

-- A name that changes must be plain; earlier ones stay. The trigger's arguments are the columns.
CREATE FUNCTION refuse_invisible() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed text;
BEGIN
    SELECT name INTO changed FROM unnest(TG_ARGV) AS name
    WHERE NOT is_plain(to_jsonb(NEW) ->> name)
      AND (TG_OP = 'INSERT' OR to_jsonb(NEW) ->> name IS DISTINCT FROM to_jsonb(OLD) ->> name) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'name_is_plain',
            MESSAGE = format('%s of %s has invisible characters, or characters that change the direction of others', changed, TG_TABLE_NAME),
            HINT = 'Control, zero-width and direction characters are allowed only where a script or an emoji needs them.';
    END IF;
    RETURN NEW;
END
$$;
