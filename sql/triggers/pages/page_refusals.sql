CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON page_refusals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Its author goes with their account.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON page_refusals
    FOR EACH ROW WHEN ((OLD.page_id, OLD.op_id, OLD.digest, OLD.code, OLD.refused_at)
                       IS DISTINCT FROM (NEW.page_id, NEW.op_id, NEW.digest, NEW.code, NEW.refused_at)
                       OR NEW.user_id <> OLD.user_id OR (OLD.user_id IS NULL AND NEW.user_id IS NOT NULL))
    EXECUTE FUNCTION refuse_key_change();

-- Under the page's row lock, as page_append(): what is stored cannot be refused any more.
CREATE FUNCTION refuse_stored_page_op() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM documents WHERE id = NEW.page_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM page_ops WHERE page_id = NEW.page_id AND op_id = NEW.op_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'page_op_is_stored',
            MESSAGE = format('patch %s of page %s is stored', NEW.op_id, NEW.page_id),
            HINT = 'To undo it, insert a patch that does: its inverse, for example.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_not_stored BEFORE INSERT ON page_refusals FOR EACH ROW EXECUTE FUNCTION refuse_stored_page_op();
