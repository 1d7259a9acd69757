-- Rules that several tables share.

CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- What a row is about never changes: the log would miss the loss of the old and the gain of the new.
CREATE OR REPLACE FUNCTION refuse_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'key_is_final',
        MESSAGE = format('the key of a row of %s cannot be changed', TG_TABLE_NAME),
        HINT = 'Delete the row and insert another one.';
END
$$;

-- Members are told at COMMIT even where SET CONSTRAINTS has asked for more haste: only then have they been counted.
CREATE OR REPLACE FUNCTION defer_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    SET CONSTRAINTS log DEFERRED;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION refuse_deleted(message bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'message_deleted',
        MESSAGE = format('message %s has been deleted', message),
        HINT = 'Post another one.';
END
$$;

CREATE OR REPLACE FUNCTION refuse_stranger(chat bigint, sender bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'sender_is_member',
        MESSAGE = format('user %s is not a member of chat %s', sender, chat),
        HINT = 'Only members write to a chat.';
END
$$;

CREATE OR REPLACE FUNCTION refuse_archived(chat bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'chat_is_archived',
        MESSAGE = format('chat %s is archived', chat),
        HINT = 'Take it out of the archive first: UPDATE chats SET archived_at = NULL …';
END
$$;

CREATE OR REPLACE FUNCTION refuse_silenced(chat bigint, sender bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'member_is_silenced',
        MESSAGE = format('user %s is silenced in chat %s', sender, chat),
        HINT = 'UPDATE chat_members SET silenced_until = NULL … ends that.';
END
$$;

-- Refuses what somebody may not write to a chat: they are no member, or silenced, or it is archived. Messages, edits,
-- reactions and pins all ask here. Nobody is asked about what an operator does in psql in nobody's name (person is null).
CREATE OR REPLACE FUNCTION require_may_post(chat bigint, person bigint) RETURNS void LANGUAGE plpgsql AS $$
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
DROP FUNCTION IF EXISTS refuse_silenced(bigint, bigint, timestamptz);

-- TRUNCATE fires no row triggers, so nobody would hear of it.
CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'truncate_is_silent',
        MESSAGE = format('%s cannot be truncated: the event log would not hear of it', TG_TABLE_NAME),
        HINT = 'Use DELETE.';
END
$$;
