CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON blobs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- The key changes with the place of the bytes (move_blob).
CREATE TRIGGER p30_final_key BEFORE UPDATE ON blobs
    FOR EACH ROW WHEN ((OLD.workspace_id, OLD.sha256, OLD.size) IS DISTINCT FROM (NEW.workspace_id, NEW.sha256, NEW.size))
    EXECUTE FUNCTION refuse_key_change();

-- In the transaction that removes the last use of the bytes they are queued for deletion; they stay if another workspace
-- has them (bring_files). One that is being taken from the queue as in use is waited for, and queued anew.
CREATE FUNCTION queue_blob_deletion() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO blob_deletions (key) VALUES (OLD.key) ON CONFLICT (key) DO UPDATE SET since = blob_deletions.since;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_queue_deletion AFTER DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION queue_blob_deletion();

-- Bytes that have moved: whoever has just been told the old key may still begin to read.
CREATE FUNCTION queue_moved_blob() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO blob_deletions (key, since) VALUES (OLD.key, now() + interval '10 minutes')
    ON CONFLICT (key) DO UPDATE SET since = greatest(blob_deletions.since, excluded.since);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_queue_moved AFTER UPDATE OF key ON blobs
    FOR EACH ROW WHEN (OLD.key <> NEW.key) EXECUTE FUNCTION queue_moved_blob();
