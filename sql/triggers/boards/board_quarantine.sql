CREATE FUNCTION log_board_quarantine() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM log_defer('BoardUpdateQuarantined', 'user', 'board_quarantine', document_id => NEW.board_id, about => NEW.seq);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON board_quarantine DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_board_quarantine();

-- Under the log's lock: an event for each of the board's owners, if the update is still there. The row that stands for
-- them all has no payload, and is dropped.
CREATE FUNCTION tell_board_quarantine() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO log_pending (first, source, kind, audience, payload, document_id, user_id)
    SELECT false, p.source, p.kind, p.audience, board_quarantine_json(q), p.document_id, m.user_id
    FROM log_pending p
    JOIN board_quarantine q ON q.board_id = p.document_id AND q.seq = p.about
    JOIN documents d ON d.id = q.board_id AND d.deleted_at IS NULL
    JOIN document_members m ON m.document_id = q.board_id AND m.role = 'owner'
    WHERE p.xid = pg_current_xact_id() AND p.source = 'board_quarantine' ORDER BY p.place, m.user_id;
END
$$;
