CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON link_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- What is known of a link goes with its last message. Its row is locked first: whoever uses it anew meanwhile is seen.
CREATE FUNCTION drop_unused_link_previews() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM link_previews WHERE id IN (SELECT link_preview_id FROM gone) ORDER BY id FOR UPDATE;
    DELETE FROM link_previews WHERE id IN (SELECT link_preview_id FROM gone)
        AND NOT EXISTS (SELECT FROM link_uses WHERE link_preview_id = link_previews.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_drop_unused AFTER DELETE ON link_uses REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION drop_unused_link_previews();
