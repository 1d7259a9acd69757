-- board_append() counts added updates, in the statement that moves last_seq; this trigger counts deleted ones.
CREATE FUNCTION count_expired_updates() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE documents SET stored_bytes = greatest(0, stored_bytes - gone.bytes)
    FROM (SELECT board_id, sum(length(data)) AS bytes FROM changed GROUP BY board_id) gone WHERE id = gone.board_id;
    PERFORM settle_document_storage(board_id) FROM (SELECT DISTINCT board_id FROM changed ORDER BY board_id) gone;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER DELETE ON board_updates REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_expired_updates();
