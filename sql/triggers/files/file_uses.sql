CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON file_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON file_uses
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- A file goes with its last use. Its row is locked first: whoever uses it anew meanwhile is seen, or is refused.
CREATE FUNCTION drop_unused_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM files WHERE id IN (SELECT file_id FROM gone) ORDER BY id FOR UPDATE;
    DELETE FROM files WHERE id IN (SELECT file_id FROM gone)
        AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_drop_unused AFTER DELETE ON file_uses REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION drop_unused_files();
