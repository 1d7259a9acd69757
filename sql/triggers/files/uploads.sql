CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON uploads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON uploads
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.user_id, OLD.size) IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.user_id, NEW.size))
    EXECUTE FUNCTION refuse_key_change();

-- The size of an upload counts as stored from its beginning, until its file does.
CREATE FUNCTION count_upload() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM storage_add(NEW.workspace_id, NEW.user_id, 'uploads', NEW.size);
    ELSIF OLD.finished_at IS NULL THEN
        PERFORM storage_add(OLD.workspace_id, OLD.user_id, 'uploads', -OLD.size);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE ON uploads FOR EACH ROW EXECUTE FUNCTION count_upload();
CREATE TRIGGER p60_count_finished AFTER UPDATE ON uploads
    FOR EACH ROW WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL) EXECUTE FUNCTION count_upload();

-- What an upload has staged goes when it ends. Of one that has become a file, that is what a server left that was killed
-- before it discarded it.
CREATE FUNCTION queue_upload_deletion() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO blob_deletions (key) VALUES (OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_queue_deletion AFTER DELETE ON uploads FOR EACH ROW EXECUTE FUNCTION queue_upload_deletion();
