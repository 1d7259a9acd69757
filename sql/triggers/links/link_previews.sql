CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON link_previews
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON link_previews
    FOR EACH ROW WHEN ((OLD.id, OLD.url_sha256, OLD.size) IS DISTINCT FROM (NEW.id, NEW.url_sha256, NEW.size))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON link_previews
    FOR EACH ROW WHEN (OLD.key IS NOT NULL) EXECUTE FUNCTION queue_blob_deletion();
CREATE TRIGGER p95_queue_moved AFTER UPDATE OF key ON link_previews
    FOR EACH ROW WHEN (OLD.key <> NEW.key) EXECUTE FUNCTION queue_moved_blob();
