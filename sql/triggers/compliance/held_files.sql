CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON held_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Held files go with the last content that has them.
CREATE FUNCTION drop_let_go_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM files WHERE id IN (SELECT file_id FROM gone) ORDER BY id FOR UPDATE;
    DELETE FROM files WHERE id IN (SELECT file_id FROM gone) AND held_at IS NOT NULL AND NOT file_is_held(id)
        AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_drop_let_go AFTER DELETE ON held_files REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION drop_let_go_files();
