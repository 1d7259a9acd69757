CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON bots
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON bots
    FOR EACH ROW WHEN ((OLD.user_id, OLD.workspace_id) IS DISTINCT FROM (NEW.user_id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

-- The account is a bot's, and the owner a person who is in the workspace and active.
CREATE FUNCTION check_bot() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM users WHERE id = NEW.user_id AND kind = 'bot') THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'bots_are_no_people',
            MESSAGE = format('user %s is a person', NEW.user_id), HINT = 'SELECT create_bot(…) makes an account for a bot.';
    END IF;
    PERFORM FROM workspace_members m JOIN users u ON u.id = m.user_id
    WHERE (m.workspace_id, m.user_id) = (NEW.workspace_id, NEW.owner_id) AND u.kind = 'person' AND u.status = 'active'
    FOR SHARE OF m, u;
    IF NOT FOUND AND NEW.owner_id IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'bots_owner_is_member',
            MESSAGE = format('user %s is no active member of workspace %s', NEW.owner_id, NEW.workspace_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE OF owner_id ON bots FOR EACH ROW EXECUTE FUNCTION check_bot();

CREATE FUNCTION audit_bots() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'bot_created' WHEN 'UPDATE' THEN 'bot_updated' ELSE 'bot_deleted' END,
                  workspace_id => coalesce(NEW.workspace_id, OLD.workspace_id),
                  target_type => 'user', target_id => coalesce(NEW.user_id, OLD.user_id),
                  before => CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object('owner_id', OLD.owner_id, 'description', OLD.description) END,
                  after => CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object('owner_id', NEW.owner_id, 'description', NEW.description) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON bots FOR EACH ROW EXECUTE FUNCTION audit_bots();

-- Without an owner nobody answers for what a bot does: it is suspended until somebody takes it over. One that is gone from
-- its workspace has nowhere else to be.
CREATE FUNCTION suspend_bot() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE users SET status = 'inactive' WHERE id = OLD.user_id AND status <> 'inactive';
    ELSIF NEW.owner_id IS NULL THEN
        PERFORM suspend_by('bot_owner', NEW.user_id);
    ELSE
        PERFORM reinstate_by('bot_owner', NEW.user_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_suspend AFTER DELETE ON bots FOR EACH ROW EXECUTE FUNCTION suspend_bot();
CREATE TRIGGER p95_suspend_owner AFTER UPDATE OF owner_id ON bots
    FOR EACH ROW WHEN ((OLD.owner_id IS NULL) <> (NEW.owner_id IS NULL)) EXECUTE FUNCTION suspend_bot();
