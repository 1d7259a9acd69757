CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON previews
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON previews
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p95_queue_deletion AFTER DELETE ON previews FOR EACH ROW EXECUTE FUNCTION queue_blob_deletion();
