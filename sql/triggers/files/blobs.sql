CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON blobs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON blobs
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- In the transaction that removes the last use of the bytes they are queued for deletion.
CREATE FUNCTION queue_blob_deletion() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO blob_deletions (key) VALUES (OLD.key) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_queue_deletion AFTER DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION queue_blob_deletion();
