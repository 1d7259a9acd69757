CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON boards
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.deleted_at))
    EXECUTE FUNCTION touch_updated_at();

CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON boards
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id) IS DISTINCT FROM (NEW.id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE FUNCTION check_new_board_owner() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM check_board_owner(NEW.id);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS has_owner ON boards;
CREATE CONSTRAINT TRIGGER has_owner AFTER INSERT ON boards DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_new_board_owner();

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
DROP TRIGGER IF EXISTS log ON boards;
CREATE CONSTRAINT TRIGGER log AFTER UPDATE ON boards DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.deleted_at))
    EXECUTE FUNCTION log_boards();

CREATE OR REPLACE TRIGGER plain_name BEFORE INSERT OR UPDATE OF name ON boards
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');
