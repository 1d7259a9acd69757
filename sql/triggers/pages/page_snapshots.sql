CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON page_snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A snapshot contains what was accepted before, and is refused by no quota.
CREATE FUNCTION count_page_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before bigint := CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE octet_length(OLD.content) END;
    after bigint := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE octet_length(NEW.content) END;
BEGIN
    UPDATE documents SET stored_bytes = greatest(0, stored_bytes + after - before) WHERE id = coalesce(NEW.page_id, OLD.page_id);
    PERFORM settle_document_storage(coalesce(NEW.page_id, OLD.page_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR UPDATE OF content OR DELETE ON page_snapshots
    FOR EACH ROW EXECUTE FUNCTION count_page_snapshot();

-- So its members learn that the content has changed: by every snapshot, not by every patch.
CREATE FUNCTION log_page_snapshots() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('PageEdited', 'document', json_build_object('page_id', d.id, 'workspace_id', d.workspace_id, 'version', NEW.version),
                       document_id => d.id)
    FROM documents d WHERE d.id = NEW.page_id AND d.deleted_at IS NULL;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON page_snapshots DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION log_page_snapshots();
