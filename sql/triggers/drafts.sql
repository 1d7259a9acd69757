CREATE OR REPLACE TRIGGER final_key BEFORE UPDATE ON drafts
    FOR EACH ROW WHEN ((OLD.chat_id, OLD.user_id) IS DISTINCT FROM (NEW.chat_id, NEW.user_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON drafts
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION touch_updated_at();

-- A draft that goes with its membership goes without a word: UserLeftChat and ChatDeleted say it all. What was written before
-- is in the log no longer, as with deleted messages (ADR 9): hence the log's lock, before events are changed.
CREATE OR REPLACE FUNCTION log_drafts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.log'));
    PERFORM log_redact_draft(coalesce(NEW.chat_id, OLD.chat_id), coalesce(NEW.user_id, OLD.user_id));
    PERFORM log_append('DraftChanged', 'user', row_to_json(shape), chat_id => shape.chat_id, user_id => shape.user_id)
    FROM (SELECT coalesce(NEW.chat_id, OLD.chat_id) AS chat_id, coalesce(NEW.user_id, OLD.user_id) AS user_id,
                 CASE WHEN TG_OP <> 'DELETE' THEN draft_json(NEW) END AS draft) shape
    JOIN chat_members USING (chat_id, user_id);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON drafts;
CREATE CONSTRAINT TRIGGER log AFTER INSERT OR DELETE ON drafts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_drafts();
DROP TRIGGER IF EXISTS log_content ON drafts;
CREATE CONSTRAINT TRIGGER log_content AFTER UPDATE ON drafts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION log_drafts();
