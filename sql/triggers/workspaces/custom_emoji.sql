CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON custom_emoji
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- What a name shows in messages of before does not change: it is removed, and added anew.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON custom_emoji
    FOR EACH ROW WHEN ((OLD.workspace_id, OLD.name, OLD.file_id) IS DISTINCT FROM (NEW.workspace_id, NEW.name, NEW.file_id))
    EXECUTE FUNCTION refuse_key_change();

-- A small picture of the workspace, which whoever adds it sees.
CREATE FUNCTION check_emoji() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM workspaces WHERE id = NEW.workspace_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM custom_emoji WHERE workspace_id = NEW.workspace_id AND name = NEW.name) THEN
        RETURN NEW;  -- the primary key's affair
    END IF;
    -- Whoever types :tada: means the one that they know. One of before the name was a standard one stays.
    IF is_standard_emoji(NEW.name) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'custom_emoji_name_is_free',
            MESSAGE = format(':%s: is the name of a standard emoji', NEW.name), HINT = 'Choose another name.';
    END IF;
    PERFORM FROM files WHERE id = NEW.file_id FOR KEY SHARE;
    IF NOT may_be_picture(NEW.file_id, acting_user(), NEW.workspace_id) THEN
        PERFORM refuse_picture(NEW.file_id);
    ELSIF (SELECT size FROM files WHERE id = NEW.file_id) > emoji_bytes() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'custom_emoji_size',
            MESSAGE = format('the picture of an emoji has at most %s bytes', emoji_bytes());
    ELSIF (SELECT count(*) FROM custom_emoji WHERE workspace_id = NEW.workspace_id) >= emoji_most() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'custom_emoji_amount',
            MESSAGE = format('workspace %s has %s emoji already', NEW.workspace_id, emoji_most());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_picture BEFORE INSERT ON custom_emoji FOR EACH ROW EXECUTE FUNCTION check_emoji();

CREATE FUNCTION audit_emoji() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    emoji custom_emoji := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'emoji_added' ELSE 'emoji_removed' END,
                  workspace_id => emoji.workspace_id, target_type => 'workspace', target_id => emoji.workspace_id,
                  before => CASE TG_OP WHEN 'DELETE' THEN jsonb_build_object('emoji', OLD.name) END,
                  after => CASE TG_OP WHEN 'INSERT' THEN jsonb_build_object('emoji', NEW.name) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON custom_emoji FOR EACH ROW EXECUTE FUNCTION audit_emoji();

-- Maintains `file_uses`.
CREATE FUNCTION use_emoji() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO file_uses (file_id, workspace_id, emoji) VALUES (NEW.file_id, NEW.workspace_id, NEW.name);
    ELSE
        DELETE FROM file_uses WHERE workspace_id = OLD.workspace_id AND emoji = OLD.name;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_use AFTER INSERT OR DELETE ON custom_emoji FOR EACH ROW EXECUTE FUNCTION use_emoji();

-- A deleted workspace is told as a whole.
CREATE FUNCTION log_emoji() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_append('EmojiAdded', 'workspaces', emoji_json(NEW), workspace_ids => ARRAY[NEW.workspace_id]);
    ELSIF EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        PERFORM log_append('EmojiRemoved', 'workspaces', row_to_json(shape), workspace_ids => ARRAY[OLD.workspace_id])
        FROM (SELECT OLD.workspace_id, OLD.name) shape;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON custom_emoji DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_emoji();
