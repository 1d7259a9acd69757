-- What comes and goes is counted, and refused where a quota is used up (sql/functions/server/storage.sql). What is on a board and
-- its thumbnail are its maker's, a version is whose who made it.

CREATE OR REPLACE FUNCTION count_new_board() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(NEW.workspace_id, NEW.created_by, 'boards', NEW.charged_bytes);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER count_storage AFTER INSERT ON boards FOR EACH ROW EXECUTE FUNCTION count_new_board();

-- Its maker has gone: nobody is charged for it any more.
CREATE OR REPLACE FUNCTION move_board_storage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    thumbnail bigint := (SELECT length(data) FROM board_thumbnails WHERE board_id = NEW.id);
BEGIN
    PERFORM storage_add(NEW.workspace_id, OLD.created_by, 'boards', -NEW.charged_bytes),
            storage_add(NEW.workspace_id, NEW.created_by, 'boards', NEW.charged_bytes, false),
            storage_add(NEW.workspace_id, OLD.created_by, 'thumbnails', -thumbnail),
            storage_add(NEW.workspace_id, NEW.created_by, 'thumbnails', thumbnail, false);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER move_storage AFTER UPDATE OF created_by ON boards
    FOR EACH ROW WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by) EXECUTE FUNCTION move_board_storage();

-- With all that hangs on it, which has no workspace any more when it goes.
CREATE OR REPLACE FUNCTION release_board() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(OLD.workspace_id, OLD.created_by, 'boards', -OLD.charged_bytes),
            storage_add(OLD.workspace_id, OLD.created_by, 'thumbnails',
                        -(SELECT length(data) FROM board_thumbnails WHERE board_id = OLD.id));
    PERFORM storage_add(OLD.workspace_id, created_by, 'versions', -sum(length(state)))
    FROM board_versions WHERE board_id = OLD.id GROUP BY created_by ORDER BY created_by;
    RETURN OLD;
END
$$;
CREATE OR REPLACE TRIGGER release_storage BEFORE DELETE ON boards FOR EACH ROW EXECUTE FUNCTION release_board();

CREATE OR REPLACE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM storage_add(workspace_id, OLD.created_by, 'versions', -length(OLD.state)) FROM boards WHERE id = OLD.board_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM storage_add(workspace_id, NEW.created_by, 'versions', length(NEW.state), enforced => TG_OP = 'INSERT')
        FROM boards WHERE id = NEW.board_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER count_storage AFTER INSERT OR DELETE ON board_versions FOR EACH ROW EXECUTE FUNCTION count_version();
CREATE OR REPLACE TRIGGER move_storage AFTER UPDATE OF created_by ON board_versions
    FOR EACH ROW WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by) EXECUTE FUNCTION count_version();

CREATE OR REPLACE FUNCTION count_thumbnail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(workspace_id, created_by, 'thumbnails',
                        CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE length(NEW.data) END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE length(OLD.data) END)
    FROM boards WHERE id = coalesce(NEW.board_id, OLD.board_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER count_storage AFTER INSERT OR UPDATE OF data OR DELETE ON board_thumbnails
    FOR EACH ROW EXECUTE FUNCTION count_thumbnail();

-- Updates that come are counted by board_append(), in the same statement that moves last_seq; these are those that go.
CREATE OR REPLACE FUNCTION count_expired_updates() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE boards SET stored_bytes = greatest(0, stored_bytes - gone.bytes)
    FROM (SELECT board_id, sum(length(data)) AS bytes FROM changed GROUP BY board_id) gone WHERE id = gone.board_id;
    PERFORM settle_board_storage(board_id) FROM (SELECT DISTINCT board_id FROM changed ORDER BY board_id) gone;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER count_storage AFTER DELETE ON board_updates REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_expired_updates();

-- A snapshot is made of what is there, and is refused by no quota.
CREATE OR REPLACE FUNCTION count_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before bigint := CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE length(OLD.state) + length(OLD.vector) + length(OLD.deletions) END;
    after bigint := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE length(NEW.state) + length(NEW.vector) + length(NEW.deletions) END;
BEGIN
    UPDATE boards SET stored_bytes = greatest(0, stored_bytes + after - before) WHERE id = coalesce(NEW.board_id, OLD.board_id);
    PERFORM settle_board_storage(coalesce(NEW.board_id, OLD.board_id));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER count_storage AFTER INSERT OR UPDATE OR DELETE ON board_snapshots
    FOR EACH ROW EXECUTE FUNCTION count_snapshot();
