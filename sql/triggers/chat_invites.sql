CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON chat_invites
    FOR EACH ROW WHEN ((OLD.id, OLD.chat_id, OLD.token_hash, OLD.created_by)
                       IS DISTINCT FROM (NEW.id, NEW.chat_id, NEW.token_hash, NEW.created_by))
    EXECUTE FUNCTION refuse_key_change();

-- Told to the admins, and to who made it, for as long as they are in the chat; others who may invite list them.
CREATE OR REPLACE FUNCTION log_chat_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    -- With its chat gone, ChatDeleted says it all.
    IF NOT EXISTS (SELECT FROM chats WHERE id = coalesce(NEW.chat_id, OLD.chat_id)) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM log_append('ChatInviteDeleted', 'admins', row_to_json(shape), chat_id => OLD.chat_id, user_id => OLD.created_by)
        FROM (SELECT OLD.id, OLD.chat_id) shape;
    ELSE
        PERFORM log_append('ChatInviteUpdated', 'admins', chat_invite_json(NEW), chat_id => NEW.chat_id, user_id => NEW.created_by);
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON chat_invites;
CREATE CONSTRAINT TRIGGER log AFTER INSERT OR DELETE ON chat_invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_chat_invites();
DROP TRIGGER IF EXISTS log_changed ON chat_invites;
CREATE CONSTRAINT TRIGGER log_changed AFTER UPDATE ON chat_invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.expires_at, OLD.max_uses, OLD.uses)
                       IS DISTINCT FROM (NEW.role, NEW.expires_at, NEW.max_uses, NEW.uses))
    EXECUTE FUNCTION log_chat_invites();
