CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON bot_endpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON bot_endpoints
    FOR EACH ROW WHEN (OLD.bot_id <> NEW.bot_id) EXECUTE FUNCTION refuse_key_change();

-- Where a bot is asked decides who learns what people type: the audit log has it, without the secret.
CREATE FUNCTION audit_bot_endpoints() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('bot_endpoint_set', workspace_id => b.workspace_id, target_type => 'user', target_id => b.user_id,
                  before => CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object('url', OLD.url) END,
                  after => CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object('url', NEW.url) END)
    FROM bots b WHERE b.user_id = coalesce(NEW.bot_id, OLD.bot_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON bot_endpoints
    FOR EACH ROW EXECUTE FUNCTION audit_bot_endpoints();
