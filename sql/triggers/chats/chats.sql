CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON chats
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- OF, here and below: a chat's row is updated with every message, and PostgreSQL prepares a condition each time.
CREATE TRIGGER p20_touch BEFORE UPDATE OF type, name, description, password_hash, archived_at, retention_days, first_seq ON chats
    FOR EACH ROW WHEN ((OLD.type, OLD.name, OLD.description, OLD.password_hash IS NULL, OLD.archived_at, OLD.retention_days,
                        OLD.first_seq)
                       IS DISTINCT FROM (NEW.type, NEW.name, NEW.description, NEW.password_hash IS NULL, NEW.archived_at, NEW.retention_days,
                                           NEW.first_seq))
    EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER p30_final_key BEFORE UPDATE OF id, workspace_id ON chats
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id) IS DISTINCT FROM (NEW.id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

-- Maintains chats.pair, which makes the Single chat of two users unique.
CREATE FUNCTION pair_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.pair := CASE WHEN NEW.type = 'Single' THEN
        ARRAY(SELECT user_id FROM chat_members WHERE chat_id = NEW.id ORDER BY user_id LIMIT 3) END;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_pair BEFORE UPDATE OF type, member_count ON chats
    FOR EACH ROW WHEN ((OLD.type, OLD.member_count) IS DISTINCT FROM (NEW.type, NEW.member_count))
    EXECUTE FUNCTION pair_chat();

-- Checked at COMMIT, when a new chat has its members.
CREATE FUNCTION check_single_chat() RETURNS trigger LANGUAGE plpgsql
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
CREATE CONSTRAINT TRIGGER p80_single_chat AFTER INSERT OR UPDATE OF member_count, type ON chats DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.type = 'Single') EXECUTE FUNCTION check_single_chat();

CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON chats DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keeps_owner('chat');

CREATE FUNCTION chat_audit(c chats) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.id IS NOT NULL THEN jsonb_build_object('type', c.type, 'name', c.name, 'description', c.description) END
$$;
-- Starting a Single chat is private; deleting one is an act.
CREATE FUNCTION audit_chats() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace bigint := coalesce(NEW.workspace_id, OLD.workspace_id);
    id bigint := coalesce(NEW.id, OLD.id);
BEGIN
    IF TG_OP = 'INSERT' AND NEW.type = 'Single'
       OR TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE workspaces.id = workspace) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'chat_created' WHEN 'UPDATE' THEN 'chat_updated' ELSE 'chat_deleted' END,
                  workspace_id => workspace, chat_id => id, target_type => 'chat', target_id => id,
                  before => chat_audit(OLD), after => chat_audit(NEW));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON chats FOR EACH ROW EXECUTE FUNCTION audit_chats();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF type, name, description ON chats
    FOR EACH ROW WHEN ((OLD.type, OLD.name, OLD.description) IS DISTINCT FROM (NEW.type, NEW.name, NEW.description))
    EXECUTE FUNCTION audit_chats();

-- Expiry by retention is not an act; raising first_seq in psql is.
CREATE FUNCTION audit_chat_retention() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.retention_days IS DISTINCT FROM NEW.retention_days THEN
        PERFORM audit('chat_retention_changed', workspace_id => NEW.workspace_id, chat_id => NEW.id,
                      target_type => 'chat', target_id => NEW.id,
                      before => jsonb_build_object('retention_days', OLD.retention_days),
                      after => jsonb_build_object('retention_days', NEW.retention_days));
    END IF;
    IF OLD.first_seq <> NEW.first_seq AND current_setting('fechatter.retention', true) IS DISTINCT FROM 'on' THEN
        PERFORM audit('chat_cleared', workspace_id => NEW.workspace_id, chat_id => NEW.id,
                      target_type => 'chat', target_id => NEW.id,
                      before => jsonb_build_object('first_seq', OLD.first_seq),
                      after => jsonb_build_object('first_seq', NEW.first_seq));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_retention AFTER UPDATE OF retention_days, first_seq ON chats
    FOR EACH ROW WHEN ((OLD.retention_days, OLD.first_seq) IS DISTINCT FROM (NEW.retention_days, NEW.first_seq))
    EXECUTE FUNCTION audit_chat_retention();

