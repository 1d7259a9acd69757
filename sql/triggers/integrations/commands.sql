CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON commands
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.bot_id) IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.bot_id))
    EXECUTE FUNCTION refuse_key_change();

-- A command belongs to the workspace of its bot, which has not too many.
CREATE FUNCTION check_command() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM bots WHERE (user_id, workspace_id) = (NEW.bot_id, NEW.workspace_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'commands_bot_is_there',
            MESSAGE = format('bot %s is not in workspace %s', NEW.bot_id, NEW.workspace_id);
    ELSIF (SELECT count(*) FROM commands WHERE bot_id = NEW.bot_id) >= most_commands() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'commands_amount',
            MESSAGE = format('bot %s has %s commands already', NEW.bot_id, most_commands()), HINT = 'Delete another one first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT ON commands FOR EACH ROW EXECUTE FUNCTION check_command();

CREATE FUNCTION audit_commands() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    command commands := coalesce(NEW, OLD);
    about CONSTANT jsonb := jsonb_build_object('name', command.name);
BEGIN
    IF EXISTS (SELECT FROM workspaces WHERE id = command.workspace_id) THEN
        PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'command_created' ELSE 'command_deleted' END,
                      workspace_id => command.workspace_id, target_type => 'user', target_id => command.bot_id,
                      before => CASE TG_OP WHEN 'DELETE' THEN about END, after => CASE TG_OP WHEN 'INSERT' THEN about END);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON commands FOR EACH ROW EXECUTE FUNCTION audit_commands();
