CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON message_pins
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON message_pins
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- Sets a pin's chat and its place in it, under the chat's row lock. A pinned message may be pinned again, even in a
-- chat with the maximum: ON CONFLICT comes after this.
CREATE FUNCTION place_pin() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    deleted boolean;
BEGIN
    SELECT id INTO NEW.chat_id FROM chats WHERE id = (SELECT chat_id FROM messages WHERE id = NEW.message_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'message_pins_message_id_fkey',
            MESSAGE = format('there is no message %s', NEW.message_id);
    END IF;
    SELECT deleted_at IS NOT NULL INTO deleted FROM messages WHERE id = NEW.message_id FOR SHARE;
    IF deleted THEN
        PERFORM refuse_deleted(NEW.message_id);
    END IF;
    PERFORM require_may_post(NEW.chat_id, NEW.pinned_by);
    IF (SELECT count(*) FROM message_pins WHERE chat_id = NEW.chat_id AND message_id <> NEW.message_id) >= chat_pins() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'chat_pins_amount',
            MESSAGE = format('chat %s has %s pinned messages already', NEW.chat_id, chat_pins()),
            HINT = 'Unpin another message first.';
    END IF;
    NEW.id := nextval('message_pins_id_seq');
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT ON message_pins
    FOR EACH ROW WHEN (NOT importing()) EXECUTE FUNCTION place_pin();

-- Only unpinning by a user: a pin is also deleted with its message.
CREATE FUNCTION check_unpin() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_may_post(OLD.chat_id, acting_user());
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_unpin BEFORE DELETE ON message_pins
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION check_unpin();

CREATE FUNCTION log_pins() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_append('MessagePinned', 'chat', pin_json(NEW), chat_id => NEW.chat_id);
    ELSE
        -- If its message is deleted, MessageDeleted implies it.
        PERFORM log_append('MessageUnpinned', 'chat', row_to_json(shape), chat_id => OLD.chat_id)
        FROM (SELECT OLD.chat_id, OLD.message_id) shape
        WHERE EXISTS (SELECT FROM messages WHERE id = OLD.message_id AND deleted_at IS NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON message_pins DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NOT importing()) EXECUTE FUNCTION log_pins();
