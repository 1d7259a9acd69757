CREATE OR REPLACE TRIGGER p30_no_truncate BEFORE TRUNCATE ON boards
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE OR REPLACE TRIGGER p20_touch BEFORE UPDATE ON boards
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.deleted_at))
    EXECUTE FUNCTION touch_updated_at();

CREATE OR REPLACE TRIGGER p30_final_key BEFORE UPDATE ON boards
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id) IS DISTINCT FROM (NEW.id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE FUNCTION check_new_board_owner() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM check_board_owner(NEW.id);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS p80_has_owner ON boards;
CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON boards DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_new_board_owner();

CREATE OR REPLACE FUNCTION board_audit(b boards) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN b.id IS NOT NULL THEN jsonb_build_object('name', b.name) END
$$;
CREATE OR REPLACE FUNCTION audit_boards() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace bigint := coalesce(NEW.workspace_id, OLD.workspace_id);
    id bigint := coalesce(NEW.id, OLD.id);
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE workspaces.id = workspace) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'board_created' WHEN 'UPDATE' THEN 'board_updated' ELSE 'board_deleted' END,
                  workspace_id => workspace, board_id => id, target_type => 'board', target_id => id,
                  before => board_audit(OLD), after => board_audit(NEW));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p50_audit AFTER INSERT OR DELETE ON boards FOR EACH ROW EXECUTE FUNCTION audit_boards();

CREATE OR REPLACE TRIGGER p50_audit_update AFTER UPDATE OF name ON boards
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_boards();

CREATE OR REPLACE FUNCTION audit_board_state() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE WHEN NEW.deleted_at IS NULL THEN 'board_restored' ELSE 'board_deleted' END,
                  workspace_id => NEW.workspace_id, board_id => NEW.id, target_type => 'board', target_id => NEW.id,
                  before => CASE WHEN NEW.deleted_at IS NOT NULL THEN board_audit(OLD) END);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p50_audit_state AFTER UPDATE OF deleted_at ON boards
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION audit_board_state();

-- What comes and goes is counted, and refused where a quota is used up (sql/functions/server/storage.sql). What is on a board and
-- its thumbnail are its maker's, a version is whose who made it.

CREATE OR REPLACE FUNCTION count_new_board() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(NEW.workspace_id, NEW.created_by, 'boards', NEW.charged_bytes);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p60_count_storage AFTER INSERT ON boards FOR EACH ROW EXECUTE FUNCTION count_new_board();

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
CREATE OR REPLACE TRIGGER p60_move_storage AFTER UPDATE OF created_by ON boards
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
CREATE OR REPLACE TRIGGER p40_release_storage BEFORE DELETE ON boards FOR EACH ROW EXECUTE FUNCTION release_board();

-- A board that appears or goes is told member by member, as chats are: see board_members.sql. So is one that is deleted and
-- can be restored, since nobody is told of it meanwhile. What is told is of COMMIT: its members stand still by the row's lock.
CREATE OR REPLACE FUNCTION log_boards() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    present boards;
BEGIN
    PERFORM refuse_old_snapshot();
    -- Read anew, since it may be gone again within the same transaction, of which its members are told.
    SELECT * INTO present FROM boards WHERE id = NEW.id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF (OLD.deleted_at IS NULL) = (NEW.deleted_at IS NULL) THEN
        PERFORM log_append('BoardUpdated', 'board', row_to_json(shape), board_id => NEW.id)
        FROM (SELECT NEW.id, NEW.workspace_id, NEW.name, NEW.created_by, NEW.created_at, NEW.updated_at) shape
        WHERE present.deleted_at IS NULL;
    ELSIF NEW.deleted_at IS NOT NULL THEN
        PERFORM log_append('BoardDeleted', 'user', row_to_json(shape), board_id => NEW.id, user_id => m.user_id, effect => 'revoke')
        FROM (SELECT NEW.id, NEW.workspace_id) shape, board_members m WHERE m.board_id = NEW.id;
    ELSE
        PERFORM log_defer('BoardRestored', 'user', 'board_members', board_id => NEW.id, user_id => user_id,
                          effect => access_effect(NULL, role))
        FROM board_members WHERE board_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS p90_log ON boards;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON boards DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.deleted_at))
    EXECUTE FUNCTION log_boards();

CREATE OR REPLACE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON boards
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');
