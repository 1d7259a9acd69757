CREATE OR REPLACE TRIGGER p30_no_truncate BEFORE TRUNCATE ON board_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE OR REPLACE TRIGGER p30_final_key BEFORE UPDATE ON board_members
    FOR EACH ROW WHEN ((OLD.board_id, OLD.user_id, OLD.workspace_id) IS DISTINCT FROM (NEW.board_id, NEW.user_id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE FUNCTION fill_board_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT workspace_id INTO NEW.workspace_id FROM boards WHERE id = NEW.board_id;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'board_members_board_fkey',
            MESSAGE = format('there is no board %s', NEW.board_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER p20_fill BEFORE INSERT ON board_members
    FOR EACH ROW EXECUTE FUNCTION fill_board_member();

-- Keeps boards.member_count. Boards are locked in id order, so that two statements cannot deadlock. Under that lock nobody
-- is let into a deleted board.
CREATE OR REPLACE FUNCTION count_board_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM boards WHERE id IN (SELECT board_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE boards SET
        member_count = member_count + CASE TG_OP WHEN 'INSERT' THEN change.members ELSE -change.members END
    FROM (SELECT board_id, count(*) AS members FROM changed GROUP BY board_id) change
    WHERE boards.id = change.board_id;
    IF TG_OP = 'INSERT' THEN
        PERFORM refuse_deleted_board(board_id) FROM changed JOIN boards ON boards.id = board_id WHERE deleted_at IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p60_count_added AFTER INSERT ON board_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_board_members();
CREATE OR REPLACE TRIGGER p60_count_removed AFTER DELETE ON board_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_board_members();

-- A removal takes the board's row lock by its count; a change of role takes it here. So nothing is waited for at COMMIT, and
-- the members of a board stand still for who has its lock.
CREATE OR REPLACE FUNCTION lock_board_of_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM boards WHERE id = OLD.board_id FOR NO KEY UPDATE;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER p10_lock_role BEFORE UPDATE ON board_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION lock_board_of_member();

CREATE OR REPLACE FUNCTION check_board_owner(board bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM boards WHERE id = board)
       AND NOT EXISTS (SELECT FROM board_members WHERE board_id = board AND role = 'owner') THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'board_keeps_owner',
            MESSAGE = format('board %s would be left without an owner', board),
            HINT = 'Make another member owner first, or delete the board.';
    END IF;
END
$$;
CREATE OR REPLACE FUNCTION check_board_owner_of_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM check_board_owner(OLD.board_id);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS p80_keeps_owner_demote ON board_members;
CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON board_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION check_board_owner_of_member();
DROP TRIGGER IF EXISTS p80_keeps_owner_leave ON board_members;
CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON board_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION check_board_owner_of_member();

CREATE OR REPLACE FUNCTION audit_board_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    member board_members := coalesce(NEW, OLD);
BEGIN
    IF NOT EXISTS (SELECT FROM boards WHERE id = member.board_id)
       OR TG_OP = 'DELETE' AND NOT EXISTS (
           SELECT FROM workspace_members WHERE workspace_id = member.workspace_id AND user_id = member.user_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'board_member_added' WHEN 'UPDATE' THEN 'board_member_role_changed'
                             ELSE 'board_member_removed' END,
                  workspace_id => member.workspace_id, board_id => member.board_id,
                  target_type => 'user', target_id => member.user_id,
                  before => role_audit(OLD.role), after => role_audit(NEW.role));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p50_audit_added AFTER INSERT ON board_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION audit_board_members();

CREATE OR REPLACE TRIGGER p50_audit_removed AFTER DELETE ON board_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.user_id) EXECUTE FUNCTION audit_board_members();

CREATE OR REPLACE TRIGGER p50_audit_role AFTER UPDATE OF role ON board_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_board_members();

CREATE OR REPLACE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON board_members
    FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

CREATE OR REPLACE FUNCTION log_board_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    present boards;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_defer('NewBoard', 'user', 'board_members', board_id => NEW.board_id, user_id => NEW.user_id,
                          effect => access_effect(NULL, NEW.role));
        PERFORM log_defer('UserJoinedBoard', 'board', 'board_members', board_id => NEW.board_id, user_id => NEW.user_id);
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM log_defer('BoardMemberUpdated', 'board', 'board_members', board_id => NEW.board_id, user_id => NEW.user_id,
                          effect => access_effect(OLD.role, NEW.role));
        -- To all the owners, as ChatAdminAdded is to all the admins.
        IF OLD.role <> 'owner' AND NEW.role = 'owner' THEN
            PERFORM log_defer('BoardOwnerAdded', 'admins', 'board_members', board_id => NEW.board_id, about => NEW.user_id);
        END IF;
        RETURN NULL;
    END IF;
    PERFORM refuse_old_snapshot();
    -- As of COMMIT: whoever changes the count has the row's lock since then.
    SELECT * INTO present FROM boards WHERE id = OLD.board_id;
    IF present IS NULL THEN
        PERFORM log_append('BoardDeleted', 'user', row_to_json(shape), board_id => OLD.board_id, user_id => OLD.user_id, effect => 'revoke')
        FROM (SELECT OLD.board_id AS id, OLD.workspace_id) shape;
    ELSE
        PERFORM log_append('UserLeftBoard', 'board', row_to_json(shape), board_id => OLD.board_id, user_id => OLD.user_id, effect => 'revoke')
        FROM (SELECT OLD.board_id, OLD.user_id, present.member_count) shape;
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, of the members who are there at COMMIT. Of a deleted board nobody hears: who is in it then, its
-- restoring tells.
CREATE OR REPLACE FUNCTION tell_board_members() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = snapshot, effect = access_effect(NULL, m.role)
    FROM board_members m JOIN boards b ON b.id = m.board_id AND b.deleted_at IS NULL
    CROSS JOIN LATERAL board_snapshot_json(b, m) snapshot
    WHERE p.xid = own AND p.kind IN ('NewBoard', 'BoardRestored') AND p.board_id = m.board_id AND p.user_id = m.user_id;

    UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (
        SELECT m.board_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status,
               m.role, m.invited_by, m.joined_at, b.member_count) shape)
    FROM board_members m JOIN users u ON u.id = m.user_id JOIN boards b ON b.id = m.board_id AND b.deleted_at IS NULL
    WHERE p.xid = own AND p.kind = 'UserJoinedBoard' AND p.board_id = m.board_id AND p.user_id = m.user_id;

    UPDATE log_pending p SET payload = board_member_json(m, u), effect = effect_at_commit(p.effect, m.role)
    FROM board_members m JOIN users u ON u.id = m.user_id JOIN boards b ON b.id = m.board_id AND b.deleted_at IS NULL
    WHERE p.xid = own AND p.kind = 'BoardMemberUpdated' AND p.board_id = m.board_id AND p.user_id = m.user_id;

    UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (SELECT m.board_id, m.user_id, invites) shape)
    FROM board_members m JOIN boards b ON b.id = m.board_id AND b.deleted_at IS NULL
    CROSS JOIN LATERAL newest_invites_json(NULL, m.board_id) invites
    WHERE p.xid = own AND p.kind = 'BoardOwnerAdded' AND p.board_id = m.board_id AND p.about = m.user_id AND m.role = 'owner';
END
$$;
DROP TRIGGER IF EXISTS p90_log ON board_members;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON board_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_members();
DROP TRIGGER IF EXISTS p90_log_role ON board_members;
CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE ON board_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.invited_by) IS DISTINCT FROM (NEW.role, NEW.invited_by))
    EXECUTE FUNCTION log_board_members();
