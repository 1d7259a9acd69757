CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON features
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON features
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION audit_features() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(OLD.enabled, false) <> coalesce(NEW.enabled, false) THEN
        PERFORM audit('feature_switched', before => jsonb_build_object(coalesce(NEW.name, OLD.name), coalesce(OLD.enabled, false)),
                      after => jsonb_build_object(coalesce(NEW.name, OLD.name), coalesce(NEW.enabled, false)));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON features
    FOR EACH ROW EXECUTE FUNCTION audit_features();

-- Servers hold the flags in memory, and read them again when they hear of this.
CREATE FUNCTION notify_features() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fechatter_features', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_notify AFTER INSERT OR UPDATE OR DELETE ON features
    FOR EACH STATEMENT EXECUTE FUNCTION notify_features();

-- To the members of all workspaces, of a thousand in each event.
CREATE FUNCTION log_features() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    feature text := coalesce(NEW.name, OLD.name);
BEGIN
    IF coalesce(OLD.enabled, false) <> coalesce(NEW.enabled, false) THEN
        PERFORM log_append('FeaturesUpdated', 'workspaces', features_event_json(NULL, feature, feature_enabled(feature)),
                           workspace_ids => ids)
        FROM (SELECT array_agg(id ORDER BY id) AS ids
              FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / 1000 AS part FROM workspaces) numbered GROUP BY part ORDER BY part) parts;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON features DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_features();

-- People who are in chats and documents by a role leave while roles are off, and are back when they are on.
CREATE FUNCTION follow_roles_feature() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_bindings(array_agg(b)) FROM role_bindings b
    WHERE num_nonnulls(b.chat_id, b.document_id) > 0
      AND (TG_TABLE_NAME = 'features' OR b.organization_id = (to_jsonb(coalesce(NEW, OLD)) ->> 'organization_id')::bigint) HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_roles AFTER INSERT OR UPDATE ON features
    FOR EACH ROW WHEN (NEW.name = 'enable_user_roles') EXECUTE FUNCTION follow_roles_feature();
CREATE TRIGGER p95_roles_removed AFTER DELETE ON features
    FOR EACH ROW WHEN (OLD.name = 'enable_user_roles') EXECUTE FUNCTION follow_roles_feature();

-- Streams count from when online time is kept: what counted before is settled first, by the flags as they were.
CREATE FUNCTION settle_before_switch() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_online_time();
    RETURN NULL;
END
$$;
CREATE TRIGGER p10_online_time BEFORE INSERT OR UPDATE OR DELETE ON features
    FOR EACH STATEMENT EXECUTE FUNCTION settle_before_switch();

CREATE FUNCTION count_from_switch() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(NEW.name, OLD.name) = 'enable_online_statistics' AND NEW.enabled IS DISTINCT FROM OLD.enabled THEN
        UPDATE streams SET settled_at = now();
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_online_time AFTER INSERT OR UPDATE OR DELETE ON features
    FOR EACH ROW EXECUTE FUNCTION count_from_switch();

-- Open streams of bots and apps end with their feature, of the server or of their workspace's organisation: notify_servers
-- close them, and none is let in again.
CREATE FUNCTION end_streams_of_bots() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('fechatter_control', format('drop %s %s', s.node, s.stream))
    FROM streams s JOIN users u ON u.id = s.user_id JOIN sessions x ON x.id = s.session_id
    WHERE u.kind = 'bot' AND NOT is_in_use(u) OR NOT app_is_in_use(x.app_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_end_streams AFTER UPDATE OF enabled ON features
    FOR EACH ROW WHEN (OLD.name = 'enable_bot_messages' AND OLD.enabled AND NOT NEW.enabled) EXECUTE FUNCTION end_streams_of_bots();
