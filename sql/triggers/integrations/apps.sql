CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON apps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON apps
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id) IS DISTINCT FROM (NEW.id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

-- An app has an owner who is in its workspace and active, and sends people nowhere but to addresses of its own.
CREATE FUNCTION check_app() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    refused CONSTANT text := (SELECT uri FROM unnest(NEW.redirect_uris) uri WHERE is_redirect_uri(uri) IS NOT TRUE LIMIT 1);
BEGIN
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'apps_redirect_uri_form',
            MESSAGE = format('%s is no address to which a browser may be sent with a code', left(refused, 100)),
            HINT = 'Expected https://…, http://127.0.0.1/… or http://[::1]/…, or a scheme of its own with a point, such as com.example.app:/… with one slash; without #.';
    END IF;
    PERFORM FROM workspace_members m JOIN users u ON u.id = m.user_id
    WHERE (m.workspace_id, m.user_id) = (NEW.workspace_id, NEW.owner_id) AND u.kind = 'person' AND u.status = 'active'
    FOR SHARE OF m, u;
    IF NOT FOUND AND NEW.owner_id IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'apps_owner_is_member',
            MESSAGE = format('user %s is no active member of workspace %s', NEW.owner_id, NEW.workspace_id);
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM workspaces WHERE id = NEW.workspace_id FOR NO KEY UPDATE;
        IF (SELECT count(*) FROM apps WHERE workspace_id = NEW.workspace_id) >= most_apps() THEN
            RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'apps_amount',
                MESSAGE = format('workspace %s has %s apps already', NEW.workspace_id, most_apps()), HINT = 'Delete another one first.';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT OR UPDATE OF owner_id, redirect_uris ON apps
    FOR EACH ROW EXECUTE FUNCTION check_app();

CREATE FUNCTION audit_apps() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'app_created' WHEN 'UPDATE' THEN 'app_updated' ELSE 'app_deleted' END,
                  workspace_id => coalesce(NEW.workspace_id, OLD.workspace_id),
                  target_type => 'app', target_id => coalesce(NEW.id, OLD.id),
                  before => CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'secret_hash' END,
                  after => CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'secret_hash' END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON apps FOR EACH ROW EXECUTE FUNCTION audit_apps();

-- What an app may do ends before the app does, so that streams close for the reason that is true; and when nobody answers
-- for it any more.
CREATE FUNCTION end_apps_sessions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM end_app(OLD.id);
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER p40_end BEFORE DELETE ON apps FOR EACH ROW EXECUTE FUNCTION end_apps_sessions();
CREATE TRIGGER p95_end_disowned AFTER UPDATE OF owner_id ON apps
    FOR EACH ROW WHEN (OLD.owner_id IS NOT NULL AND NEW.owner_id IS NULL) EXECUTE FUNCTION end_apps_sessions();
