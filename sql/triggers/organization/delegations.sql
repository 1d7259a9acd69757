CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON delegations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A list of permissions names each once, in order.
CREATE FUNCTION fill_delegation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.permissions := ARRAY(SELECT DISTINCT permission FROM unnest(NEW.permissions) AS permission ORDER BY permission);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON delegations FOR EACH ROW EXECUTE FUNCTION fill_delegation();

-- What may be offered: known permissions that may be done for somebody else; to somebody who shares a workspace with the
-- principal; in a place of the principal's. What shows messages goes with reading them.
CREATE FUNCTION check_delegation() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT NEW.permissions <@ ARRAY(SELECT name FROM permissions_known() WHERE delegable) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'delegation_permissions_delegable',
            MESSAGE = format('not to be done for somebody else: %s',
                             array_to_string(ARRAY(SELECT unnest(NEW.permissions) EXCEPT SELECT name FROM permissions_known() WHERE delegable), ', ')),
            HINT = 'SELECT name FROM permissions_known() WHERE delegable;';
    END IF;
    IF NEW.permissions && '{chat.see,chat.rename,chat.archive,chat.edit_own_messages,chat.delete_others_messages}'
       AND NOT 'chat.read_messages' = ANY (NEW.permissions) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'delegation_shows_messages',
            MESSAGE = 'what shows messages of a chat needs chat.read_messages';
    END IF;
    IF NOT EXISTS (SELECT FROM workspace_members mine JOIN workspace_members theirs USING (workspace_id)
                   WHERE mine.user_id = NEW.principal_id AND theirs.user_id = NEW.delegate_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'delegate_shares_workspace',
            MESSAGE = format('users %s and %s share no workspace', NEW.principal_id, NEW.delegate_id);
    END IF;
    IF NEW.workspace_id IS NOT NULL AND NOT EXISTS (SELECT FROM workspace_members WHERE workspace_id = NEW.workspace_id AND user_id = NEW.principal_id)
       OR NEW.chat_id IS NOT NULL AND NOT EXISTS (SELECT FROM chat_members WHERE chat_id = NEW.chat_id AND user_id = NEW.principal_id)
       OR NEW.document_id IS NOT NULL AND NOT EXISTS (SELECT FROM document_members WHERE document_id = NEW.document_id AND user_id = NEW.principal_id)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'delegation_place_is_own',
            MESSAGE = format('user %s is not in the place that they delegate in', NEW.principal_id);
    END IF;
    PERFORM FROM users WHERE id IN (NEW.principal_id, NEW.delegate_id) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM (VALUES (NEW.principal_id), (NEW.delegate_id)) AS person (id)
               WHERE (SELECT count(*) FROM delegations d WHERE d.revoked_at IS NULL AND d.ends_at > now()
                      AND person.id IN (d.principal_id, d.delegate_id)) >= most_delegations()) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'delegations_amount',
            MESSAGE = format('user %s or %s has %s open delegations already', NEW.principal_id, NEW.delegate_id, most_delegations());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT ON delegations FOR EACH ROW EXECUTE FUNCTION check_delegation();

-- What was offered stays as it is. It is accepted once, revoked once, and never comes back.
CREATE TRIGGER p30_final BEFORE UPDATE ON delegations
    FOR EACH ROW WHEN (
        (OLD.id, OLD.principal_id, OLD.delegate_id, OLD.permissions, OLD.workspace_id, OLD.chat_id, OLD.document_id,
         OLD.starts_at, OLD.ends_at, OLD.reason, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.principal_id, NEW.delegate_id, NEW.permissions, NEW.workspace_id, NEW.chat_id, NEW.document_id,
                          NEW.starts_at, NEW.ends_at, NEW.reason, NEW.created_at)
        OR OLD.accepted_at IS NOT NULL AND OLD.accepted_at IS DISTINCT FROM NEW.accepted_at
        OR OLD.revoked_at IS NOT NULL AND (OLD.revoked_at, OLD.accepted_at) IS DISTINCT FROM (NEW.revoked_at, NEW.accepted_at))
    EXECUTE FUNCTION refuse_key_change();

-- In the audit log of each workspace that it concerns, where owners read it; without one, in none's.
CREATE FUNCTION audit_delegations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    d delegations := coalesce(NEW, OLD);
    action CONSTANT text := CASE WHEN TG_OP = 'INSERT' THEN 'delegation_offered'
                                 WHEN TG_OP = 'DELETE' OR NEW.revoked_at IS NOT NULL THEN 'delegation_revoked'
                                 ELSE 'delegation_accepted' END;
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = d.principal_id) THEN
        PERFORM audit(action, workspace_id => concerned, target_type => 'user', target_id => d.principal_id, after => jsonb_build_object(
            'delegation_id', d.id, 'delegate_id', d.delegate_id, 'permissions', d.permissions, 'ends_at', d.ends_at))
        FROM (SELECT workspaces_of_delegation(d) UNION ALL SELECT NULL WHERE NOT EXISTS (SELECT FROM workspaces_of_delegation(d)))
            AS concerned (concerned);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON delegations FOR EACH ROW EXECUTE FUNCTION audit_delegations();
CREATE TRIGGER p50_audit_changed AFTER UPDATE ON delegations
    FOR EACH ROW WHEN ((OLD.accepted_at, OLD.revoked_at) IS DISTINCT FROM (NEW.accepted_at, NEW.revoked_at))
    EXECUTE FUNCTION audit_delegations();

-- Both hear of it, the delegate's open streams for the principal too: those end with it.
CREATE FUNCTION log_delegations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    d delegations := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' OR d.revoked_at IS NOT NULL THEN
        PERFORM log_append('DelegationRevoked', 'user', delegation_json(d), user_id => users.id)
        FROM users WHERE users.id IN (d.principal_id, d.delegate_id) ORDER BY users.id;
    ELSE
        PERFORM log_append('DelegationUpdated', 'user', delegation_json(d), user_id => users.id)
        FROM users WHERE users.id IN (d.principal_id, d.delegate_id) ORDER BY users.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON delegations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_delegations();
CREATE CONSTRAINT TRIGGER p90_log_change AFTER UPDATE ON delegations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.accepted_at, OLD.revoked_at) IS DISTINCT FROM (NEW.accepted_at, NEW.revoked_at))
    EXECUTE FUNCTION log_delegations();
CREATE CONSTRAINT TRIGGER p90_log_deleted AFTER DELETE ON delegations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL) EXECUTE FUNCTION log_delegations();
