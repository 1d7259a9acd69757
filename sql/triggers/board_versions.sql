CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON board_versions
    FOR EACH ROW WHEN ((OLD.id, OLD.board_id, OLD.seq, OLD.state) IS DISTINCT FROM (NEW.id, NEW.board_id, NEW.seq, NEW.state))
    EXECUTE FUNCTION refuse_key_change();

-- Under the board's row lock: nothing is made of a deleted board, and of no board more than board_versions_most().
CREATE OR REPLACE FUNCTION place_board_version() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    deleted boolean;
BEGIN
    SELECT deleted_at IS NOT NULL INTO deleted FROM boards WHERE id = NEW.board_id FOR NO KEY UPDATE;
    IF deleted THEN
        PERFORM refuse_deleted_board(NEW.board_id);
    END IF;
    IF (SELECT count(*) FROM board_versions WHERE board_id = NEW.board_id) >= board_versions_most() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'board_versions_amount',
            MESSAGE = format('board %s has %s versions already', NEW.board_id, board_versions_most()),
            HINT = 'Delete another version first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER place BEFORE INSERT ON board_versions
    FOR EACH ROW EXECUTE FUNCTION place_board_version();

CREATE OR REPLACE FUNCTION log_board_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    board bigint := coalesce(NEW.board_id, OLD.board_id);
BEGIN
    -- As of thumbnails: of a deleted board nothing is told, and it may have been deleted meanwhile.
    PERFORM log_lock();
    IF NOT EXISTS (SELECT FROM boards WHERE id = board AND deleted_at IS NULL) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM log_append('BoardVersionDeleted', 'board', row_to_json(shape), board_id => board)
        FROM (SELECT OLD.id, OLD.board_id) shape;
    ELSE
        -- Read anew, without its state; one that is gone again is told of as gone.
        PERFORM log_append('BoardVersionUpdated', 'board', board_version_json(v), board_id => board)
        FROM board_versions v WHERE v.id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON board_versions;
CREATE CONSTRAINT TRIGGER log AFTER INSERT OR DELETE ON board_versions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_versions();
DROP TRIGGER IF EXISTS log_changed ON board_versions;
CREATE CONSTRAINT TRIGGER log_changed AFTER UPDATE ON board_versions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.created_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.created_at))
    EXECUTE FUNCTION log_board_versions();

CREATE OR REPLACE TRIGGER plain_name BEFORE INSERT OR UPDATE OF name ON board_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');
