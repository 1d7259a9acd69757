CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON document_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON document_members
    FOR EACH ROW WHEN ((OLD.document_id, OLD.kind, OLD.user_id, OLD.workspace_id)
                       IS DISTINCT FROM (NEW.document_id, NEW.kind, NEW.user_id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION fill_document_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT kind, workspace_id INTO NEW.kind, NEW.workspace_id FROM documents WHERE id = NEW.document_id;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'document_members_document_fkey',
            MESSAGE = format('there is no document %s', NEW.document_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON document_members
    FOR EACH ROW EXECUTE FUNCTION fill_document_member();

CREATE TRIGGER p60_count_added AFTER INSERT ON document_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_members('document');
CREATE TRIGGER p60_count_removed AFTER DELETE ON document_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_members('document');

-- Under the document's lock, which counting has taken, nobody is let into a deleted one.
CREATE FUNCTION admit_document_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM refuse_deleted_document(documents.id, documents.kind) FROM added JOIN documents ON documents.id = document_id
    WHERE deleted_at IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p70_admit AFTER INSERT ON document_members REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION admit_document_members();

-- A removal locks the document's row when it counts; a change of role locks it here. So a document's members cannot
-- change for the transaction that holds its lock.
CREATE TRIGGER p10_lock_role BEFORE UPDATE ON document_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION lock_place('document');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON document_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION keeps_owner('document');
CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON document_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keeps_owner('document');

CREATE TRIGGER p50_audit_added AFTER INSERT ON document_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION audit_members('document');
CREATE TRIGGER p50_audit_removed AFTER DELETE ON document_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.user_id) EXECUTE FUNCTION audit_members('document');
CREATE TRIGGER p50_audit_role AFTER UPDATE OF role ON document_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_members('document');

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON document_members
    FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

CREATE FUNCTION log_document_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    present documents;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_defer(of_kind('NewDocument', NEW.kind), 'user', 'document_members',
                          document_id => NEW.document_id, user_id => NEW.user_id, effect => access_effect(NULL, NEW.role));
        PERFORM log_defer(of_kind('UserJoinedDocument', NEW.kind), 'document', 'document_members',
                          document_id => NEW.document_id, user_id => NEW.user_id);
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM log_defer(of_kind('DocumentMemberUpdated', NEW.kind), 'document', 'document_members',
                          document_id => NEW.document_id, user_id => NEW.user_id, effect => access_effect(OLD.role, NEW.role));
        -- To all the owners, as ChatAdminAdded goes to all the admins.
        IF OLD.role <> 'owner' AND NEW.role = 'owner' THEN
            PERFORM log_defer(of_kind('DocumentOwnerAdded', NEW.kind), 'admins', 'document_members',
                              document_id => NEW.document_id, about => NEW.user_id);
        END IF;
        RETURN NULL;
    END IF;
    PERFORM refuse_old_snapshot();
    -- The state at COMMIT: a transaction that changes the count has held the row lock since then.
    SELECT * INTO present FROM documents WHERE id = OLD.document_id;
    IF present IS NULL THEN
        PERFORM log_append(of_kind('DocumentDeleted', OLD.kind), 'user', row_to_json(shape),
                           document_id => OLD.document_id, user_id => OLD.user_id, effect => 'revoke')
        FROM (SELECT OLD.document_id AS id, OLD.workspace_id) shape;
    ELSE
        PERFORM log_append(of_kind('UserLeftDocument', OLD.kind), 'document',
                           json_build_object(of_kind('document_id', OLD.kind), OLD.document_id, 'user_id', OLD.user_id,
                                             'member_count', present.member_count),
                           document_id => OLD.document_id, user_id => OLD.user_id, effect => 'revoke');
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, with the members at COMMIT. A deleted document has no events; restoring it publishes its
-- members.
CREATE FUNCTION tell_document_members() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = snapshot, effect = access_effect(NULL, m.role)
    FROM document_members m JOIN documents d ON d.id = m.document_id AND d.deleted_at IS NULL
    CROSS JOIN LATERAL document_snapshot_json(d, m, false) snapshot
    WHERE p.xid = own AND p.document_id = m.document_id AND p.user_id = m.user_id
      AND p.kind IN (of_kind('NewDocument', m.kind), of_kind('DocumentRestored', m.kind));

    UPDATE log_pending p SET payload = json_build_object(
        of_kind('document_id', m.kind), m.document_id, 'user_id', m.user_id, 'username', u.username, 'fullname', u.fullname,
        'avatar', u.avatar, 'status', u.status, 'custom_status', custom_status_json(u), 'role', m.role,
        'invited_by', m.invited_by, 'joined_at', m.joined_at, 'member_count', d.member_count)
    FROM document_members m JOIN users u ON u.id = m.user_id JOIN documents d ON d.id = m.document_id AND d.deleted_at IS NULL
    WHERE p.xid = own AND p.document_id = m.document_id AND p.user_id = m.user_id
      AND p.kind = of_kind('UserJoinedDocument', m.kind);

    UPDATE log_pending p SET payload = document_member_json(m, u), effect = effect_at_commit(p.effect, m.role)
    FROM document_members m JOIN users u ON u.id = m.user_id JOIN documents d ON d.id = m.document_id AND d.deleted_at IS NULL
    WHERE p.xid = own AND p.document_id = m.document_id AND p.user_id = m.user_id
      AND p.kind = of_kind('DocumentMemberUpdated', m.kind);

    UPDATE log_pending p SET payload = json_build_object(
        of_kind('document_id', m.kind), m.document_id, 'user_id', m.user_id, 'invites', invites)
    FROM document_members m JOIN documents d ON d.id = m.document_id AND d.deleted_at IS NULL
    CROSS JOIN LATERAL newest_invites_json(NULL, m.document_id) invites
    WHERE p.xid = own AND p.document_id = m.document_id AND p.about = m.user_id AND m.role = 'owner'
      AND p.kind = of_kind('DocumentOwnerAdded', m.kind);
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON document_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_document_members();
CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE ON document_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.invited_by) IS DISTINCT FROM (NEW.role, NEW.invited_by))
    EXECUTE FUNCTION log_document_members();

CREATE TRIGGER p30_bot BEFORE INSERT OR UPDATE OF role ON document_members
    FOR EACH ROW WHEN (NEW.role = 'owner') EXECUTE FUNCTION bound_bot();
