CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON page_comments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Its author goes with their account.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON page_comments
    FOR EACH ROW WHEN ((OLD.id, OLD.page_id, OLD.component_id, OLD.version, OLD.reply_to)
                       IS DISTINCT FROM (NEW.id, NEW.page_id, NEW.component_id, NEW.version, NEW.reply_to)
                       OR NEW.author_id <> OLD.author_id OR (OLD.author_id IS NULL AND NEW.author_id IS NOT NULL))
    EXECUTE FUNCTION refuse_key_change();

-- Under the document's row lock: a deleted page gets no comment, none has more than page_comments_most(), and a reply is
-- about what its thread is about.
CREATE FUNCTION place_page_comment() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    page documents;
    first page_comments;
BEGIN
    SELECT * INTO page FROM documents WHERE id = NEW.page_id AND kind = 'page' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'page_comments_page_id_fkey', MESSAGE = format('there is no page %s', NEW.page_id);
    ELSIF page.deleted_at IS NOT NULL THEN
        PERFORM refuse_deleted_document(page.id, page.kind);
    END IF;
    IF NEW.reply_to IS NOT NULL THEN
        SELECT * INTO first FROM page_comments WHERE id = NEW.reply_to AND page_id = NEW.page_id AND reply_to IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'page_comment_replies_to_first',
                MESSAGE = format('comment %s is not the first one of a thread on page %s', NEW.reply_to, NEW.page_id);
        END IF;
        NEW.component_id := first.component_id;
        NEW.version := first.version;
    ELSE
        NEW.version := coalesce(NEW.version, page.last_seq);
    END IF;
    IF NEW.version NOT BETWEEN 1 AND page.last_seq THEN
        RAISE check_violation USING CONSTRAINT = 'page_comments_version_range',
            MESSAGE = format('page %s has no version %s yet', page.id, NEW.version);
    ELSIF (SELECT count(*) FROM page_comments WHERE page_id = NEW.page_id) >= page_comments_most() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'page_comments_amount',
            MESSAGE = format('page %s has %s comments already', NEW.page_id, page_comments_most()),
            HINT = 'Delete others first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT ON page_comments
    FOR EACH ROW EXECUTE FUNCTION place_page_comment();

-- Nothing changes on a deleted page. Only changes by somebody: comments also go with their thread.
CREATE FUNCTION hold_page_of_comment() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    page documents;
BEGIN
    SELECT * INTO page FROM documents WHERE id = OLD.page_id FOR NO KEY UPDATE;
    IF page.deleted_at IS NOT NULL THEN
        PERFORM refuse_deleted_document(page.id, page.kind);
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER p10_lock BEFORE DELETE OR UPDATE OF content, resolved_at ON page_comments
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION hold_page_of_comment();

CREATE TRIGGER p20_touch BEFORE UPDATE OF content ON page_comments
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION touch_updated_at();

-- Comments count as part of the page, and only up to the quotas.
CREATE FUNCTION count_page_comment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    page CONSTANT bigint := coalesce(NEW.page_id, OLD.page_id);
    change CONSTANT bigint := coalesce(octet_length(NEW.content), 0) - coalesce(octet_length(OLD.content), 0);
BEGIN
    PERFORM charge_page(page, change);
    UPDATE documents SET stored_bytes = greatest(0, stored_bytes + change) WHERE id = page;
    PERFORM settle_document_storage(id) FROM documents
    WHERE id = page AND abs(stored_bytes + storage_of_new_document() - charged_bytes) >= storage_step();
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR DELETE OR UPDATE OF content ON page_comments
    FOR EACH ROW EXECUTE FUNCTION count_page_comment();

-- Removing others' words is an administrative act; the words themselves are not kept.
CREATE FUNCTION audit_page_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('page_comment_deleted', workspace_id => d.workspace_id, document_id => d.id, document_kind => d.kind,
                  target_type => 'page_comment', target_id => OLD.id,
                  before => jsonb_build_object('author_id', OLD.author_id, 'component_id', OLD.component_id))
    FROM documents d WHERE d.id = OLD.page_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER DELETE ON page_comments
    FOR EACH ROW EXECUTE FUNCTION audit_page_comments();

CREATE FUNCTION log_page_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM log_defer('PageCommentDeleted', 'document', 'page_comments', document_id => OLD.page_id, about => OLD.id);
    ELSE
        PERFORM log_defer('PageCommentUpdated', 'document', 'page_comments', document_id => NEW.page_id, about => NEW.id);
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, since a deleted page has no events, and it may have been deleted meanwhile. Without the text: a
-- deleted comment is then nowhere.
CREATE FUNCTION tell_page_comments() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = page_comment_event_json(c)
    FROM page_comments c JOIN documents d ON d.id = c.page_id AND d.deleted_at IS NULL
    WHERE p.xid = own AND p.source = 'page_comments' AND p.about = c.id AND p.kind = 'PageCommentUpdated';
    UPDATE log_pending p SET payload = json_build_object('id', p.about, 'page_id', d.id)
    FROM documents d
    WHERE p.xid = own AND p.source = 'page_comments' AND p.document_id = d.id AND d.deleted_at IS NULL AND p.kind = 'PageCommentDeleted';
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON page_comments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_page_comments();
CREATE CONSTRAINT TRIGGER p90_log_changed AFTER UPDATE ON page_comments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.content, OLD.author_id, OLD.resolved_at, OLD.resolved_by)
                       IS DISTINCT FROM (NEW.content, NEW.author_id, NEW.resolved_at, NEW.resolved_by))
    EXECUTE FUNCTION log_page_comments();
