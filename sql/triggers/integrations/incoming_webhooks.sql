CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON incoming_webhooks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON incoming_webhooks
    FOR EACH ROW WHEN ((OLD.id, OLD.bot_id, OLD.chat_id) IS DISTINCT FROM (NEW.id, NEW.bot_id, NEW.chat_id))
    EXECUTE FUNCTION refuse_key_change();

-- A webhook posts where its bot may: it is a member of the chat.
CREATE FUNCTION check_incoming_webhook() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM bots WHERE user_id = NEW.bot_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM chat_members WHERE (chat_id, user_id) = (NEW.chat_id, NEW.bot_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'incoming_webhooks_bot_is_member',
            MESSAGE = format('bot %s is not a member of chat %s', NEW.bot_id, NEW.chat_id), HINT = 'Add it first.';
    ELSIF (SELECT count(*) FROM incoming_webhooks WHERE bot_id = NEW.bot_id) >= most_webhooks() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'incoming_webhooks_amount',
            MESSAGE = format('bot %s has %s incoming webhooks already', NEW.bot_id, most_webhooks()),
            HINT = 'Delete another one first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT ON incoming_webhooks FOR EACH ROW EXECUTE FUNCTION check_incoming_webhook();

CREATE FUNCTION audit_incoming_webhooks() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    webhook incoming_webhooks := coalesce(NEW, OLD);
    about CONSTANT jsonb := jsonb_build_object('webhook_id', webhook.id, 'name', webhook.name);
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'webhook_created' ELSE 'webhook_deleted' END,
                  workspace_id => c.workspace_id, chat_id => c.id, target_type => 'user', target_id => webhook.bot_id,
                  before => CASE TG_OP WHEN 'DELETE' THEN about END, after => CASE TG_OP WHEN 'INSERT' THEN about END)
    FROM chats c WHERE c.id = webhook.chat_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON incoming_webhooks FOR EACH ROW EXECUTE FUNCTION audit_incoming_webhooks();
