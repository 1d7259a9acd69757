CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON invites
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON invites
    FOR EACH ROW WHEN ((OLD.id, OLD.chat_id, OLD.document_id, OLD.token_hash, OLD.created_by)
                       IS DISTINCT FROM (NEW.id, NEW.chat_id, NEW.document_id, NEW.token_hash, NEW.created_by))
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION invite_audit(i invites) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN i.id IS NOT NULL THEN
        jsonb_build_object('role', i.role, 'expires_at', i.expires_at, 'max_uses', i.max_uses) END
$$;
CREATE FUNCTION audit_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invite invites := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND OLD.expires_at <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'invite_created' WHEN 'UPDATE' THEN 'invite_changed' ELSE 'invite_revoked' END,
                  workspace_id => place.workspace_id, chat_id => invite.chat_id,
                  document_id => invite.document_id, document_kind => place.kind,
                  target_type => 'invite', target_id => invite.id, before => invite_audit(OLD), after => invite_audit(NEW))
    FROM (SELECT workspace_id, NULL AS kind FROM chats WHERE id = invite.chat_id
          UNION ALL SELECT workspace_id, kind FROM documents WHERE id = invite.document_id) place;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE OF role, expires_at, max_uses ON invites
    FOR EACH ROW EXECUTE FUNCTION audit_invites();

-- To the admins of the chat or the owners of the document, and to its maker while they are a member; others who may
-- invite list them.
CREATE FUNCTION log_invites() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    invite invites := coalesce(NEW, OLD);
    leads_to text := CASE WHEN invite.document_id IS NULL THEN 'chat' ELSE (SELECT kind FROM documents WHERE id = invite.document_id) END;
BEGIN
    IF leads_to IS NULL THEN
        RETURN NULL;  -- the document is gone, and with it everyone to notify
    END IF;
    PERFORM log_defer(of_kind(CASE TG_OP WHEN 'DELETE' THEN 'DocumentInviteDeleted' ELSE 'DocumentInviteUpdated' END, leads_to),
                      'admins', 'invites', chat_id => invite.chat_id, document_id => invite.document_id, user_id => invite.created_by,
                      payload => CASE TG_OP WHEN 'DELETE' THEN json_build_object(
                          'id', invite.id, of_kind('document_id', leads_to), coalesce(invite.chat_id, invite.document_id))
                          ELSE invite_json(invite) END);
    RETURN NULL;
END
$$;

-- Under the log's lock: if its chat or document is gone, that deletion implies it. A document may have just been
-- restored, with the invites at that time.
CREATE FUNCTION tell_invites() RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
    UPDATE log_pending p SET payload = NULL
    WHERE p.xid = pg_current_xact_id() AND p.source = 'invites'
      AND NOT EXISTS (SELECT FROM chats WHERE id = p.chat_id)
      AND NOT EXISTS (SELECT FROM documents WHERE id = p.document_id AND deleted_at IS NULL)
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_invites();
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON invites DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.expires_at, OLD.max_uses, OLD.uses)
                       IS DISTINCT FROM (NEW.role, NEW.expires_at, NEW.max_uses, NEW.uses))
    EXECUTE FUNCTION log_invites();
