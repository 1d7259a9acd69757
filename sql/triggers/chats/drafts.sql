CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON drafts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON drafts
    FOR EACH ROW WHEN ((OLD.chat_id, OLD.user_id) IS DISTINCT FROM (NEW.chat_id, NEW.user_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p20_touch BEFORE UPDATE ON drafts
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION touch_updated_at();

-- A draft deleted with its membership has no event: UserLeftChat and ChatDeleted imply it. Earlier drafts are redacted
-- from the log, as deleted messages are (ADR 9), and so are those that the same transaction has replaced.
CREATE FUNCTION log_drafts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    draft drafts := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (SELECT FROM chat_members WHERE chat_id = draft.chat_id AND user_id = draft.user_id) THEN
        PERFORM log_append('DraftChanged', 'user', row_to_json(shape), chat_id => shape.chat_id, user_id => shape.user_id, tombstone => 'null')
        FROM (SELECT draft.chat_id, draft.user_id, NULL::bigint AS thread_id,
                     (SELECT draft_json(d) FROM drafts d WHERE TG_OP <> 'DELETE' AND d = NEW) AS draft) shape;
    ELSE
        PERFORM log_append(NULL, NULL, NULL, chat_id => draft.chat_id, user_id => draft.user_id, tombstone => 'null');
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON drafts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_drafts();
CREATE CONSTRAINT TRIGGER p90_log_content AFTER UPDATE ON drafts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION log_drafts();
