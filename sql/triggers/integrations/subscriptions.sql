CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON subscriptions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON subscriptions
    FOR EACH ROW WHEN ((OLD.id, OLD.bot_id) IS DISTINCT FROM (NEW.id, NEW.bot_id))
    EXECUTE FUNCTION refuse_key_change();

-- Without a cursor it begins at the end of the log. A cursor is one of this log, and no event above it has been dropped.
CREATE FUNCTION place_subscription() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM bots WHERE user_id = NEW.bot_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM subscriptions WHERE bot_id = NEW.bot_id) >= most_subscriptions() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'subscriptions_amount',
            MESSAGE = format('bot %s has %s subscriptions already', NEW.bot_id, most_subscriptions()),
            HINT = 'Delete another one first.';
    END IF;
    NEW.epoch := coalesce(NEW.epoch, (SELECT epoch FROM log_state));
    NEW.position := coalesce(NEW.position, log_head());
    PERFORM check_log_cursor(NEW.epoch, NEW.position);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT ON subscriptions FOR EACH ROW EXECUTE FUNCTION place_subscription();

CREATE FUNCTION subscription_audit(s subscriptions) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('subscription_id', s.id, 'name', s.name, 'address', s.address, 'kinds', s.kinds, 'chat_ids', s.chat_ids,
                              'disabled_because', s.disabled_because)
$$;

CREATE FUNCTION audit_subscriptions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    s subscriptions := coalesce(NEW, OLD);
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'subscription_created' WHEN 'UPDATE' THEN 'subscription_updated' ELSE 'subscription_deleted' END,
                  workspace_id => b.workspace_id, target_type => 'user', target_id => s.bot_id,
                  before => CASE WHEN TG_OP <> 'INSERT' THEN subscription_audit(OLD) END,
                  after => CASE WHEN TG_OP <> 'DELETE' THEN subscription_audit(NEW) END)
    FROM bots b WHERE b.user_id = s.bot_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON subscriptions FOR EACH ROW EXECUTE FUNCTION audit_subscriptions();
CREATE TRIGGER p50_audit_change AFTER UPDATE OF name, address, kinds, chat_ids, disabled_because ON subscriptions
    FOR EACH ROW WHEN ((OLD.name, OLD.address, OLD.kinds, OLD.chat_ids, OLD.disabled_because)
                       IS DISTINCT FROM (NEW.name, NEW.address, NEW.kinds, NEW.chat_ids, NEW.disabled_because))
    EXECUTE FUNCTION audit_subscriptions();

-- delivery_server looks at it anew. It does not need to hear of what it has done itself, in record_deliveries().
CREATE FUNCTION notify_subscription() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fechatter_subscriptions', coalesce(NEW.id, OLD.id)::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_notify AFTER INSERT OR DELETE ON subscriptions FOR EACH ROW EXECUTE FUNCTION notify_subscription();
CREATE TRIGGER p95_notify_change AFTER UPDATE OF address, kinds, chat_ids, ordered, disabled_at ON subscriptions
    FOR EACH ROW EXECUTE FUNCTION notify_subscription();

-- The bot's owner gets a mail when nothing is sent any more and it was not their wish, in the language of their last one.
CREATE FUNCTION mail_disabled_subscription() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO mails (kind, recipient, user_id, language, details, expires_at)
    SELECT 'subscription_disabled', owner.email, owner.id,
           coalesce((SELECT m.language FROM mails m WHERE m.user_id = owner.id ORDER BY m.id DESC LIMIT 1), 'en'),
           jsonb_build_object('subscription', NEW.name, 'bot', bot.fullname, 'address', left(NEW.address, 200),
                              'cause', coalesce((SELECT a.error FROM delivery_attempts a
                                                 WHERE a.subscription_id = NEW.id AND a.error IS NOT NULL ORDER BY a.id DESC LIMIT 1), '?')),
           now() + mail_life('subscription_disabled')
    FROM bots b JOIN users owner ON owner.id = b.owner_id JOIN users bot ON bot.id = b.user_id
    WHERE b.user_id = NEW.bot_id AND owner.email_verified_at IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_mail AFTER UPDATE OF disabled_because ON subscriptions
    FOR EACH ROW WHEN (OLD.disabled_because IS NULL AND NEW.disabled_because IN ('failing', 'gone'))
    EXECUTE FUNCTION mail_disabled_subscription();
