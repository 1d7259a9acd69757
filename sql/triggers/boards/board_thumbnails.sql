CREATE OR REPLACE TRIGGER p30_no_truncate BEFORE TRUNCATE ON board_thumbnails
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE OR REPLACE TRIGGER p30_final_key BEFORE UPDATE ON board_thumbnails
    FOR EACH ROW WHEN (OLD.board_id <> NEW.board_id) EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE TRIGGER p20_touch BEFORE UPDATE ON board_thumbnails
    FOR EACH ROW WHEN (OLD.data <> NEW.data) EXECUTE FUNCTION touch_updated_at();

CREATE OR REPLACE FUNCTION count_thumbnail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(workspace_id, created_by, 'thumbnails',
                        CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE length(NEW.data) END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE length(OLD.data) END)
    FROM boards WHERE id = coalesce(NEW.board_id, OLD.board_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p60_count_storage AFTER INSERT OR UPDATE OF data OR DELETE ON board_thumbnails
    FOR EACH ROW EXECUTE FUNCTION count_thumbnail();

CREATE OR REPLACE FUNCTION log_board_thumbnails() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_defer('BoardThumbnailUpdated', 'board', 'board_thumbnails', board_id => coalesce(NEW.board_id, OLD.board_id));
    RETURN NULL;
END
$$;

-- Under the log's lock, since of a deleted board nothing is told, and it may have been deleted meanwhile. As of COMMIT: a
-- picture may be taken away and put back within one transaction.
CREATE OR REPLACE FUNCTION tell_board_thumbnails() RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
    UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (
        SELECT b.id AS board_id, (SELECT board_thumbnail_json(t) FROM board_thumbnails t WHERE t.board_id = b.id) AS thumbnail) shape)
    FROM boards b
    WHERE p.xid = pg_current_xact_id() AND p.source = 'board_thumbnails' AND p.board_id = b.id AND b.deleted_at IS NULL
$$;
DROP TRIGGER IF EXISTS p90_log ON board_thumbnails;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON board_thumbnails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_thumbnails();
DROP TRIGGER IF EXISTS p90_log_changed ON board_thumbnails;
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON board_thumbnails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.updated_at <> NEW.updated_at) EXECUTE FUNCTION log_board_thumbnails();
