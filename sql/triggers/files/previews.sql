CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON previews
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON previews
    FOR EACH ROW WHEN ((OLD.workspace_id, OLD.sha256, OLD.name, OLD.size) IS DISTINCT FROM (NEW.workspace_id, NEW.sha256, NEW.name, NEW.size))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON previews FOR EACH ROW EXECUTE FUNCTION queue_blob_deletion();
CREATE TRIGGER p95_queue_moved AFTER UPDATE OF key ON previews
    FOR EACH ROW WHEN (OLD.key <> NEW.key) EXECUTE FUNCTION queue_moved_blob();
