CREATE OR REPLACE TRIGGER p30_no_truncate BEFORE TRUNCATE ON board_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE OR REPLACE TRIGGER p30_final_key BEFORE UPDATE ON board_versions
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
CREATE OR REPLACE TRIGGER p20_place BEFORE INSERT ON board_versions
    FOR EACH ROW EXECUTE FUNCTION place_board_version();

CREATE OR REPLACE FUNCTION board_version_audit(v board_versions) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN v.id IS NOT NULL THEN jsonb_build_object('name', v.name) END
$$;
CREATE OR REPLACE FUNCTION audit_board_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'board_version_created' WHEN 'UPDATE' THEN 'board_version_renamed'
                             ELSE 'board_version_deleted' END,
                  workspace_id => workspace_id, board_id => boards.id, target_type => 'board_version',
                  target_id => coalesce(NEW.id, OLD.id),
                  before => board_version_audit(OLD), after => board_version_audit(NEW))
    FROM boards WHERE boards.id = coalesce(NEW.board_id, OLD.board_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p50_audit AFTER INSERT OR DELETE ON board_versions
    FOR EACH ROW EXECUTE FUNCTION audit_board_versions();

CREATE OR REPLACE TRIGGER p50_audit_update AFTER UPDATE OF name ON board_versions
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_board_versions();

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
CREATE OR REPLACE TRIGGER p60_count_storage AFTER INSERT OR DELETE ON board_versions FOR EACH ROW EXECUTE FUNCTION count_version();

CREATE OR REPLACE TRIGGER p60_move_storage AFTER UPDATE OF created_by ON board_versions
    FOR EACH ROW WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by) EXECUTE FUNCTION count_version();

CREATE OR REPLACE FUNCTION log_board_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM log_defer('BoardVersionDeleted', 'board', 'board_versions', board_id => OLD.board_id, about => OLD.id);
    ELSE
        PERFORM log_defer('BoardVersionUpdated', 'board', 'board_versions', board_id => NEW.board_id, about => NEW.id);
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, since of a deleted board nothing is told, and it may have been deleted meanwhile. Without the
-- version's state; one that is gone again is told of as gone.
CREATE OR REPLACE FUNCTION tell_board_versions() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = board_version_json(v)
    FROM board_versions v JOIN boards b ON b.id = v.board_id AND b.deleted_at IS NULL
    WHERE p.xid = own AND p.kind = 'BoardVersionUpdated' AND p.about = v.id;
    UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (SELECT p.about AS id, p.board_id) shape)
    FROM boards b
    WHERE p.xid = own AND p.kind = 'BoardVersionDeleted' AND p.board_id = b.id AND b.deleted_at IS NULL;
END
$$;
DROP TRIGGER IF EXISTS p90_log ON board_versions;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON board_versions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_versions();
DROP TRIGGER IF EXISTS p90_log_changed ON board_versions;
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON board_versions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.created_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.created_at))
    EXECUTE FUNCTION log_board_versions();

CREATE OR REPLACE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON board_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');
