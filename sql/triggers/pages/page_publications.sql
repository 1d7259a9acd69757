CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON page_publications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON page_publications
    FOR EACH ROW WHEN ((OLD.id, OLD.page_id) IS DISTINCT FROM (NEW.id, NEW.page_id))
    EXECUTE FUNCTION refuse_key_change();

-- Under the document's row lock: only a page that is not deleted is published, and for everyone only where its workspace
-- allows it.
CREATE FUNCTION place_page_publication() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    page documents;
BEGIN
    SELECT * INTO page FROM documents WHERE id = NEW.page_id AND kind = 'page' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'page_publications_page_id_fkey', MESSAGE = format('there is no page %s', NEW.page_id);
    ELSIF page.deleted_at IS NOT NULL THEN
        PERFORM refuse_deleted_document(page.id, page.kind);
    ELSIF NEW.version NOT BETWEEN 1 AND page.last_seq THEN
        RAISE check_violation USING CONSTRAINT = 'page_publications_version_range',
            MESSAGE = format('page %s has no version %s yet', page.id, NEW.version);
    ELSIF NEW.audience = 'public' AND NOT (SELECT public_publishing FROM workspaces WHERE id = page.workspace_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'public_publishing_is_off',
            MESSAGE = format('workspace %s publishes pages for its members only', page.workspace_id),
            HINT = 'An admin of the workspace may allow it: public_publishing.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT OR UPDATE OF audience, slug, name, version, schema, content ON page_publications
    FOR EACH ROW EXECUTE FUNCTION place_page_publication();

-- What is served at an address has its time, by which caches know it.
CREATE FUNCTION date_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.published_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_date BEFORE INSERT OR UPDATE OF audience, slug, name, version, schema, content ON page_publications
    FOR EACH ROW EXECUTE FUNCTION date_publication();

CREATE FUNCTION page_publication_audit(p page_publications) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('audience', p.audience, 'slug', p.slug, 'version', p.version) END
$$;
CREATE FUNCTION audit_page_publications() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'DELETE' THEN 'page_unpublished' ELSE 'page_published' END,
                  workspace_id => d.workspace_id, document_id => d.id, document_kind => d.kind,
                  target_type => d.kind, target_id => d.id,
                  before => page_publication_audit(OLD), after => page_publication_audit(NEW))
    FROM documents d WHERE d.id = coalesce(NEW.page_id, OLD.page_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE OR UPDATE OF audience, slug, version ON page_publications
    FOR EACH ROW EXECUTE FUNCTION audit_page_publications();

-- The copy counts as part of the page, and only up to the quotas.
CREATE FUNCTION count_page_publication() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    page CONSTANT bigint := coalesce(NEW.page_id, OLD.page_id);
    change CONSTANT bigint := coalesce(octet_length(NEW.content), 0) - coalesce(octet_length(OLD.content), 0);
BEGIN
    PERFORM charge_page(page, change);
    UPDATE documents SET stored_bytes = greatest(0, stored_bytes + change) WHERE id = page;
    PERFORM settle_document_storage(page);
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF content ON page_publications
    FOR EACH ROW EXECUTE FUNCTION count_page_publication();

CREATE FUNCTION log_page_publications() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_defer('PagePublicationUpdated', 'document', 'page_publications', document_id => coalesce(NEW.page_id, OLD.page_id));
    RETURN NULL;
END
$$;

-- Under the log's lock, since a deleted page has no events, and it may have been deleted meanwhile. The state at COMMIT.
CREATE FUNCTION tell_page_publications() RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
    UPDATE log_pending p SET payload = json_build_object(
        'page_id', d.id, 'publication', (SELECT page_publication_json(c) FROM page_publications c WHERE c.page_id = d.id))
    FROM documents d
    WHERE p.xid = pg_current_xact_id() AND p.source = 'page_publications' AND p.document_id = d.id AND d.deleted_at IS NULL
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON page_publications DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_page_publications();
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON page_publications DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.audience, OLD.slug, OLD.name, OLD.version, OLD.published_by, OLD.published_at)
                       IS DISTINCT FROM (NEW.audience, NEW.slug, NEW.name, NEW.version, NEW.published_by, NEW.published_at))
    EXECUTE FUNCTION log_page_publications();
