CREATE OR REPLACE TRIGGER p30_no_truncate BEFORE TRUNCATE ON invites
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE OR REPLACE TRIGGER p30_final_key BEFORE UPDATE ON invites
    FOR EACH ROW WHEN ((OLD.id, OLD.chat_id, OLD.board_id, OLD.token_hash, OLD.created_by)
                       IS DISTINCT FROM (NEW.id, NEW.chat_id, NEW.board_id, NEW.token_hash, NEW.created_by))
    EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE FUNCTION invite_audit(i invites) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN i.id IS NOT NULL THEN
        jsonb_build_object('role', i.role, 'expires_at', i.expires_at, 'max_uses', i.max_uses) END
$$;
CREATE OR REPLACE FUNCTION audit_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invite invites := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND OLD.expires_at <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'invite_created' WHEN 'UPDATE' THEN 'invite_changed' ELSE 'invite_revoked' END,
                  workspace_id => place.workspace_id, chat_id => invite.chat_id, board_id => invite.board_id,
                  target_type => 'invite', target_id => invite.id, before => invite_audit(OLD), after => invite_audit(NEW))
    FROM (SELECT workspace_id FROM chats WHERE id = invite.chat_id
          UNION ALL SELECT workspace_id FROM boards WHERE id = invite.board_id) place;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE OF role, expires_at, max_uses ON invites
    FOR EACH ROW EXECUTE FUNCTION audit_invites();

-- Told to the admins of the chat or the owners of the board, and to who made it, for as long as they are in there; others
-- who may invite list them.
CREATE OR REPLACE FUNCTION log_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    invite invites := coalesce(NEW, OLD);
BEGIN
    IF TG_OP <> 'DELETE' AND invite.board_id IS NULL THEN
        PERFORM log_defer('ChatInviteUpdated', 'admins', 'invites', chat_id => invite.chat_id, user_id => invite.created_by,
                          payload => invite_json(invite));
    ELSIF TG_OP <> 'DELETE' THEN
        PERFORM log_defer('BoardInviteUpdated', 'admins', 'invites', board_id => invite.board_id, user_id => invite.created_by,
                          payload => invite_json(invite));
    ELSIF invite.board_id IS NULL THEN
        PERFORM log_defer('ChatInviteDeleted', 'admins', 'invites', chat_id => invite.chat_id, user_id => invite.created_by,
                          payload => row_to_json(shape))
        FROM (SELECT invite.id, invite.chat_id) shape;
    ELSE
        PERFORM log_defer('BoardInviteDeleted', 'admins', 'invites', board_id => invite.board_id, user_id => invite.created_by,
                          payload => row_to_json(shape))
        FROM (SELECT invite.id, invite.board_id) shape;
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock: with its chat or board gone, ChatDeleted or BoardDeleted says it all. A board may have been restored
-- just now, with the invites that were seen then.
CREATE OR REPLACE FUNCTION tell_invites() RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
    UPDATE log_pending p SET payload = NULL
    WHERE p.xid = pg_current_xact_id() AND p.source = 'invites'
      AND NOT EXISTS (SELECT FROM chats WHERE id = p.chat_id)
      AND NOT EXISTS (SELECT FROM boards WHERE id = p.board_id AND deleted_at IS NULL)
$$;
DROP TRIGGER IF EXISTS p90_log ON invites;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_invites();
DROP TRIGGER IF EXISTS p90_log_changed ON invites;
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.expires_at, OLD.max_uses, OLD.uses)
                       IS DISTINCT FROM (NEW.role, NEW.expires_at, NEW.max_uses, NEW.uses))
    EXECUTE FUNCTION log_invites();
