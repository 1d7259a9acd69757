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

-- TRUNCATE fires no row triggers, so nobody would hear of it.
CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'truncate_is_silent',
        MESSAGE = format('%s cannot be truncated: the event log would not hear of it', TG_TABLE_NAME),
        HINT = 'Use DELETE.';
END
$$;
