CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p20_touch BEFORE UPDATE ON documents
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.deleted_at))
    EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON documents
    FOR EACH ROW WHEN ((OLD.id, OLD.kind, OLD.workspace_id) IS DISTINCT FROM (NEW.id, NEW.kind, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE CONSTRAINT TRIGGER p80_has_owner AFTER INSERT ON documents DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keeps_owner('document');

CREATE FUNCTION document_audit(d documents) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.id IS NOT NULL THEN jsonb_build_object('name', d.name) END
$$;
CREATE FUNCTION audit_documents() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    document documents := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE id = document.workspace_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(of_kind(CASE TG_OP WHEN 'INSERT' THEN 'document_created' WHEN 'UPDATE' THEN 'document_updated'
                                     ELSE 'document_deleted' END, document.kind),
                  workspace_id => document.workspace_id, document_id => document.id, document_kind => document.kind,
                  target_type => document.kind, target_id => document.id,
                  before => document_audit(OLD), after => document_audit(NEW));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON documents FOR EACH ROW EXECUTE FUNCTION audit_documents();

CREATE TRIGGER p50_audit_update AFTER UPDATE OF name ON documents
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION audit_documents();

CREATE FUNCTION audit_document_state() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(of_kind(CASE WHEN NEW.deleted_at IS NULL THEN 'document_restored' ELSE 'document_deleted' END, NEW.kind),
                  workspace_id => NEW.workspace_id, document_id => NEW.id, document_kind => NEW.kind,
                  target_type => NEW.kind, target_id => NEW.id,
                  before => CASE WHEN NEW.deleted_at IS NOT NULL THEN document_audit(OLD) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_state AFTER UPDATE OF deleted_at ON documents
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION audit_document_state();

-- Counts stored bytes, and refuses more when a quota is used up (sql/functions/server/storage.sql). A document's
-- content and thumbnail count for its creator, a version for its own.

CREATE FUNCTION count_new_document() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(NEW.workspace_id, NEW.created_by, storage_kind(NEW.kind), NEW.charged_bytes);
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT ON documents FOR EACH ROW EXECUTE FUNCTION count_new_document();

-- Its creator was deleted: it is charged to nobody any more.
CREATE FUNCTION move_document_storage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    thumbnail bigint := (SELECT length(data) FROM document_thumbnails WHERE document_id = NEW.id);
BEGIN
    PERFORM storage_add(NEW.workspace_id, OLD.created_by, storage_kind(NEW.kind), -NEW.charged_bytes),
            storage_add(NEW.workspace_id, NEW.created_by, storage_kind(NEW.kind), NEW.charged_bytes, false),
            storage_add(NEW.workspace_id, OLD.created_by, 'thumbnails', -thumbnail),
            storage_add(NEW.workspace_id, NEW.created_by, 'thumbnails', thumbnail, false);
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_move_storage AFTER UPDATE OF created_by ON documents
    FOR EACH ROW WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by) EXECUTE FUNCTION move_document_storage();

-- Together with its dependents, which have no workspace when they are deleted later.
CREATE FUNCTION release_document() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM storage_add(OLD.workspace_id, OLD.created_by, storage_kind(OLD.kind), -OLD.charged_bytes),
            storage_add(OLD.workspace_id, OLD.created_by, 'thumbnails',
                        -(SELECT length(data) FROM document_thumbnails WHERE document_id = OLD.id));
    PERFORM storage_add(OLD.workspace_id, created_by, 'versions', -sum(length(state)))
    FROM document_versions WHERE document_id = OLD.id GROUP BY created_by ORDER BY created_by;
    RETURN OLD;
END
$$;
CREATE TRIGGER p40_release_storage BEFORE DELETE ON documents FOR EACH ROW EXECUTE FUNCTION release_document();

-- The content of a page begins with version 1, whoever creates it (sql/functions/pages/pages.sql).
CREATE FUNCTION number_page() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_seq := greatest(NEW.last_seq, 1);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON documents FOR EACH ROW WHEN (NEW.kind = 'page') EXECUTE FUNCTION number_page();

CREATE FUNCTION begin_page() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO pages (page_id) VALUES (NEW.id);
    INSERT INTO page_snapshots (page_id, version, content) VALUES (NEW.id, NEW.last_seq, new_page_content());
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_begin_page AFTER INSERT ON documents FOR EACH ROW WHEN (NEW.kind = 'page') EXECUTE FUNCTION begin_page();

-- The appearance and deletion of a document are published member by member, as for chats: see document_members.sql. So
-- is a deletion that can be undone, since no events follow it. The state at COMMIT: the row lock keeps its members
-- unchanged.
CREATE FUNCTION log_documents() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    present documents;
BEGIN
    PERFORM refuse_old_snapshot();
    -- Read again, since it may have been deleted within the same transaction, which its members' events report.
    SELECT * INTO present FROM documents WHERE id = NEW.id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF (OLD.deleted_at IS NULL) = (NEW.deleted_at IS NULL) THEN
        PERFORM log_append(of_kind('DocumentUpdated', NEW.kind), 'document', document_updated_json(NEW), document_id => NEW.id)
        WHERE present.deleted_at IS NULL;
    ELSIF NEW.deleted_at IS NOT NULL THEN
        PERFORM log_append(of_kind('DocumentDeleted', NEW.kind), 'user', row_to_json(shape),
                           document_id => NEW.id, user_id => m.user_id, effect => 'revoke')
        FROM (SELECT NEW.id, NEW.workspace_id) shape, document_members m WHERE m.document_id = NEW.id;
    ELSE
        PERFORM log_defer(of_kind('DocumentRestored', NEW.kind), 'user', 'document_members',
                          document_id => NEW.id, user_id => user_id, effect => access_effect(NULL, role))
        FROM document_members WHERE document_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON documents DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.created_by, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.created_by, NEW.deleted_at))
    EXECUTE FUNCTION log_documents();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON documents
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

CREATE TRIGGER p20_judged BEFORE INSERT OR UPDATE OF name ON documents
    FOR EACH ROW EXECUTE FUNCTION judge_names('name');
