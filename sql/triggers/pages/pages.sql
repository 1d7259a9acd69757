CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON pages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON pages
    FOR EACH ROW WHEN (OLD.page_id <> NEW.page_id) EXECUTE FUNCTION refuse_key_change();

-- The rules for the content of a page that has been edited stay.
CREATE FUNCTION keep_page_schema() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM documents WHERE id = NEW.page_id AND last_seq > 1) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'page_schema_is_final',
            MESSAGE = format('page %s has been edited, so its schema stays %s', NEW.page_id, OLD.schema),
            HINT = 'Create another page with its content.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_final_schema BEFORE UPDATE OF schema ON pages
    FOR EACH ROW WHEN (OLD.schema <> NEW.schema) EXECUTE FUNCTION keep_page_schema();

-- Its event has the document's name too, which therefore stays as it is until COMMIT.
CREATE FUNCTION hold_document_of_page() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM documents WHERE id = NEW.page_id FOR NO KEY UPDATE;
    RETURN NEW;
END
$$;
CREATE TRIGGER p10_lock BEFORE UPDATE OF is_template ON pages
    FOR EACH ROW WHEN (OLD.is_template <> NEW.is_template) EXECUTE FUNCTION hold_document_of_page();

CREATE FUNCTION log_pages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('PageUpdated', 'document', document_updated_json(d), document_id => d.id)
    FROM documents d WHERE d.id = NEW.page_id AND d.deleted_at IS NULL;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER UPDATE ON pages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.is_template <> NEW.is_template) EXECUTE FUNCTION log_pages();
