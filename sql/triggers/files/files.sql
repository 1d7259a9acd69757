CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON files
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

CREATE TRIGGER p30_final_key BEFORE UPDATE ON files
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.sha256, OLD.size) IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.sha256, NEW.size))
    EXECUTE FUNCTION refuse_key_change();

-- A refused file has no bytes.
CREATE FUNCTION forget_refused_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sha256 := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER p40_forget_refused_bytes BEFORE UPDATE ON files
    FOR EACH ROW WHEN (NEW.state = 'refused') EXECUTE FUNCTION forget_refused_bytes();

CREATE FUNCTION count_file() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM storage_add(NEW.workspace_id, NEW.uploader_id, 'files', stored_size(NEW));
    ELSE
        PERFORM storage_add(OLD.workspace_id, OLD.uploader_id, 'files', -stored_size(OLD));
        IF TG_OP = 'UPDATE' THEN
            PERFORM storage_add(NEW.workspace_id, NEW.uploader_id, 'files', stored_size(NEW), false);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR UPDATE OF uploader_id OR DELETE ON files
    FOR EACH ROW EXECUTE FUNCTION count_file();

CREATE TRIGGER p60_count_refused AFTER UPDATE ON files
    FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL AND NEW.sha256 IS NULL) EXECUTE FUNCTION count_file();

-- A blob lives as long as its last file. Its row is locked first: whoever adds a file to it meanwhile is seen, or waits.
CREATE FUNCTION drop_unused_blobs() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM blobs WHERE (workspace_id, sha256) IN (SELECT workspace_id, sha256 FROM gone)
    ORDER BY workspace_id, sha256 FOR UPDATE;
    DELETE FROM blobs WHERE (workspace_id, sha256) IN (SELECT workspace_id, sha256 FROM gone)
        AND NOT EXISTS (SELECT FROM files WHERE (files.workspace_id, files.sha256) = (blobs.workspace_id, blobs.sha256));
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_drop_unused AFTER DELETE ON files REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION drop_unused_blobs();

-- The bytes of a refused file go as those of a deleted one, and nobody looks at it any more.
CREATE FUNCTION drop_refused() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM blobs WHERE (workspace_id, sha256) = (OLD.workspace_id, OLD.sha256) FOR UPDATE;
    DELETE FROM blobs WHERE (workspace_id, sha256) = (OLD.workspace_id, OLD.sha256)
        AND NOT EXISTS (SELECT FROM files WHERE (files.workspace_id, files.sha256) = (blobs.workspace_id, blobs.sha256));
    DELETE FROM file_looks WHERE file_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_drop_refused AFTER UPDATE ON files
    FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL AND NEW.sha256 IS NULL) EXECUTE FUNCTION drop_refused();

CREATE FUNCTION queue_look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO file_looks (file_id) VALUES (NEW.id) ON CONFLICT (file_id) DO UPDATE SET tries = 0, due_at = now();
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_queue_look AFTER INSERT ON files
    FOR EACH ROW WHEN (NEW.state IN ('scanning', 'pending')) EXECUTE FUNCTION queue_look();
CREATE TRIGGER p95_queue_look_anew AFTER UPDATE ON files
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state IN ('scanning', 'pending')) EXECUTE FUNCTION queue_look();

-- The uploader learns that the file is ready or refused, without its name, which would stay in the log after the message
-- is deleted. Those who see a message with it get the message, which a deletion redacts; also if it is scanned once more.
CREATE FUNCTION log_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF NEW.uploader_id IS NOT NULL AND NEW.state = 'ready' THEN
        PERFORM log_append('FileReady', 'user', row_to_json(shape), user_id => NEW.uploader_id)
        FROM (SELECT NEW.id AS file_id, NEW.workspace_id, NEW.state) shape;
    ELSIF NEW.uploader_id IS NOT NULL AND NEW.state = 'refused' THEN
        PERFORM log_append('FileRefused', 'user', row_to_json(shape), user_id => NEW.uploader_id)
        FROM (SELECT NEW.id AS file_id, NEW.workspace_id, NEW.state, NEW.refusal) shape;
    END IF;
    PERFORM log_append('MessageFilesReady', 'chat', message_json(m), chat_id => m.chat_id, message_id => m.id)
    FROM messages m WHERE m.id IN (SELECT message_id FROM file_uses WHERE file_id = NEW.id) AND NEW.id = ANY (m.files);
    PERFORM log_append('WorkspaceUpdated', 'workspaces', workspace_event_json(w), workspace_ids => ARRAY[w.id])
    FROM workspaces w WHERE w.icon_file_id = NEW.id;
    PERFORM log_document_file(NEW.id, document_id) FROM file_uses WHERE file_id = NEW.id AND document_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON files DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION log_files();

-- Neither server's request nor a statement in psql takes a held file away; a workspace takes it along.
CREATE FUNCTION refuse_held_file() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF file_is_held(OLD.id) AND EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'file_is_held',
            MESSAGE = format('file %s is held', OLD.id), HINT = 'It goes when the last of its holds is released.';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_held BEFORE DELETE ON files FOR EACH ROW EXECUTE FUNCTION refuse_held_file();
