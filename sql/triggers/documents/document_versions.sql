CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON document_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON document_versions
    FOR EACH ROW WHEN ((OLD.id, OLD.document_id, OLD.seq, OLD.state) IS DISTINCT FROM (NEW.id, NEW.document_id, NEW.seq, NEW.state))
    EXECUTE FUNCTION refuse_key_change();

-- Under the document's row lock: a deleted one gets no version, and none gets more than document_versions_most().
CREATE FUNCTION place_document_version() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    document documents;
BEGIN
    SELECT * INTO document FROM documents WHERE id = NEW.document_id FOR NO KEY UPDATE;
    IF document.deleted_at IS NOT NULL THEN
        PERFORM refuse_deleted_document(document.id, document.kind);
    END IF;
    IF (SELECT count(*) FROM document_versions WHERE document_id = NEW.document_id) >= document_versions_most() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = of_kind('document_versions_amount', document.kind),
            MESSAGE = format('%s %s has %s versions already', document.kind, document.id, document_versions_most()),
            HINT = 'Delete another version first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT ON document_versions
    FOR EACH ROW EXECUTE FUNCTION place_document_version();

CREATE FUNCTION document_version_audit(v document_versions) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN v.id IS NOT NULL THEN jsonb_build_object('name', v.name) END
$$;
CREATE FUNCTION audit_document_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(of_kind(CASE TG_OP WHEN 'INSERT' THEN 'document_version_created' WHEN 'UPDATE' THEN 'document_version_renamed'
                                     ELSE 'document_version_deleted' END, d.kind),
                  workspace_id => d.workspace_id, document_id => d.id, document_kind => d.kind,
                  target_type => of_kind('document_version', d.kind), target_id => coalesce(NEW.id, OLD.id),
                  before => document_version_audit(OLD), after => document_version_audit(NEW))
    FROM documents d WHERE d.id = coalesce(NEW.document_id, OLD.document_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON document_versions
    FOR EACH ROW EXECUTE FUNCTION audit_document_versions();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF name ON document_versions
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_document_versions();

CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM storage_add(workspace_id, OLD.created_by, 'versions', -length(OLD.state)) FROM documents WHERE id = OLD.document_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM storage_add(workspace_id, NEW.created_by, 'versions', length(NEW.state), enforced => TG_OP = 'INSERT')
        FROM documents WHERE id = NEW.document_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE ON document_versions FOR EACH ROW EXECUTE FUNCTION count_version();

CREATE TRIGGER p60_move_storage AFTER UPDATE OF created_by ON document_versions
    FOR EACH ROW WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by) EXECUTE FUNCTION count_version();

CREATE FUNCTION log_document_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    version document_versions := coalesce(NEW, OLD);
BEGIN
    PERFORM log_defer(of_kind(CASE TG_OP WHEN 'DELETE' THEN 'DocumentVersionDeleted' ELSE 'DocumentVersionUpdated' END, kind),
                      'document', 'document_versions', document_id => id, about => version.id)
    FROM documents WHERE id = version.document_id;
    RETURN NULL;
END
$$;

-- Under the log's lock, since a deleted document has no events, and it may have been deleted meanwhile. Without the
-- version's state; one that is already deleted is published as deleted.
CREATE FUNCTION tell_document_versions() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = document_version_json(v, d.kind)
    FROM document_versions v JOIN documents d ON d.id = v.document_id AND d.deleted_at IS NULL
    WHERE p.xid = own AND p.source = 'document_versions' AND p.about = v.id AND p.kind = of_kind('DocumentVersionUpdated', d.kind);
    UPDATE log_pending p SET payload = json_build_object('id', p.about, of_kind('document_id', d.kind), d.id)
    FROM documents d
    WHERE p.xid = own AND p.source = 'document_versions' AND p.document_id = d.id AND d.deleted_at IS NULL
      AND p.kind = of_kind('DocumentVersionDeleted', d.kind);
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON document_versions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_document_versions();
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON document_versions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.created_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.created_at))
    EXECUTE FUNCTION log_document_versions();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON document_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');
