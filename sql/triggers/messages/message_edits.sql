-- What a hold covers is kept before an operator takes an earlier version away. A message that is deleted has been kept already.
CREATE FUNCTION hold_before_edit_loss() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    edited messages;
    workspace bigint;
BEGIN
    SELECT * INTO edited FROM messages WHERE id = OLD.message_id AND deleted_at IS NULL;
    IF FOUND THEN
        workspace := (SELECT workspace_id FROM chats WHERE id = edited.chat_id);
        IF is_held(workspace) THEN
            PERFORM hold_message(edited, workspace, 'edited');
        END IF;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER p10_hold BEFORE UPDATE OR DELETE ON message_edits FOR EACH ROW EXECUTE FUNCTION hold_before_edit_loss();
