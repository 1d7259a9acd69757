CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON chats
    FOR EACH ROW WHEN ((OLD.type, OLD.name, OLD.description, OLD.password_hash IS NULL, OLD.archived_at)
                       IS DISTINCT FROM (NEW.type, NEW.name, NEW.description, NEW.password_hash IS NULL, NEW.archived_at))
    EXECUTE FUNCTION touch_updated_at();

CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON chats
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id) IS DISTINCT FROM (NEW.id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

-- Keeps chats.pair, which makes a Single chat the only one of its two people.
CREATE OR REPLACE FUNCTION pair_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.pair := CASE WHEN NEW.type = 'Single' THEN
        ARRAY(SELECT user_id FROM chat_members WHERE chat_id = NEW.id ORDER BY user_id LIMIT 3) END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER pair BEFORE UPDATE ON chats
    FOR EACH ROW WHEN ((OLD.type, OLD.member_count) IS DISTINCT FROM (NEW.type, NEW.member_count))
    EXECUTE FUNCTION pair_chat();

-- Checked at COMMIT, when a new chat has got its members.
CREATE OR REPLACE FUNCTION check_single_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM chats WHERE id = NEW.id AND type = 'Single' AND member_count <> 2) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'single_chat_has_two_members',
            MESSAGE = format('Single chat %s would not have exactly two members', NEW.id),
            HINT = 'Use a Group for any other number of people.';
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS single_chat ON chats;
CREATE CONSTRAINT TRIGGER single_chat AFTER INSERT OR UPDATE OF member_count, type ON chats DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.type = 'Single') EXECUTE FUNCTION check_single_chat();

CREATE OR REPLACE FUNCTION check_new_chat_owner() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM check_chat_owner(NEW.id);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS has_owner ON chats;
CREATE CONSTRAINT TRIGGER has_owner AFTER INSERT ON chats DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_new_chat_owner();

-- A chat that appears or goes is told member by member: see chat_members.sql.
CREATE OR REPLACE FUNCTION log_chats() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('ChatUpdated', 'chat', row_to_json(shape), chat_id => NEW.id)
    FROM (SELECT NEW.id, NEW.workspace_id, NEW.type, NEW.name, NEW.description, NEW.password_hash IS NOT NULL AS has_password,
                 NEW.archived_at, NEW.created_at, NEW.updated_at) shape;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON chats;
CREATE CONSTRAINT TRIGGER log AFTER UPDATE ON chats DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.type, OLD.name, OLD.description, OLD.password_hash IS NULL, OLD.archived_at)
                       IS DISTINCT FROM (NEW.type, NEW.name, NEW.description, NEW.password_hash IS NULL, NEW.archived_at))
    EXECUTE FUNCTION log_chats();
