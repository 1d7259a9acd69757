CREATE FUNCTION log_board_quarantine() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_lock();
    PERFORM log_append('BoardUpdateQuarantined', 'user', board_quarantine_json(q), document_id => q.board_id, user_id => m.user_id)
    FROM board_quarantine q
    JOIN documents d ON d.id = q.board_id AND d.deleted_at IS NULL
    JOIN document_members m ON m.document_id = q.board_id AND m.role = 'owner'
    WHERE q.board_id = NEW.board_id AND q.seq = NEW.seq;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON board_quarantine DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_quarantine();
