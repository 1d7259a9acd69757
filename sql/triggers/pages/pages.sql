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
