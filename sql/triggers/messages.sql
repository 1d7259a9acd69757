-- Gives a message its place in the chat. The chat's row lock makes seq dense and keeps it in commit order. What the
-- statement has placed so far is not in last_seq yet: count_messages() moves that once for all of its rows. These plans are
-- kept, also one made while the tables were small: they use the indexes whatever the statistics said then.
CREATE OR REPLACE FUNCTION place_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    SELECT greatest(last_seq, (SELECT max(seq) FROM messages WHERE chat_id = NEW.chat_id)) + 1 INTO NEW.seq
    FROM chats WHERE id = NEW.chat_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse_stranger(NEW.chat_id, NEW.sender_id);
    END IF;
    NEW.id := nextval('messages_id_seq');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER place BEFORE INSERT ON messages
    FOR EACH ROW EXECUTE FUNCTION place_message();

CREATE OR REPLACE FUNCTION refuse_stranger(chat bigint, sender bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'sender_is_member',
        MESSAGE = format('user %s is not a member of chat %s', sender, chat),
        HINT = 'Only members write to a chat.';
END
$$;

-- Once a statement, since a row that is updated for each of many messages leaves a dead version for each.
-- What one writes, one has read. A membership read under the chat's row lock cannot be taken away before COMMIT.
CREATE OR REPLACE FUNCTION count_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    members integer;
BEGIN
    UPDATE chats SET last_seq = newest.seq
    FROM (SELECT chat_id, max(seq) AS seq FROM placed GROUP BY chat_id) newest
    WHERE id = newest.chat_id;
    UPDATE chat_members SET last_read_seq = newest.seq
    FROM (SELECT chat_id, sender_id, max(seq) AS seq FROM placed GROUP BY chat_id, sender_id) newest
    WHERE chat_members.chat_id = newest.chat_id AND user_id = newest.sender_id;
    GET DIAGNOSTICS members = ROW_COUNT;
    IF members < (SELECT count(*) FROM (SELECT DISTINCT chat_id, sender_id FROM placed) senders) THEN
        PERFORM refuse_stranger(chat_id, sender_id) FROM placed WHERE NOT EXISTS (
            SELECT FROM chat_members m WHERE m.chat_id = placed.chat_id AND m.user_id = placed.sender_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER count AFTER INSERT ON messages REFERENCING NEW TABLE AS placed
    FOR EACH STATEMENT EXECUTE FUNCTION count_messages();

CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON messages
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON messages
    FOR EACH ROW WHEN ((OLD.id, OLD.chat_id, OLD.seq, OLD.sender_id) IS DISTINCT FROM (NEW.id, NEW.chat_id, NEW.seq, NEW.sender_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE FUNCTION log_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_append('NewMessage', 'chat', message_json(NEW), chat_id => NEW.chat_id);
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM log_append('MessageUpdated', 'chat', message_json(NEW), chat_id => NEW.chat_id);
    ELSE
        -- With its chat gone, ChatDeleted says it all.
        PERFORM log_append('MessageDeleted', 'chat', row_to_json(shape), chat_id => OLD.chat_id)
        FROM (SELECT OLD.id, OLD.chat_id, OLD.seq) shape
        WHERE EXISTS (SELECT FROM chats WHERE id = OLD.chat_id);
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON messages;
CREATE CONSTRAINT TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON messages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_messages();
