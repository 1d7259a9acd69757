CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON organization_features
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON organization_features
    FOR EACH ROW WHEN ((OLD.organization_id, OLD.name) IS DISTINCT FROM (NEW.organization_id, NEW.name))
    EXECUTE FUNCTION refuse_key_change();

-- An operator may try a feature out in one organisation. Its owners may only do without what the server has.
CREATE FUNCTION refuse_feature() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'feature_is_the_operators',
        MESSAGE = format('%s is off on this server, and only an operator switches it on', NEW.name);
END
$$;
CREATE TRIGGER p30_narrow BEFORE INSERT OR UPDATE ON organization_features
    FOR EACH ROW WHEN (NEW.enabled AND acting_user() IS NOT NULL AND NOT feature_enabled(NEW.name)) EXECUTE FUNCTION refuse_feature();

CREATE FUNCTION audit_organization_features() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed organization_features := coalesce(NEW, OLD);
BEGIN
    IF NEW.enabled IS DISTINCT FROM OLD.enabled THEN
        PERFORM audit('feature_switched', target_type => 'organization', target_id => changed.organization_id,
                      before => jsonb_build_object(changed.name, OLD.enabled), after => jsonb_build_object(changed.name, NEW.enabled), organization_id => changed.organization_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON organization_features
    FOR EACH ROW EXECUTE FUNCTION audit_organization_features();

CREATE TRIGGER p95_notify AFTER INSERT OR UPDATE OR DELETE ON organization_features
    FOR EACH STATEMENT EXECUTE FUNCTION notify_features();

-- To the members of the organisation's workspaces.
CREATE FUNCTION log_organization_features() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed organization_features := coalesce(NEW, OLD);
    workspaces bigint[];
BEGIN
    SELECT array_agg(id ORDER BY id) INTO workspaces FROM workspaces WHERE organization_id = changed.organization_id;
    IF NEW.enabled IS DISTINCT FROM OLD.enabled AND workspaces IS NOT NULL THEN
        PERFORM log_append('FeaturesUpdated', 'workspaces', features_event_json(changed.organization_id, changed.name, NEW.enabled),
                           workspace_ids => workspaces);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON organization_features DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_organization_features();

CREATE TRIGGER p95_roles AFTER INSERT OR UPDATE ON organization_features
    FOR EACH ROW WHEN (NEW.name = 'enable_user_roles') EXECUTE FUNCTION follow_roles_feature();
CREATE TRIGGER p95_roles_removed AFTER DELETE ON organization_features
    FOR EACH ROW WHEN (OLD.name = 'enable_user_roles') EXECUTE FUNCTION follow_roles_feature();

CREATE TRIGGER p10_online_time BEFORE INSERT OR UPDATE OR DELETE ON organization_features
    FOR EACH STATEMENT EXECUTE FUNCTION settle_before_switch();
CREATE TRIGGER p95_online_time AFTER INSERT OR UPDATE OR DELETE ON organization_features
    FOR EACH ROW EXECUTE FUNCTION count_from_switch();

CREATE TRIGGER p95_end_streams AFTER INSERT OR UPDATE OF enabled ON organization_features
    FOR EACH ROW WHEN (NEW.name = 'enable_bot_messages' AND NOT NEW.enabled) EXECUTE FUNCTION end_streams_of_bots();
