CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON board_thumbnails
    FOR EACH ROW WHEN (OLD.board_id <> NEW.board_id) EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON board_thumbnails
    FOR EACH ROW WHEN (OLD.data <> NEW.data) EXECUTE FUNCTION touch_updated_at();

-- Read anew: a picture may be taken away and put back within one transaction. Of a deleted board nothing is told, and it
-- may have been deleted meanwhile: hence the log's lock first.
CREATE OR REPLACE FUNCTION log_board_thumbnails() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_lock();
    PERFORM log_append('BoardThumbnailUpdated', 'board', row_to_json(shape), board_id => shape.board_id)
    FROM (SELECT boards.id AS board_id, (SELECT board_thumbnail_json(t) FROM board_thumbnails t WHERE t.board_id = boards.id) AS thumbnail
          FROM boards WHERE id = coalesce(NEW.board_id, OLD.board_id) AND deleted_at IS NULL) shape;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON board_thumbnails;
CREATE CONSTRAINT TRIGGER log AFTER INSERT OR DELETE ON board_thumbnails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_thumbnails();
DROP TRIGGER IF EXISTS log_changed ON board_thumbnails;
CREATE CONSTRAINT TRIGGER log_changed AFTER UPDATE ON board_thumbnails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.updated_at <> NEW.updated_at) EXECUTE FUNCTION log_board_thumbnails();