-- Invites, bans, silences and the archive.
CREATE FUNCTION audit_chat_state() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.archived_at IS DISTINCT FROM NEW.archived_at THEN
        PERFORM audit(CASE WHEN NEW.archived_at IS NULL THEN 'chat_unarchived' ELSE 'chat_archived' END,
                      workspace_id => NEW.workspace_id, chat_id => NEW.id, target_type => 'chat', target_id => NEW.id);
    END IF;
    IF OLD.password_hash IS DISTINCT FROM NEW.password_hash THEN
        PERFORM audit(CASE WHEN NEW.password_hash IS NULL THEN 'chat_password_removed' ELSE 'chat_password_set' END,
                      workspace_id => NEW.workspace_id, chat_id => NEW.id, target_type => 'chat', target_id => NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_state AFTER UPDATE OF archived_at, password_hash ON chats
    FOR EACH ROW EXECUTE FUNCTION audit_chat_state();

-- The appearance and deletion of a chat are published member by member: see chat_members.sql.
CREATE FUNCTION log_chats() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('ChatUpdated', 'chat', row_to_json(shape), chat_id => NEW.id)
    FROM (SELECT NEW.id, NEW.workspace_id, NEW.type, NEW.name, NEW.description, NEW.password_hash IS NOT NULL AS has_password,
                 NEW.archived_at, NEW.retention_days, NEW.first_seq, NEW.first_message_id, NEW.created_at, NEW.updated_at) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE OF type, name, description, password_hash, archived_at, retention_days, first_seq ON chats
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.type, OLD.name, OLD.description, OLD.password_hash IS NULL, OLD.archived_at, OLD.retention_days,
                        OLD.first_seq)
                       IS DISTINCT FROM (NEW.type, NEW.name, NEW.description, NEW.password_hash IS NULL, NEW.archived_at, NEW.retention_days,
                                           NEW.first_seq))
    EXECUTE FUNCTION log_chats();

-- first_seq only rises: deleted messages do not come back.
CREATE FUNCTION raise_first_seq() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF NEW.first_seq < OLD.first_seq THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'first_seq_only_rises',
            MESSAGE = format('messages below %s of chat %s have been deleted', OLD.first_seq, NEW.id),
            HINT = 'first_seq can only be raised.';
    END IF;
    SELECT coalesce(max(id) + 1, OLD.first_message_id) INTO NEW.first_message_id
    FROM (SELECT id FROM messages WHERE chat_id = NEW.id AND seq < NEW.first_seq ORDER BY seq DESC LIMIT 1) newest;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_raise BEFORE UPDATE OF first_seq ON chats
    FOR EACH ROW WHEN (OLD.first_seq <> NEW.first_seq) EXECUTE FUNCTION raise_first_seq();

-- Under the chat's row lock, which its UPDATE has acquired: nobody reacts, pins or posts meanwhile.
CREATE FUNCTION delete_below_first_seq() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM messages WHERE chat_id = NEW.id AND seq < NEW.first_seq;
    UPDATE reports SET message = NULL
    WHERE chat_id = NEW.id AND message_id < NEW.first_message_id AND message IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_expire AFTER UPDATE OF first_seq ON chats
    FOR EACH ROW WHEN (OLD.first_seq <> NEW.first_seq) EXECUTE FUNCTION delete_below_first_seq();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON chats
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

-- What a hold covers is kept before the chat and all that is in it goes.
CREATE FUNCTION hold_before_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF is_held(OLD.workspace_id) THEN
        PERFORM hold_message(m, OLD.workspace_id, 'deleted') FROM messages m
        WHERE m.chat_id = OLD.id AND m.deleted_at IS NULL ORDER BY m.seq;
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER p10_hold BEFORE DELETE ON chats FOR EACH ROW EXECUTE FUNCTION hold_before_chat();

CREATE TRIGGER p20_judged BEFORE INSERT OR UPDATE OF name, description ON chats
    FOR EACH ROW EXECUTE FUNCTION judge_names('name', 'description');
