CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON document_thumbnails
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON document_thumbnails
    FOR EACH ROW WHEN (OLD.document_id <> NEW.document_id) EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p20_touch BEFORE UPDATE ON document_thumbnails
    FOR EACH ROW WHEN (OLD.data <> NEW.data) EXECUTE FUNCTION touch_updated_at();

CREATE FUNCTION count_thumbnail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(workspace_id, created_by, 'thumbnails',
                        CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE length(NEW.data) END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE length(OLD.data) END)
    FROM documents WHERE id = coalesce(NEW.document_id, OLD.document_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR UPDATE OF data OR DELETE ON document_thumbnails
    FOR EACH ROW EXECUTE FUNCTION count_thumbnail();

CREATE FUNCTION log_document_thumbnails() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_defer(of_kind('DocumentThumbnailUpdated', kind), 'document', 'document_thumbnails', document_id => id)
    FROM documents WHERE id = coalesce(NEW.document_id, OLD.document_id);
    RETURN NULL;
END
$$;

-- Under the log's lock, since a deleted document has no events, and it may have been deleted meanwhile. The state at
-- COMMIT: a picture may be removed and added again within one transaction.
CREATE FUNCTION tell_document_thumbnails() RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
    UPDATE log_pending p SET payload = json_build_object(
        of_kind('document_id', d.kind), d.id,
        'thumbnail', (SELECT document_thumbnail_json(t) FROM document_thumbnails t WHERE t.document_id = d.id))
    FROM documents d
    WHERE p.xid = pg_current_xact_id() AND p.source = 'document_thumbnails' AND p.document_id = d.id AND d.deleted_at IS NULL
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON document_thumbnails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_document_thumbnails();
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON document_thumbnails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.updated_at <> NEW.updated_at) EXECUTE FUNCTION log_document_thumbnails();
