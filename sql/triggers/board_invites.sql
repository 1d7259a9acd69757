CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON board_invites
    FOR EACH ROW WHEN ((OLD.id, OLD.board_id, OLD.token_hash, OLD.created_by)
                       IS DISTINCT FROM (NEW.id, NEW.board_id, NEW.token_hash, NEW.created_by))
    EXECUTE FUNCTION refuse_key_change();

-- As those of chats: told to who made it, for as long as they are in the board.
CREATE OR REPLACE FUNCTION log_board_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    -- With its board gone, BoardDeleted says it all.
    IF NOT EXISTS (SELECT FROM boards WHERE id = coalesce(NEW.board_id, OLD.board_id)) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM log_append('BoardInviteDeleted', 'user', row_to_json(shape), board_id => OLD.board_id, user_id => OLD.created_by)
        FROM (SELECT OLD.id, OLD.board_id) shape;
    ELSE
        PERFORM log_append('BoardInviteUpdated', 'user', board_invite_json(NEW), board_id => NEW.board_id, user_id => NEW.created_by);
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON board_invites;
CREATE CONSTRAINT TRIGGER log AFTER INSERT OR DELETE ON board_invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_invites();
DROP TRIGGER IF EXISTS log_changed ON board_invites;
CREATE CONSTRAINT TRIGGER log_changed AFTER UPDATE ON board_invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.expires_at, OLD.max_uses, OLD.uses)
                       IS DISTINCT FROM (NEW.role, NEW.expires_at, NEW.max_uses, NEW.uses))
    EXECUTE FUNCTION log_board_invites();
