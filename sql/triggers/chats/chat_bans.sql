CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON chat_bans
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A banned user is removed under the chat's row lock, so a transaction that is adding them sees the removal or the ban.
CREATE FUNCTION remove_banned() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM chats WHERE id = NEW.chat_id FOR NO KEY UPDATE;
    DELETE FROM chat_members WHERE chat_id = NEW.chat_id AND user_id = NEW.user_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER p40_remove BEFORE INSERT OR UPDATE ON chat_bans
    FOR EACH ROW EXECUTE FUNCTION remove_banned();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON chat_bans
    FOR EACH ROW WHEN ((OLD.chat_id, OLD.user_id) IS DISTINCT FROM (NEW.chat_id, NEW.user_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION chat_ban_audit(b chat_bans) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN b.chat_id IS NOT NULL THEN jsonb_build_object('reason', b.reason, 'expires_at', b.expires_at) END
$$;
CREATE FUNCTION audit_chat_bans() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.expires_at <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'DELETE' THEN 'chat_ban_lifted' ELSE 'chat_member_banned' END,
                  workspace_id => workspace_id, chat_id => chats.id, target_type => 'user', target_id => coalesce(NEW.user_id, OLD.user_id),
                  before => chat_ban_audit(OLD), after => chat_ban_audit(NEW))
    FROM chats WHERE chats.id = coalesce(NEW.chat_id, OLD.chat_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON chat_bans
    FOR EACH ROW EXECUTE FUNCTION audit_chat_bans();

-- The members are notified; only those who may list bans learn who banned the user, and why.
CREATE FUNCTION log_chat_bans() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    -- If the chat is gone, ChatDeleted suffices.
    IF NOT EXISTS (SELECT FROM chats WHERE id = coalesce(NEW.chat_id, OLD.chat_id)) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM log_append('UserUnbanned', 'chat', row_to_json(shape), chat_id => OLD.chat_id)
        FROM (SELECT OLD.chat_id, OLD.user_id) shape;
    ELSE
        IF (OLD.created_at, OLD.expires_at) IS DISTINCT FROM (NEW.created_at, NEW.expires_at) THEN
            PERFORM log_append('UserBanned', 'chat', row_to_json(shape), chat_id => NEW.chat_id)
            FROM (SELECT NEW.chat_id, NEW.user_id, NEW.created_at, NEW.expires_at) shape;
        END IF;
        PERFORM log_append('ChatBanUpdated', 'admins', chat_ban_event_json(NEW), chat_id => NEW.chat_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON chat_bans DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_chat_bans();
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON chat_bans DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.created_at, OLD.expires_at, OLD.banned_by, OLD.reason)
                       IS DISTINCT FROM (NEW.created_at, NEW.expires_at, NEW.banned_by, NEW.reason))
    EXECUTE FUNCTION log_chat_bans();
