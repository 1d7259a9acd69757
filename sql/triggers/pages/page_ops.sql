CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON page_ops
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- page_append() numbers what it inserts. Any other INSERT leaves out the version, and is numbered here, under the page's
-- row lock.
CREATE FUNCTION place_page_op() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    page documents;
BEGIN
    SELECT * INTO page FROM documents WHERE id = NEW.page_id AND kind = 'page' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'page_ops_page_id_fkey', MESSAGE = format('there is no page %s', NEW.page_id);
    END IF;
    IF page.deleted_at IS NOT NULL THEN
        PERFORM refuse_deleted_document(page.id, 'page');
    END IF;
    -- With the rows that this statement has inserted so far.
    NEW.version := greatest(page.last_seq, (SELECT max(version) FROM page_ops WHERE page_id = NEW.page_id)) + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT ON page_ops
    FOR EACH ROW WHEN (NEW.version IS NULL) EXECUTE FUNCTION place_page_op();

-- What is stored stays as it is. Only what it did to the page is found out later, if it came from psql.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON page_ops
    FOR EACH ROW WHEN (
        (OLD.page_id, OLD.version, OLD.op_id, OLD.patch, OLD.digest, OLD.base, OLD.client_id, OLD.origin, OLD.created_at)
        IS DISTINCT FROM (NEW.page_id, NEW.version, NEW.op_id, NEW.patch, NEW.digest, NEW.base, NEW.client_id, NEW.origin, NEW.created_at)
        OR OLD.inverse <> NEW.inverse OR OLD.effects <> NEW.effects)
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION keep_page_op() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM page_snapshots WHERE page_id = OLD.page_id AND version < OLD.version) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'page_op_is_needed',
            MESSAGE = format('patch %s of page %s is not in its snapshot yet', OLD.version, OLD.page_id),
            HINT = 'To undo it, insert a patch that does: its inverse, for example.';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_needed BEFORE DELETE ON page_ops FOR EACH ROW EXECUTE FUNCTION keep_page_op();

-- Moves the versions of pages and the bytes stored in them by the patches of a statement, and sends a notification. Pages
-- are locked in the order of their ids.
CREATE FUNCTION count_page_ops() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    hole record;
BEGIN
    IF NOT EXISTS (SELECT FROM added) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM documents WHERE id IN (SELECT page_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    SELECT a.page_id, d.last_seq INTO hole
    FROM (SELECT page_id, min(version) AS first, max(version) AS last, count(*) AS amount FROM added GROUP BY page_id) a
    JOIN documents d ON d.id = a.page_id
    WHERE d.kind <> 'page' OR a.first <> d.last_seq + 1 OR a.last <> d.last_seq + a.amount;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'page_versions_are_dense',
            MESSAGE = format('the next version of page %s is %s', hole.page_id, hole.last_seq + 1),
            HINT = 'Leave out the version of a patch that you insert: it is numbered.';
    END IF;
    SELECT f.page_id, f.op_id INTO hole FROM added a JOIN page_refusals f ON f.page_id = a.page_id AND f.op_id = a.op_id;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'page_op_was_refused',
            MESSAGE = format('patch %s of page %s was refused, which its author was told', hole.op_id, hole.page_id),
            HINT = 'Give it another op_id.';
    END IF;
    UPDATE documents d SET last_seq = a.last, stored_bytes = d.stored_bytes + a.bytes
    FROM (SELECT page_id, max(version) AS last, sum(octet_length(patch) + coalesce(octet_length(inverse), 0) + coalesce(octet_length(effects), 0)) AS bytes
          FROM added GROUP BY page_id) a
    WHERE d.id = a.page_id;
    -- page_append() has charged what it inserts.
    PERFORM settle_document_storage(id) FROM documents
    WHERE id IN (SELECT page_id FROM added) AND stored_bytes + storage_of_new_document() - charged_bytes >= storage_step() ORDER BY id;
    PERFORM pg_notify('fechatter_pages', origin || ' ' || string_agg(page_id::text, ' '))
    FROM (SELECT DISTINCT origin, page_id FROM added ORDER BY origin, page_id) a GROUP BY origin;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count AFTER INSERT ON page_ops REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_page_ops();

CREATE FUNCTION count_expired_page_ops() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE documents SET stored_bytes = greatest(0, stored_bytes - gone.bytes)
    FROM (SELECT page_id, sum(octet_length(patch) + coalesce(octet_length(inverse), 0) + coalesce(octet_length(effects), 0)) AS bytes FROM changed GROUP BY page_id) gone
    WHERE id = gone.page_id;
    PERFORM settle_document_storage(page_id) FROM (SELECT DISTINCT page_id FROM changed ORDER BY page_id) gone;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER DELETE ON page_ops REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_expired_page_ops();

-- The inverse and effects of a patch from psql.
CREATE FUNCTION count_page_op_inverse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE documents SET stored_bytes = stored_bytes + octet_length(NEW.inverse) + coalesce(octet_length(NEW.effects), 0)
    WHERE id = NEW.page_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_inverse AFTER UPDATE OF inverse ON page_ops
    FOR EACH ROW WHEN (OLD.inverse IS NULL AND NEW.inverse IS NOT NULL) EXECUTE FUNCTION count_page_op_inverse();
